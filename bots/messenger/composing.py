"""An `Outgoing` laid out as the messages Messenger can carry, within all its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymessenger import Button, Element

from bots.splitting import split, utf16_length
from conversations.messages import Choice, Outgoing
from locales import text as words

MAX_TEXT = 2000
MAX_TITLE = 20
MAX_PAYLOAD = 1000
MAX_QUICK_REPLIES = 13
BUTTONS_A_CARD = 3
CARDS_A_ROW = 10


class Unsendable(Exception):
    """A message Messenger could never take; the argument is the reason's code."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message: ready to send, or a file ("image" or "file", by media id) to upload first."""

    message: dict[str, Any] | None = None
    kind: str = ""
    media: str = ""


def compose(message: Outgoing) -> list[Part]:
    """The messages to send, in order; raises `Unsendable`.

    Up to 13 choices become quick replies, which vanish once one is pressed, so that no
    question is answered twice; more become cards of buttons to leaf through.
    """
    for choice in message.choices:
        if not choice.label or not 1 <= len(choice.payload) <= MAX_PAYLOAD:
            raise Unsendable("choice")
    parts = [Part(kind="image", media=message.picture)] if message.picture else []
    parts += [Part(kind="file", media=message.document)] if message.document else []
    listed, titles = _titles(message.choices)
    text = "\n\n".join(filter(None, (message.text.strip(), listed)))
    if message.choices and not text:
        text = words(message.locale, "channel.choose")
    texts: list[dict[str, Any]] = [{"text": piece} for piece in split(text, MAX_TEXT, utf16_length)]
    if 0 < len(titles) <= MAX_QUICK_REPLIES:
        texts[-1]["quick_replies"] = [
            {"content_type": "text", "title": title, "payload": choice.payload}
            for title, choice in zip(titles, message.choices, strict=True)
        ]
    parts += [Part(each) for each in texts]
    if len(titles) > MAX_QUICK_REPLIES:
        parts += _cards(titles, message)
    if not parts:
        raise Unsendable("empty")
    return parts


def count_parts(message: Outgoing) -> int:
    """How many messages `compose` makes; one that can't be sent counts as one."""
    try:
        return len(compose(message))
    except Unsendable:
        return 1


def _titles(choices: Sequence[Choice]) -> tuple[str, list[str]]:
    """A list to put into the text, and what stands on each button.

    A label too long for a button goes into the list, the button shows its number; so that
    numbers run on, all before it are numbered too. Short ones after the last long one (such
    as "back") keep their words.
    """
    too_long = [utf16_length(choice.label) > MAX_TITLE for choice in choices]
    numbered = len(choices) - too_long[::-1].index(True) if any(too_long) else 0
    lines = [f"{number}. {each.label}" for number, each in enumerate(choices[:numbered], 1)]
    titles = [str(number) for number in range(1, numbered + 1)]
    return "\n".join(lines), titles + [each.label for each in choices[numbered:]]


def _cards(titles: list[str], message: Outgoing) -> list[Part]:
    buttons = [
        Button(type="postback", title=title, payload=choice.payload)
        for title, choice in zip(titles, message.choices, strict=True)
    ]
    groups = [
        buttons[start : start + BUTTONS_A_CARD] for start in range(0, len(buttons), BUTTONS_A_CARD)
    ]
    heading = words(message.locale, "channel.choose")
    cards = [
        Element(title=f"{heading} {number}/{len(groups)}", buttons=group)
        for number, group in enumerate(groups, 1)
    ]
    return [
        Part(_template(cards[start : start + CARDS_A_ROW]))
        for start in range(0, len(cards), CARDS_A_ROW)
    ]


def _template(cards: list[Any]) -> dict[str, Any]:
    payload = {"template_type": "generic", "elements": cards}
    return {"attachment": {"type": "template", "payload": payload}}
