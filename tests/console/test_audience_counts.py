"""The live count: nobody waits for a long one, everybody gets it in the end, and it is right."""

from __future__ import annotations

import asyncio
import re

import pytest

from campaigns.audience import Audience, Counts
from campaigns.population import Kept
from console.app import AUDIENCE_COUNTS
from console.audience_counts import AudienceCounts
from console.desk import Desk
from tests.console.conftest import Open

ANYBODY = Audience()


class Slow:
    """Campaigns whose counts come when the test lets them."""

    def __init__(self) -> None:
        self.may, self.begun = asyncio.Event(), 0

    async def count(self, audience: Audience, campaign: str = "") -> Counts:
        self.begun += 1
        await self.may.wait()
        return Counts(now=len(audience.places), over_cap=self.begun)


async def test_a_long_count_is_made_once_for_all_who_ask_and_then_fetched() -> None:
    slow = Slow()
    counts = AudienceCounts(slow, patience=0.01, kept=60)  # type: ignore[arg-type]
    asked = [await counts.get(Audience(places=("65",))) for _ in range(3)]
    assert (asked, slow.begun) == ([None] * 3, 1)
    assert await counts.get(ANYBODY) is None
    slow.may.set()
    assert await counts.get(Audience(places=("65",))) == Counts(now=1, over_cap=2)
    assert slow.begun == 2
    await counts.stop()


async def test_a_quick_count_is_made_anew_each_time() -> None:
    slow = Slow()
    slow.may.set()
    counts = AudienceCounts(slow, patience=10)  # type: ignore[arg-type]
    for times in (1, 2):
        assert await counts.get(ANYBODY) == Counts(over_cap=times)
        await asyncio.sleep(0)


async def test_what_counting_raised_is_told_and_then_tried_again() -> None:
    class Away:
        async def count(self, audience: Audience, campaign: str = "") -> Counts:
            raise ConnectionError

    counts = AudienceCounts(Away(), patience=10)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await counts.get(ANYBODY)
        await asyncio.sleep(0)


async def test_everybody_is_read_once_for_those_who_ask_together() -> None:
    clock = iter(range(100))
    kept: Kept[list[int]] = Kept(lambda: float(next(clock)))
    read = 0

    async def everybody() -> list[int]:
        nonlocal read
        read += 1
        await asyncio.sleep(0)
        return [read]

    assert await asyncio.gather(*(kept.get(everybody) for _ in range(3))) == [[1]] * 3


async def test_the_page_asks_again_until_the_count_is_there(
    desk: Desk, visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await visit("admin")
    for n in range(3):
        await desk.store.database.citizens.insert_one(
            {"_id": f"c{n}", "channel": "telegram", "consent": "given", "place": "6501"}
        )
    real, may = desk.campaigns.count, asyncio.Event()

    async def slow(audience: Audience, campaign: str = "") -> Counts:
        await may.wait()
        return await real(audience, campaign)

    counts = person.client.server.app._subapps[0][AUDIENCE_COUNTS]  # type: ignore[union-attr]
    monkeypatch.setattr(counts, "_patience", 0.01)
    monkeypatch.setattr(desk.campaigns, "count", slow)
    words = await (await person.post("/console/campaigns/count")).text()
    again = re.search(r'hx-post="([^"]+)" hx-trigger="load', words)
    assert again
    assert again[1] == "/console/campaigns/count"
    assert "figure" not in words
    may.set()
    monkeypatch.setattr(counts, "_patience", 10)
    words = await (await person.post(again[1])).text()
    assert "<strong>3</strong>" in words
    assert "hx-trigger" not in words
