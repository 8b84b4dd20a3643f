"""200 citizens converse while the platform's processes are killed again and again.

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

CITIZENS = 200
ON_TELEGRAM = 24
KILLS = 21


async def kill_at_random(
    processes: Sequence[Process], conversing: asyncio.Future[object]
) -> Counter[str]:
    """Kill one process after another, at random moments, and start each again."""
    dice = random.Random(20261124)
    killed: Counter[str] = Counter()
    while killed.total() < KILLS or not conversing.done():
        await asyncio.wait({conversing}, timeout=dice.uniform(0.5, 3.0))
        if killed.total() >= KILLS:
            await asyncio.wait({conversing})
            break
        victim = dice.choice(processes)
        await victim.kill()
        killed[victim.name] += 1
        await victim.start()
    return killed


async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with town(tmp_path, CITIZENS, ON_TELEGRAM) as place:
        conversing = asyncio.gather(*(robot.live() for robot in place.robots))
        killed = await kill_at_random(list(place.processes.values()), conversing)
        await conversing
        await until_settled(place.store)
        report = await account(place)
        with capsys.disabled():
            print(f"\nkilled {dict(killed)}; {report}")
        assert killed.total() >= 20
        assert len(killed) == 4
