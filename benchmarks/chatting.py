"""Twenty robot citizens who chat with a running platform while something else is measured."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from types import TracebackType

from benchmarks.platform import environment, start
from benchmarks.turns import TimedPhone, percentile
from tests.endurance.processes import onoo
from tests.world.database import free_port
from tests.world.quick_telegram import QuickTelegram, quick_telegram
from tests.world.robots import Robot

CITIZENS = 20
READS_FOR = 1.0
"""Seconds a person looks at a message before they tap."""


class ReadingPhone(TimedPhone):
    """A phone in the hand of somebody who reads."""

    async def tap(self, payload: str) -> None:
        await asyncio.sleep(READS_FOR)
        await super().tap(payload)


class Chatting:
    """Use in an `async with`; `took` fills with the seconds each reply took."""

    def __init__(self, uri: str, folder: Path) -> None:
        self._uri = uri
        self._folder = folder
        self._stack = AsyncExitStack()
        self._robots: list[asyncio.Task[None]] = []
        self.took: list[float] = []

    async def __aenter__(self) -> Chatting:
        platform = await self._stack.enter_async_context(quick_telegram())
        web = free_port()
        settings = environment(platform, self._folder, web, self._uri)
        ready = f"http://127.0.0.1:{web}/readyz"
        bot = onoo("start", "start", settings, self._folder, ready)
        await start(self._stack, bot)
        # Others than in an earlier run on the same database, who have answered by now.
        numbers = count(50_000 + int(time.time()) % 1_000_000 * 100)
        self._robots = [asyncio.create_task(self._live(platform, numbers)) for _ in range(CITIZENS)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for robot in self._robots:
            robot.cancel()
        await asyncio.gather(*self._robots, return_exceptions=True)
        await self._stack.aclose()

    async def _live(self, platform: QuickTelegram, numbers: count[int]) -> None:
        """One citizen after another, each through a whole survey."""
        while True:
            number = next(numbers)
            await Robot(ReadingPhone(platform.phone(number), self.took), number, 60).live()

    def figures(self) -> str:
        """What the citizens felt since `took` was cleared; raises what a robot stumbled over."""
        for robot in self._robots:
            if robot.done():
                robot.result()
        if len(self.took) < 2:
            return "nobody got a reply"
        return (
            f"{len(self.took)} replies, p50 {statistics.median(self.took) * 1000:.0f} ms, "
            f"p99 {percentile(self.took, 0.99) * 1000:.0f} ms"
        )
