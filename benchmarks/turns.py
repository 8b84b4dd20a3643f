"""Turns per second, from webhook to delivered reply, with everything durable.

One process of the platform (web server and worker) and the embedded database, against a
quick Telegram on loopback in this process. Robot citizens go through the welcome and a whole
scorecard survey. Run with:  python -m benchmarks.turns [citizens ...]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from benchmarks.platform import empty_database, environment, start
from benchmarks.process_figures import cpu_seconds, resident
from tests.endurance.processes import Process, onoo
from tests.world.database import free_port
from tests.world.quick_telegram import QuickPhone, QuickTelegram, quick_telegram
from tests.world.robots import Robot

LOADS = (1, 8, 64)


@dataclass
class TimedPhone:
    """A phone that notes how long each reply took, from the act to the first message."""

    phone: QuickPhone
    took: list[float]

    @property
    def changed(self) -> asyncio.Condition:
        return self.phone.changed

    @property
    def screen(self) -> list:  # type: ignore[type-arg]
        return self.phone.screen

    async def join(self) -> None:
        await self._timed(self.phone.join())

    async def write(self, text: str) -> None:
        await self._timed(self.phone.write(text))

    async def tap(self, payload: str) -> None:
        await self._timed(self.phone.tap(payload))

    async def _timed(self, act) -> None:  # type: ignore[no-untyped-def]
        seen, began = len(self.phone.screen), time.perf_counter()
        await act
        async with self.phone.changed:
            await self.phone.changed.wait_for(lambda: len(self.phone.screen) > seen)
        self.took.append(self.phone.screen[seen].at - began)


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure(
    platform: QuickTelegram, processes: list[Process], citizens: int, first: int
) -> None:
    """One load, and its line of figures."""
    took: list[float] = []
    platform.acknowledged_in.clear()
    robots = [
        Robot(TimedPhone(platform.phone(first + n), took), n, patience=60) for n in range(citizens)
    ]
    before = [cpu_seconds(process.pid) for process in processes]
    began = time.perf_counter()
    await asyncio.gather(*(robot.live() for robot in robots))
    seconds = time.perf_counter() - began
    turns = sum(robot.turns for robot in robots)
    acknowledged = platform.acknowledged_in
    cost = {
        process.name: (cpu_seconds(process.pid) - used) / turns * 1000
        for process, used in zip(processes, before, strict=True)
    }
    print(
        f"{citizens:>4} citizens  {turns:>5} turns  {turns / seconds:7.1f} turns/s   "
        f"reply p50 {statistics.median(took) * 1000:6.1f} ms  "
        f"p99 {percentile(took, 0.99) * 1000:6.1f} ms   "
        f"stored p50 {statistics.median(acknowledged) * 1000:6.1f} ms  "
        f"p99 {percentile(acknowledged, 0.99) * 1000:6.1f} ms   processor "
        + ", ".join(f"{name} {spent:.1f} ms/turn" for name, spent in cost.items()),
        flush=True,
    )


async def main(loads: tuple[int, ...]) -> None:
    """All loads, one after another, on a fresh database."""
    folder = Path(tempfile.mkdtemp(prefix="onoo-turns-"))
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(quick_telegram())
        server, base = await empty_database(stack, folder)
        web = free_port()
        here = f"http://127.0.0.1:{web}"
        settings = environment(platform, folder, web, server.uri)
        bot = onoo("start", "start", settings, folder, f"{here}/readyz")
        await start(stack, bot)
        await measure(platform, [base, bot], 2, 1_000)  # warm-up
        for number, citizens in enumerate(loads):
            await measure(platform, [base, bot], citizens, 10_000 * (number + 1))
        for process in (base, bot):
            print(f"{process.name:>10}: {resident(process.pid):.0f} MB resident")
        async with ClientSession() as client, client.get(f"{here}/metrics") as answer:
            for line in (await answer.text()).splitlines():
                if line.startswith(("onoo_turn_seconds_sum", "onoo_turn_seconds_count")):
                    print(line)


if __name__ == "__main__":
    asyncio.run(main(tuple(int(word) for word in sys.argv[1:]) or LOADS))
