"""What Graph's answers mean for delivery.

Codes: https://developers.facebook.com/docs/messenger-platform/error-codes
"""

from __future__ import annotations

import aiohttp

from bots.channel import Receipt, Result
from bots.foreign import items, load, mapping, string, whole
from bots.messenger.graph import Answer

PAGE_PAUSE = 60.0  # seconds, where Graph doesn't say how long a limit lasts

_OUTSIDE_WINDOW = (2018278, 2018065)
_UNAVAILABLE = (1545041, 1893047, 2018108)
_STOPPED = (10, 190, 200)
_TOO_MUCH = (4, 32, 613, 80006)
_PASSING = (1, 2, 1200)
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def receipt_for(answer: Answer) -> Receipt:
    """What became of a send that Graph answered; the reason is code/subcode."""
    error = mapping(answer.body.get("error"))
    if error:
        return _refusal(error, answer)
    if message := string(answer.body.get("message_id"), 256):
        return Receipt(Result.SENT, message=message)
    if answer.status >= 500:
        return Receipt(Result.RETRY, reason=f"http:{answer.status}")
    if answer.status >= 400:
        return Receipt(Result.REFUSED, reason=f"http:{answer.status}")
    # A success that can't be read: it may have arrived.
    return Receipt(Result.UNKNOWN, reason="unreadable")


def receipt_for_failure(error: aiohttp.ClientError | TimeoutError) -> Receipt:
    """What became of a send that got no answer."""
    never_sent = isinstance(error, _NEVER_SENT)
    result = Result.RETRY if never_sent else Result.UNKNOWN
    return Receipt(result, reason=type(error).__name__)


def _refusal(error: dict[str, object], answer: Answer) -> Receipt:
    code, subcode = whole(error.get("code")), whole(error.get("error_subcode"))
    reason = f"{code}/{subcode}" if subcode else f"{code}"
    transient = error.get("is_transient") is True
    if subcode in _OUTSIDE_WINDOW:
        return Receipt(Result.WINDOW, reason=reason)
    if code == 551 or subcode in _UNAVAILABLE:
        return Receipt(Result.RETRY if transient else Result.BLOCKED, reason=reason)
    if code in _STOPPED:
        return Receipt(Result.STOPPED, reason=reason)
    if code in _TOO_MUCH:
        return Receipt(Result.WAIT, delay=_pause(answer.usage), everyone=True, reason=reason)
    if code in _PASSING or transient or answer.status >= 500:
        return Receipt(Result.RETRY, reason=reason)
    return Receipt(Result.REFUSED, reason=reason)


def _pause(usage: str) -> float:
    """Seconds until the limit lifts: Graph tells minutes, by kind of use."""
    try:
        pages = mapping(load(usage.encode())).values()
    except ValueError:
        pages = {}.values()
    minutes = [
        whole(mapping(use).get("estimated_time_to_regain_access")) or 0
        for uses in pages
        for use in items(uses)
    ]
    return max(minutes, default=0) * 60.0 or PAGE_PAUSE
