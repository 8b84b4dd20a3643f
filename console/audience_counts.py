"""Counting an audience off the request: whoever waits is told to ask again, never made to wait.

With many people in the database a count of everybody takes seconds. It goes on by itself, and
the page fetches what it found when it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from campaigns.audience import Audience, Counts
from campaigns.service import Campaigns

PATIENCE = 0.4
"""Seconds that a page waits for a count."""
KEPT = 5.0
"""Seconds that a count which took longer stays for the page to fetch it."""
AT_ONCE = 2


class AudienceCounts:
    """The counts under way in this process: one an audience, however many pages ask."""

    def __init__(
        self, campaigns: Campaigns, patience: float = PATIENCE, kept: float = KEPT
    ) -> None:
        self._campaigns = campaigns
        self._patience, self._kept = patience, kept
        self._tasks: dict[tuple[Audience, str], asyncio.Task[Counts]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def get(self, audience: Audience, campaign: str = "") -> Counts | None:
        """The counts of `audience`, for `campaign`'s cap; None while they are being made.

        Raises what counting raised.
        """
        asked = audience, campaign
        task = self._tasks.get(asked)
        if task is None:
            task = self._tasks[asked] = asyncio.create_task(self._count(audience, campaign))
        await asyncio.wait({task}, timeout=self._patience)
        return task.result() if task.done() else None

    async def stop(self) -> None:
        """Break off what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _count(self, audience: Audience, campaign: str) -> Counts:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with self._room:
                return await self._campaigns.count(audience, campaign)
        finally:
            # Who waited has it already; it is kept for those who must ask again.
            stays = self._kept if loop.time() - began > self._patience / 2 else 0
            loop.call_later(stays, self._forget, (audience, campaign))

    def _forget(self, asked: tuple[Audience, str]) -> None:
        task = self._tasks.pop(asked, None)
        if task is not None and task.done() and not task.cancelled():
            task.exception()  # Perhaps nobody came to see it.


AUDIENCE_COUNTS = web.AppKey("audience_counts", AudienceCounts)


async def audience_counts(app: web.Application) -> AsyncIterator[None]:
    """Break off, when the server ends, what it is counting."""
    yield
    await app[AUDIENCE_COUNTS].stop()
