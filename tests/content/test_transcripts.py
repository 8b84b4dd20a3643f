"""Forty scripted questions reach the right, sourced answer, word for word as read before."""

from __future__ import annotations

from typing import Any

import pytest

from content.entitlement import entitlements
from content.search import search
from tests.content.transcripts import GOLDEN, golden, hold, scripts, written

SCRIPTS = scripts()


def test_there_are_enough_questions_over_every_topic() -> None:
    turns = [turn for script in SCRIPTS for turn in script["turns"]]
    assert sum(1 for turn in turns if "says" in turn) >= 40
    asked = {turn.get("intent", "").removeprefix("ask_entitlement/") for turn in turns}
    assert asked >= {*entitlements(), "ask_budget", "ask_ldf_projects"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script["title"]))
def test_answers_hold_what_they_must(script: dict[str, Any]) -> None:
    for exchange in hold(script):
        told = "\n".join(message.text for message in exchange.said)
        for fragment in exchange.must:
            assert fragment in told, f"{exchange.done!r} was answered with:\n{told}"
        assert 1 <= len(exchange.said) <= 4


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script["title"]))
def test_transcripts_are_as_they_were_read(script: dict[str, Any]) -> None:
    assert golden(script["title"]).read_text("utf-8") == written(script["title"], hold(script))


def test_no_transcript_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {golden(s["title"]).name for s in SCRIPTS}


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        (turn["says"], turn["intent"].removeprefix("ask_entitlement/"))
        for script in SCRIPTS
        for turn in script["turns"]
        if turn.get("intent", "").startswith("ask_entitlement/")
    ],
)
def test_search_alone_has_the_topic_among_its_three(text: str, topic: str) -> None:
    assert topic in [hit.topic for hit in search(text)]
