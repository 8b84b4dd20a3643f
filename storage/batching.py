"""Writes of many callers, stored in one go: whatever came while the last batch was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")

GATHER = 0.02
"""Seconds for which items that nobody is in a hurry for are gathered."""


@dataclass(eq=False, slots=True)
class Ticket(Generic[ItemT]):
    """An item left to be stored: `done` is True once it is, False if it was withdrawn."""

    item: ItemT
    soon: bool
    done: asyncio.Future[bool]


class Batches(Generic[ItemT]):
    """Hands items to `write` in lists of at most `most`, one list at a time, in their order."""

    def __init__(self, write: Callable[[list[ItemT]], Awaitable[None]], most: int) -> None:
        self._write = write
        self._most = most
        self._waiting: list[Ticket[ItemT]] = []
        self._soon = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def put(self, item: ItemT) -> None:
        """Return when `item` is stored; raises what `write` raised for its list."""
        await self.leave(item, soon=True).done

    def leave(self, item: ItemT, *, soon: bool = False) -> Ticket[ItemT]:
        """Have `item` stored; unless that is wanted `soon`, more is gathered for a moment."""
        ticket = Ticket(item, soon, asyncio.get_running_loop().create_future())
        self._waiting.append(ticket)
        if soon or len(self._waiting) >= self._most:
            self._soon.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return ticket

    def withdraw(self, ticket: Ticket[ItemT]) -> bool:
        """Take an item back; False if it is stored or being stored."""
        if ticket not in self._waiting:
            return False
        self._waiting.remove(ticket)
        if not ticket.done.done():
            ticket.done.set_result(False)
        return True

    async def _drain(self) -> None:
        while self._waiting:
            await self._gather()
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            outcome: Exception | None = None
            try:
                if batch:
                    await self._write([ticket.item for ticket in batch])
            except Exception as error:
                outcome = error
            for ticket in batch:
                if ticket.done.done():
                    continue
                if outcome is None:
                    ticket.done.set_result(True)
                else:
                    ticket.done.set_exception(outcome)

    async def _gather(self) -> None:
        if len(self._waiting) < self._most and not any(ticket.soon for ticket in self._waiting):
            self._soon.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHER):
                await self._soon.wait()
