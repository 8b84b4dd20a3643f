"""Citizens converse while something around the platform is broken; the books must balance.

Each fault begins in the middle of the conversations and is mended after a while. Then every
citizen reaches the end, nothing acknowledged is lost, no answer is doubled.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.endurance import faults
from tests.endurance.town import PATIENCE, Town, account, town, until_settled

CITIZENS = 40
ON_TELEGRAM = 8
MIDDLE = 6
"""Turns a citizen has had, on average, when the fault begins."""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
DISK = 400 << 20

Bring = Callable[[Town], Awaitable[None]]
Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Prints a line of figures, whatever pytest does with the output."""

    def line(words: str) -> None:
        with capsys.disabled():
            print(f"\n{words}", end="")

    return line


async def survive(place: Town, bring: Bring, say: Say) -> None:
    """Bring about a fault in the middle of all conversations, and check the books at the end."""
    conversing = asyncio.gather(*(robot.live() for robot in place.robots))
    while place.turns < MIDDLE * len(place.robots):
        await asyncio.sleep(0.05)
    began, before = time.monotonic(), place.turns
    await bring(place)
    lasted, during = time.monotonic() - began, place.turns - before
    async with asyncio.timeout(6 * PATIENCE):
        await conversing
    await until_settled(place.store)
    books = await account(place)
    say(f"{bring.__name__}: {lasted:.0f} s, {during} turns meanwhile; {books}")


@pytest.mark.parametrize(
    "bring",
    [
        faults.database_away,
        faults.database_line_dead,
        faults.platform_lines_dead,
        faults.platforms_down,
        faults.too_many_requests,
        faults.errors_everywhere,
        faults.poisoned_entries,
    ],
    ids=lambda bring: bring.__name__,
)
async def test_nothing_is_lost(tmp_path: Path, bring: Bring, say: Say) -> None:
    async with town(tmp_path, CITIZENS, ON_TELEGRAM) as place:
        await survive(place, bring, say)
        if bring is faults.poisoned_entries:
            kept = [each async for each in place.store.database.poisoned.find({})]
            assert len(kept) == 3, "set aside, for people to look at"


async def test_a_full_disk_loses_nothing(tmp_path: Path, say: Say) -> None:
    async with faults.small_disk(tmp_path, DISK) as mounted:
        if not mounted:
            pytest.skip("this machine lets nobody mount a small disk")
        async with town(tmp_path, CITIZENS, ON_TELEGRAM) as place:
            await survive(place, faults.disk_full, say)


@pytest.mark.skipif(not FAKETIME.exists(), reason="needs Debian's libfaketime")
async def test_a_clock_that_jumps_loses_nothing(tmp_path: Path, say: Say) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0\n", "ascii")
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with town(tmp_path, CITIZENS, ON_TELEGRAM) as place:
        worker = place.processes["work-2"]
        await worker.stop()
        worker.environment |= faked
        await worker.start()
        await survive(place, faults.clocks_jump, say)


@pytest.mark.parametrize("mood", ["down", "slow", "wrong", "broken"])
async def test_understanding_fails(tmp_path: Path, mood: str, say: Say) -> None:
    async with (
        faults.understanding() as (rasa, port),
        town(tmp_path, CITIZENS, ON_TELEGRAM, nlu=port) as place,
    ):
        for robot in place.robots:
            robot.asks = "сургуулийн хоол үнэгүй юу"
        rasa.mood = mood
        if mood == "down":
            place.lines["nlu"].fail()
        await asyncio.gather(*(robot.live() for robot in place.robots))
        await until_settled(place.store)
        books = await account(place)
        asked = place.lines["nlu"].met if mood == "down" else rasa.asked
        assert asked, "nobody asked Rasa"
        assert not books.asked_again, "somebody waited in vain"
        say(f"Rasa {mood}: asked {asked} times; {books}")
