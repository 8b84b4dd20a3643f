"""An `Outgoing` laid out as the messages Telegram can carry, within all its limits."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bots.splitting import split, utf16_length
from conversations.messages import Choice, Outgoing
from locales import text as words

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_PAYLOAD = 64  # bytes of UTF-8
MAX_BUTTONS = 100  # in one keyboard
MAX_COLUMNS = 8

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


class Unsendable(Exception):
    """A message Telegram could never take; the argument is the reason's code."""


@dataclass(slots=True)
class Part:
    """One message: text, or a picture or document (by media id) with the text as caption."""

    text: str = ""
    picture: str = ""
    document: str = ""
    markup: Markup | None = None


def compose(message: Outgoing) -> list[Part]:
    """The messages to send, in order; raises `Unsendable`.

    Text goes without parse_mode: what a citizen typed may be quoted in it and must not be
    taken for markup. Choices stand under the last message; above 100 they go on under more.
    """
    for choice in message.choices:
        if not choice.label or not 1 <= len(choice.payload.encode()) <= MAX_PAYLOAD:
            raise Unsendable("choice")
    parts = _media(message)
    text = message.text.strip()
    if parts and utf16_length(text) <= MAX_CAPTION and message.wants != "location":
        parts[-1].text = text
    else:
        parts += [Part(text=piece) for piece in split(text, MAX_TEXT, utf16_length)]
    if not parts:
        raise Unsendable("empty")
    _add_choices(parts, message)
    _add_reply_keyboard(parts, message)
    return parts


def count_parts(message: Outgoing) -> int:
    """How many messages `compose` makes; one that can't be sent counts as one."""
    try:
        return len(compose(message))
    except Unsendable:
        return 1


def _media(message: Outgoing) -> list[Part]:
    parts = [Part(picture=message.picture)] if message.picture else []
    return parts + ([Part(document=message.document)] if message.document else [])


def _add_choices(parts: list[Part], message: Outgoing) -> None:
    choices = message.choices
    for start in range(0, len(choices), MAX_BUTTONS):
        if start:
            parts.append(Part(text=words(message.locale, "channel.more")))
        parts[-1].markup = _keyboard(choices[start : start + MAX_BUTTONS], message.columns)


def _keyboard(choices: tuple[Choice, ...], columns: int) -> InlineKeyboardMarkup:
    width = min(max(1, columns), MAX_COLUMNS)
    buttons = [InlineKeyboardButton(each.label, callback_data=each.payload) for each in choices]
    rows = [buttons[start : start + width] for start in range(0, len(buttons), width)]
    return InlineKeyboardMarkup(rows)


def _add_reply_keyboard(parts: list[Part], message: Outgoing) -> None:
    """Offer the location button, or take an earlier one away.

    A message carries only one keyboard, so beside choices the button needs a message of its
    own. Taking away is repeated on every message without choices: it shows nothing where
    there is no keyboard, and needs no memory of who still has one.
    """
    if message.wants == "location":
        if parts[-1].markup or not parts[-1].text:
            parts.append(Part(text=words(message.locale, "channel.location.hint")))
        button = KeyboardButton(
            words(message.locale, "channel.location.button"), request_location=True
        )
        parts[-1].markup = ReplyKeyboardMarkup(
            [[button]], resize_keyboard=True, one_time_keyboard=True
        )
    elif not parts[-1].markup and not (parts[-1].picture or parts[-1].document):
        parts[-1].markup = ReplyKeyboardRemove()
