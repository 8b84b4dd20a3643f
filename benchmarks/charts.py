"""How long an answer with a chart takes: `python -m benchmarks.charts [answers]`.

The whole platform in this process with the embedded database; a robot on the web chat's socket
asks for budgets by button. Printed for charts never drawn before and for those drawn already:
from the tap to the delivered picture, and from the committed turn to the delivered picture.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bots.civic_facts import warm_up
from bots.platform import Platform
from content.budgets import BudgetLine
from settings import Settings
from storage.budgets import Budgets
from storage.database import connect
from storage.store import Store
from tests.world.database import embedded, free_port
from tests.world.web_phone import WebPhone, web_phone

ANSWERS = 30
PACE = 0.6
"""Seconds between taps: a visitor may do two things a second in the long run."""
FIRST_YEAR = 1995


def lines(years: int) -> list[BudgetLine]:
    """Made-up figures, one soum, so many years: each year asked for is another chart."""
    return [
        BudgetLine(
            year=FIRST_YEAR + number % years,
            place="2101",
            stage=stage,
            amount=1_000_000 * (number + 1),
            item=f"Зардал {number}",
            source="benchmark",
            as_of="2026-01-01",
            sector="education",
            facility_kind="school",
        )
        for number in range(years * 6)
        for stage in ("approved", "executed")
    ]


class Commits:
    """Notes when each turn is committed."""

    def __init__(self, store: Store) -> None:
        self.at: list[float] = []
        self._commit = store.sessions.commit
        store.sessions.commit = self._noting  # type: ignore[method-assign]

    async def _noting(self, *parts, **named):  # type: ignore[no-untyped-def]
        done = await self._commit(*parts, **named)
        self.at.append(time.perf_counter())
        return done


async def ask(phone: WebPhone, year: int) -> float:
    """One tap; when its picture, and the message after it, were on the page."""
    seen = len(phone.screen)
    await phone.tap(f"bu:at:2101:{year}:education:school:")
    async with asyncio.timeout(30), phone.changed:
        await phone.changed.wait_for(lambda: len(phone.screen) >= seen + 2)
    assert str(year) in phone.screen[seen].text
    return time.perf_counter()


async def measure(name: str, phone: WebPhone, commits: Commits, years: range) -> None:
    """One line of figures."""
    whole, since_commit = [], []
    for year in years:
        began = time.perf_counter()
        shown = await ask(phone, year)
        whole.append((shown - began) * 1000)
        since_commit.append((shown - commits.at[-1]) * 1000)
        await asyncio.sleep(PACE)
    for what, took in (("tap to delivered", whole), ("commit to delivered", since_commit)):
        print(
            f"{name:>12}  {what:<20} n={len(took)}  p50 {statistics.median(took):6.1f} ms  "
            f"max {max(took):6.1f} ms",
            flush=True,
        )


@asynccontextmanager
async def platform(store: Store) -> AsyncIterator[str]:
    """The platform; the address of its web chat."""
    settings = Settings(_env_file=None, port=free_port(), nlu_url="http://127.0.0.1:9")
    built = Platform.build(settings, store)
    async with built.working(), built.serving():
        yield f"http://127.0.0.1:{settings.port}"
    await built.nlu.close()


async def run(uri: str, answers: int) -> None:
    store = Store(connect(uri, "charts"), b"benchmark")
    await store.prepare()
    await Budgets(store.database).store("b1", "b.csv", lines(answers), datetime.now(UTC))
    commits = Commits(store)
    began = time.perf_counter()
    await warm_up()
    print(f"warm-up {time.perf_counter() - began:.2f} s (in a thread, when a worker starts)")
    async with platform(store) as address, web_phone(address) as phone:
        await phone.join()
        for payload in ("lang:mn", "consent:yes"):
            async with phone.changed:
                await phone.changed.wait_for(
                    lambda wanted=payload: any(wanted in s.payloads for s in phone.screen)
                )
            await phone.tap(payload)
        async with phone.changed:
            await phone.changed.wait_for(
                lambda: any("place:skip" in s.payloads for s in phone.screen)
            )
        years = range(FIRST_YEAR, FIRST_YEAR + answers)
        await measure("never drawn", phone, commits, years)
        await measure("drawn before", phone, commits, years)
    store.close()


def main(answers: int) -> None:
    """Both measurements on a fresh database."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with embedded(Path(tempfile.mkdtemp(prefix="onoo-charts-"))) as server:
        asyncio.run(run(server.uri, answers))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ANSWERS)
