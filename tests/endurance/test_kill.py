"""Citizens converse while the platform's processes are killed again and again.

At the end every citizen has reached the end, no acknowledged event is lost, no answer is
doubled or out of order, and what was sent twice is recorded as unknown.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.endurance.processes import Process
from tests.endurance.town import account, town, until_settled


async def kill_at_random(
    processes: Sequence[Process], kills: int, conversing: asyncio.Future[object]
) -> Counter[str]:
    """Kill one process after another, at random moments, and start each again; each once first."""
    dice = random.Random(20261124)
    first = dice.sample(processes, len(processes))
    killed: Counter[str] = Counter()
    while killed.total() < kills or not conversing.done():
        await asyncio.wait({conversing}, timeout=dice.uniform(0.5, 3.0))
        if killed.total() >= kills:
            await asyncio.wait({conversing})
            break
        victim = first.pop() if first else dice.choice(processes)
        await victim.kill()
        killed[victim.name] += 1
        await victim.start()
    return killed


@pytest.mark.parametrize(
    ("front", "citizens", "on_telegram", "kills"), [("serve", 200, 24, 21), ("start", 40, 4, 9)]
)
async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    front: str,
    citizens: int,
    on_telegram: int,
    kills: int,
) -> None:
    """What comes in is left to the workers (`serve`), or answered at the door (`start`).

    Few are on Telegram, since the emulator brings one update after another, fewest where each
    waits at the door.
    """
    async with town(tmp_path, citizens, on_telegram, front=front) as place:
        conversing = asyncio.gather(*(robot.live() for robot in place.robots))
        killed = await kill_at_random(list(place.processes.values()), kills, conversing)
        await conversing
        await until_settled(place.store)
        report = await account(place)
        with capsys.disabled():
            print(f"\nkilled {dict(killed)}; {report}")
        assert killed.total() >= kills
        assert len(killed) == 4
