"""Writes of many callers, stored in one go: whatever came while the last batch was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Batches(Generic[ItemT]):
    """Hands items to `write` in lists of at most `most`, one list at a time, in their order."""

    def __init__(self, write: Callable[[list[ItemT]], Awaitable[None]], most: int) -> None:
        self._write = write
        self._most = most
        self._waiting: list[tuple[ItemT, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, item: ItemT) -> None:
        """Return when `item` is stored; raises what `write` raised for its list."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            outcome: Exception | None = None
            try:
                await self._write([item for item, _ in batch])
            except Exception as error:
                outcome = error
            for _, done in batch:
                if done.done():
                    continue
                if outcome is None:
                    done.set_result(None)
                else:
                    done.set_exception(outcome)
