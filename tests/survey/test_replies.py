"""Replies of every kind a survey asks for, as typed, shared and attached."""

from __future__ import annotations

import pytest

from tests.survey.forms import form
from tests.survey.talking import Talk

FORM = """
| survey |
| | type | name | label |
| | {kind} | it | It? |
| | text | next | And then? |
"""


def answer(talk: Talk) -> str:
    """What the paradata have as the answer to the question."""
    return [event.new for event in talk.log if event.node == "it"][-1]


def asked(kind: str) -> Talk:
    """A survey that stands at a question of `kind`."""
    talk = Talk(form(FORM.format(kind=kind)), "en")
    talk.taps("Start")
    return talk


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "2026-03-15", "2026-03-15"),
        ("date", "15.03.2026", "2026-03-15"),
        ("time", "9:30", "09:30"),
        ("datetime", "2026-03-15 9:30", "2026-03-15T09:30"),
        ("geopoint", "47.92, 106.92", "47.92 106.92"),
        ("text", "сайн", "сайн"),
        ("decimal", "3.5", "3.5"),
    ],
)
def test_a_typed_reply_is_read(kind: str, text: str, value: str) -> None:
    talk = asked(kind)
    talk.types(text)
    assert "And then?" in talk.said
    assert answer(talk).startswith(value)


@pytest.mark.parametrize(
    ("kind", "text"), [("date", "маргааш юм уу"), ("time", "орой"), ("geopoint", "манай гэр")]
)
def test_what_cannot_be_read_is_asked_for_again(kind: str, text: str) -> None:
    talk = asked(kind)
    talk.types(text)
    assert "And then?" not in talk.said
    assert answer(talk) == ""


def test_a_shared_place_is_an_answer_to_a_place_only() -> None:
    talk = asked("geopoint")
    talk.shares(47.92, 106.92)
    assert "And then?" in talk.said
    assert answer(talk).startswith("47.92 106.92")
    talk = asked("integer")
    talk.shares(47.92, 106.92)
    assert "And then?" not in talk.said


@pytest.mark.parametrize(
    ("kind", "mime", "size", "fits"),
    [
        ("image", "image/jpeg", 1000, True),
        ("image", "audio/ogg", 1000, False),
        ("image", "image/jpeg", 20_000_001, False),
        ("audio", "audio/ogg", 1000, True),
        ("file", "application/pdf", 1000, True),
        ("text", "image/jpeg", 1000, False),
    ],
)
def test_a_file_is_an_answer_where_its_kind_is_asked_for(
    kind: str, mime: str, size: int, fits: bool
) -> None:
    talk = asked(kind)
    talk.attaches(mime, size)
    assert ("And then?" in talk.said) is fits
