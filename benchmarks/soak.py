"""A long run at half of full load: nothing may grow, and nothing may be lost.

One process (`start`), or `serve` and two `work`, and the embedded database, against a quick
Telegram in this process. New citizens keep coming, each goes through the welcome and a whole
scorecard survey and leaves. Every minute: memory, open files, sockets and tasks of each process,
and the time replies took. Run with:  python -m benchmarks.soak [start|split] [minutes] [turns/s]
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from aiohttp import ClientSession

from benchmarks.platform import empty_database, environment, start
from benchmarks.process_figures import resident
from benchmarks.turns import TimedPhone, percentile
from storage.database import connect
from tests.endurance.processes import Process, onoo
from tests.world.database import free_port
from tests.world.quick_telegram import QuickTelegram, quick_telegram
from tests.world.robots import Robot

TURNS_OF_ONE = 35
"""About how many turns one robot takes from Start to the end of the survey."""
HALF = {"start": 40.0, "split": 17.0}
"""Turns a second: half of what each can do (docs/performance.md, docs/scale.md)."""
SETTLED = 10
"""Minutes after which a process counts as warm: growth is measured from there."""


@dataclass
class Life:
    """Citizens who come, converse and leave; how long replies took since last asked."""

    platform: QuickTelegram
    per_second: float
    took: list[float] = field(default_factory=list)
    came: int = 0
    done: int = 0
    turns: int = 0

    async def go_on(self) -> None:
        """Let citizens come at an even pace, for ever."""
        async with asyncio.TaskGroup() as here:
            for number in count(10_000):
                here.create_task(self._live(number))
                self.came += 1
                await asyncio.sleep(TURNS_OF_ONE / self.per_second)

    async def _live(self, number: int) -> None:
        phone = self.platform.phone(number)
        robot = Robot(TimedPhone(phone, self.took), number, patience=60)
        await robot.live()
        self.turns += robot.turns
        self.done += 1
        self.platform.phones.pop(number)


@dataclass(frozen=True)
class Sample:
    """What one process holds at a moment."""

    memory: float
    files: int
    sockets: int
    tasks: int


async def sample(client: ClientSession, process: Process) -> Sample:
    """Look at a process from outside, and at its metrics."""
    folder = Path(f"/proc/{process.pid}/fd")
    links = [_target(each) for each in await asyncio.to_thread(lambda: list(folder.iterdir()))]
    tasks = 0
    if process.ready:
        async with client.get(process.ready.replace("healthz", "metrics")) as answer:
            for line in (await answer.text()).splitlines():
                if line.startswith("onoo_tasks "):
                    tasks = int(float(line.split()[1]))
    sockets = sum(link.startswith("socket:") for link in links)
    return Sample(resident(process.pid), len(links), sockets, tasks)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


async def main(how: str, minutes: int, per_second: float) -> None:
    """The whole soak; prints a line a minute and what grew at the end."""
    folder = Path(tempfile.mkdtemp(prefix="onoo-soak-"))
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(quick_telegram())
        client = await stack.enter_async_context(ClientSession())
        server, base = await empty_database(stack, folder)
        processes = [base, *await _started(how, stack, platform, folder, server.uri)]
        life = Life(platform, per_second)
        living = asyncio.create_task(life.go_on())
        history: list[dict[str, Sample]] = []
        for minute in range(1, minutes + 1):
            await asyncio.sleep(60)
            if living.done():
                living.result()
            now = {each.name: await sample(client, each) for each in processes}
            history.append(now)
            _line(minute, life, now)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        _growth(history)
        await _lost(life, server.uri)


async def _started(
    how: str, stack: AsyncExitStack, platform: QuickTelegram, folder: Path, uri: str
) -> list[Process]:
    web = free_port()
    settings = environment(platform, folder, web, uri)
    role = "start" if how == "start" else "serve"
    processes = [onoo(role, role, settings, folder, f"http://127.0.0.1:{web}/healthz")]
    for number in (1, 2) if how == "split" else ():
        port = free_port()
        own = {**settings, "ONOO_METRICS_PORT": str(port)}
        ready = f"http://127.0.0.1:{port}/healthz"
        processes.append(onoo(f"work{number}", "work", own, folder, ready))
    for process in processes:
        await start(stack, process)
    return processes


def _line(minute: int, life: Life, now: dict[str, Sample]) -> None:
    took, life.took[:] = list(life.took), []
    held = "  ".join(
        f"{name} {each.memory:.0f} MB {each.files} files {each.sockets} sockets"
        + (f" {each.tasks} tasks" if each.tasks else "")
        for name, each in now.items()
    )
    print(
        f"{minute:>3} min  {len(took) / 60:5.1f} turns/s  p50 {statistics.median(took) * 1000:.0f}"
        f" p99 {percentile(took, 0.99) * 1000:.0f} ms  load {os.getloadavg()[0]:.1f}  {held}",
        flush=True,
    )


def _growth(history: list[dict[str, Sample]]) -> None:
    """How much each process held at the end more than when it was warm."""
    warm, last = history[min(SETTLED, len(history)) - 1], history[-1]
    for name in last:
        before, after = warm[name], last[name]
        print(
            f"{name}: memory {before.memory:.0f} to {after.memory:.0f} MB, files {before.files} "
            f"to {after.files}, sockets {before.sockets} to {after.sockets}, "
            f"tasks {before.tasks} to {after.tasks}"
        )


async def _lost(life: Life, uri: str) -> None:
    database = connect(uri, "onoo")
    complete = await database.cases.count_documents({"status": "complete"})
    print(f"{life.came} citizens came, {life.done} finished, {complete} complete cases stored")
    assert complete >= life.done, "a finished case is not stored"
    database.client.close()


if __name__ == "__main__":
    which, length, pace = (sys.argv[1:] + ["start", "30", ""][len(sys.argv) - 1 :])[:3]
    asyncio.run(main(which, int(length), float(pace or HALF[which])))
