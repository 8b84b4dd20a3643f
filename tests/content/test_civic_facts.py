"""The facts behind the answers, from a real database: budgets, pictures, letters, reports."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.civic_facts import register_civic_facts
from bots.facts import Facts
from bots.platform import Platform
from content import drawing
from content.budget_import import read_budget
from content.budget_mapping import read_mapping
from content.charts import Chart, Series
from content.facilities import Facility
from content.letters import Letter
from conversations.facts import (
    BudgetOf,
    ChartPicture,
    FacilitiesOf,
    LetterFile,
    ReportState,
    ReportStatus,
)
from settings import Settings
from storage.budgets import Budgets
from storage.erasure import erase
from storage.facilities import Facilities
from storage.store import Store

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "content" / "demonstration"


@pytest.fixture
def facts(store: Store) -> Facts:
    facts = Facts()
    register_civic_facts(facts, store)
    return facts


async def test_the_demonstration_budget_is_marked_as_such(store: Store, facts: Facts) -> None:
    mapping = read_mapping(EXAMPLE / "budget.yml")
    batch = read_budget(EXAMPLE / "budget.csv", mapping, date(2026, 11, 24))
    assert batch.demonstration
    await Budgets(store.database).store(
        batch.import_id, batch.file, batch.lines, NOW, demonstration=batch.demonstration
    )
    found = await facts.fetch(BudgetOf("2101", sector="education", facility="school"), "c")
    assert (found.year, found.plan, found.executed) == (2025, 1_133_000_000, None)
    assert found.demonstration
    assert [year.year for year in found.history] == [2023, 2024, 2025]
    assert await facts.fetch(BudgetOf("2201"), "c") is None


async def test_a_chart_is_drawn_and_stored_once_for_all(store: Store, facts: Facts) -> None:
    chart = Chart("bars", "Төсөв", ("Цалин", "Түлш"), (Series("", (5_000_000, 2_000_000)),))
    media = await facts.fetch(ChartPicture(chart), "c1")
    assert await facts.fetch(ChartPicture(chart), "c2") == media
    other_process = Facts()
    register_civic_facts(other_process, store)
    assert await other_process.fetch(ChartPicture(chart), "c3") == media
    data, mime, _ = await store.media.get(media)
    assert mime == "image/png"
    assert data.startswith(b"\x89PNG")


async def test_a_letter_goes_when_its_citizen_is_forgotten(store: Store, facts: Facts) -> None:
    letter = Letter("petition", "Засаг дарга", "Гүүр эвдэрсэн", date(2026, 11, 24), sender="Бат")
    media = await facts.fetch(LetterFile(letter), "citizen")
    data, mime, _ = await store.media.get(media)
    assert mime == "application/pdf"
    assert data.startswith(b"%PDF")
    await erase(store.database, "citizen")
    with pytest.raises(KeyError):
        await store.media.get(media)


async def test_facilities_and_reports(store: Store, facts: Facts) -> None:
    school = Facility("S1", "1-р сургууль", "school", "2101")
    await Facilities(store.database).store([school])
    assert await facts.fetch(FacilitiesOf("2101", ("school",)), "c") == (school,)
    report = {"_id": "r1", "reference": "1234567890", "status": "new", "at": NOW, "text": "…"}
    await store.database.reports.insert_one(report)
    assert await facts.fetch(ReportStatus("1234567890"), "c") == ReportState("new", NOW)
    assert await facts.fetch(ReportStatus("0000000000"), "c") is None


async def test_a_worker_draws_once_for_nobody_when_it_starts(store: Store) -> None:
    drawing.draw.cache_clear()
    platform = Platform.build(Settings(_env_file=None), store)
    async with platform.working():
        pass
    assert drawing.draw.cache_info().misses == 1
    await platform.nlu.close()
