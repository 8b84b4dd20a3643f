"""What Telegram's errors mean for delivery.

The table is Telegram's (https://core.telegram.org/bots/api#making-requests) as
python-telegram-bot 22.8 raises it; what was never sent is told apart from what may have
arrived by the aiohttp error behind it.
"""

from __future__ import annotations

import aiohttp
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bots.channel import Receipt, Result

_NEVER_SENT = (
    aiohttp.ConnectionTimeoutError,  # of the connection, or while waiting for a free one
    aiohttp.ClientConnectorError,
    aiohttp.InvalidURL,
)
_NO_FAULT = ("not modified", "query is too old")
_FORBIDDEN = {
    "blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "kicked": "kicked",
    "can't initiate": "cannot_initiate",
}


def receipt_for(error: TelegramError) -> Receipt:
    """What became of a send that ended in `error`; the reason is a code, never its text."""
    if isinstance(error, RetryAfter):
        return Receipt(Result.WAIT, delay=seconds_to_wait(error), everyone=True, reason="429")
    if isinstance(error, Forbidden):
        return Receipt(Result.BLOCKED, reason=_named(error, _FORBIDDEN, "forbidden"))
    if isinstance(error, InvalidToken):
        return Receipt(Result.STOPPED, reason="token")
    if isinstance(error, BadRequest):  # a NetworkError to python-telegram-bot: asked first
        if any(words in error.message.lower() for words in _NO_FAULT):
            return Receipt(Result.SENT)
        return Receipt(
            Result.REFUSED, reason=_named(error, {"chat not found": "no_chat"}, "bad_request")
        )
    if isinstance(error, NetworkError):
        return _network(error)
    # A success status with an unreadable body, or an error nobody knows: it may have arrived.
    return Receipt(Result.UNKNOWN, reason=type(error).__name__)


def seconds_to_wait(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    delay = error.retry_after
    return float(delay) if isinstance(delay, int) else delay.total_seconds()


def _network(error: NetworkError) -> Receipt:
    cause = error.__cause__
    if isinstance(cause, _NEVER_SENT):
        return Receipt(Result.RETRY, reason=type(cause).__name__)
    if isinstance(error, TimedOut) or isinstance(cause, aiohttp.ClientError):
        return Receipt(Result.UNKNOWN, reason=type(cause or error).__name__)
    if "too large" in error.message.lower():
        return Receipt(Result.REFUSED, reason="too_large")
    # Telegram answered, with a 5xx: it did not take the message.
    return Receipt(Result.RETRY, reason="server")


def _named(error: TelegramError, names: dict[str, str], otherwise: str) -> str:
    message = error.message.lower()
    return next((name for words, name in names.items() if words in message), otherwise)
