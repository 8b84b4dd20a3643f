"""Sending a message of several parts so that a repeat never doubles those that arrived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bots.channel import Receipt, Result

TRIES = 3  # for a part whose predecessors have arrived
LONGEST_PAUSE = 30.0  # seconds

P = TypeVar("P")
SendOne = Callable[[str, P], Awaitable[Receipt]]
Sleep = Callable[[float], Awaitable[None]]

_AGAIN = (Result.WAIT, Result.RETRY)


async def send_all(address: str, parts: Sequence[P], send_one: SendOne[P], sleep: Sleep) -> Receipt:
    """Send `parts` (at least one) in order; the receipt of the whole.

    A first part that fails is told as it is: nothing has arrived, the whole may be sent
    again. Later parts are tried patiently here, and what still can't be finished is unknown
    rather than to be sent again. Where a receipt says that the chat moved, the rest follows.
    """
    receipt = await send_one(address, parts[0])
    moved_to = receipt.moved_to
    for part in parts[1:]:
        if receipt.result is not Result.SENT:
            break
        receipt = await _patiently(moved_to or address, part, send_one, sleep)
        moved_to = receipt.moved_to or moved_to
    return replace(receipt, moved_to=moved_to)


async def _patiently(address: str, part: P, send_one: SendOne[P], sleep: Sleep) -> Receipt:
    receipt = await send_one(address, part)
    for _ in range(TRIES - 1):
        if receipt.result not in _AGAIN or receipt.delay > LONGEST_PAUSE:
            break
        await sleep(receipt.delay or 1.0)
        receipt = await send_one(address, part)
    if receipt.result in _AGAIN:
        return Receipt(Result.UNKNOWN, reason=f"partly:{receipt.reason}")
    return receipt
