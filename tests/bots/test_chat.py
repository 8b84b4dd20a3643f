"""The conversation in a terminal, with nothing stored."""

from __future__ import annotations

import pytest

from bots.chat import TerminalConversation, _show
from conversations.events import Heard, Said
from tests.worker.conftest import plain_facts


def texts(events: list) -> list[str]:  # type: ignore[type-arg]
    """What was said."""
    return [event.message.text for event in events if isinstance(event, Said)]


async def test_buttons_are_pressed_by_their_numbers() -> None:
    talk = TerminalConversation(plain_facts())
    await talk.join()
    labels = [choice.label for choice in talk.choices]
    assert "English" in labels
    said = texts(await talk.hear(f"#{labels.index('English') + 1}"))
    assert any("Onoo" in text for text in said)
    assert talk.choices[0].payload.startswith("consent:")


@pytest.mark.parametrize("line", ["#99", "#x"])
async def test_a_number_without_a_button_is_text(line: str) -> None:
    talk = TerminalConversation(plain_facts())
    await talk.join()
    heard = [event for event in await talk.hear(line) if isinstance(event, Heard)]
    assert [(event.text, event.payload) for event in heard] == [(line, "")]


async def test_messages_and_buttons_are_shown_with_their_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    talk = TerminalConversation(plain_facts(), "en")
    _show(await talk.join())
    shown = capsys.readouterr().out
    assert f"#1 {talk.choices[0].label}" in shown
