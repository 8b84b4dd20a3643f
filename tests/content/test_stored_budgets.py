"""Imports of budgets: all or nothing, repeatable, undoable; and the answers they give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from content.budgets import BudgetLine, BudgetRequest
from content.facilities import Facility
from storage.budgets import AlreadyImported, Budgets, Overlap
from storage.facilities import Facilities
from storage.store import Store

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def line(amount: int, row: int, **fields: Any) -> BudgetLine:
    told = {
        "year": 2024,
        "place": "2101",
        "stage": "approved",
        "item": f"Зардал {row}",
        "source": "Шилэн данс",
        "as_of": "2024-12-31",
        "sector": "education",
        **fields,
    }
    return BudgetLine(amount=amount, row=row, **told)


LINES = [line(700, 2), line(300, 3), line(900, 4, stage="executed"), line(800, 5, year=2023)]


@pytest.fixture
def budgets(store: Store) -> Budgets:
    return Budgets(store.database)


async def counts(store: Store) -> list[int]:
    names = ("budgets", "budget_totals", "imports")
    return [await store.database[name].count_documents({}) for name in names]


async def test_a_place_s_budget(budgets: Budgets) -> None:
    heard: list[int] = []
    await budgets.store("i1", "a.csv", LINES, NOW, progress=heard.append)
    found = await budgets.budget_of(BudgetRequest("2101"))
    assert found is not None
    assert (found.year, found.plan, found.plan_stage, found.executed) == (
        2024,
        1000,
        "approved",
        900,
    )
    assert found.change == pytest.approx(0.25)
    assert found.items[0] == ("Зардал 2", 700)
    assert (found.source, found.as_of, found.below) == ("Шилэн данс", "2024-12-31", False)
    assert heard[-1] == len(LINES)


async def test_nothing_is_known_of_other_places_years_and_sectors(budgets: Budgets) -> None:
    assert await budgets.budget_of(BudgetRequest("2101")) is None
    await budgets.store("i1", "a.csv", LINES, NOW)
    for request in (
        BudgetRequest("2201"),
        BudgetRequest("2101", 2020),
        BudgetRequest("2101", sector="health"),
        BudgetRequest("2101", facility="school"),
        BudgetRequest("21.*"),
    ):
        assert await budgets.budget_of(request) is None


async def test_an_aimag_without_figures_of_its_own_is_the_sum_of_its_parts(
    budgets: Budgets,
) -> None:
    await budgets.store("i1", "a.csv", [line(5, 2), line(7, 3, place="2104")], NOW)
    found = await budgets.budget_of(BudgetRequest("21"))
    assert found is not None
    assert (found.plan, found.below) == (12, True)


async def test_an_amount_a_pupil_needs_a_count_of_about_that_year(
    store: Store, budgets: Budgets
) -> None:
    lines = [line(1000, 2, facility_kind="school")]
    await budgets.store("i1", "a.csv", lines, NOW)
    request = BudgetRequest("2101", facility="school")
    facilities = Facilities(store.database)
    for year, pupils in ((2020, 0), (2025, 50)):
        await facilities.store([Facility("S1", "x", "school", "2101", pupils=50, pupils_year=year)])
        found = await budgets.budget_of(request)
        assert found is not None
        assert found.pupils == pupils


async def test_made_up_figures_are_marked(budgets: Budgets) -> None:
    await budgets.store("i1", "a.csv", LINES, NOW, demonstration=True)
    found = await budgets.budget_of(BudgetRequest("2101"))
    assert found is not None
    assert found.demonstration


async def test_importing_again_changes_nothing(store: Store, budgets: Budgets) -> None:
    await budgets.store("i1", "a.csv", LINES, NOW)
    before = await counts(store)
    with pytest.raises(AlreadyImported):
        await budgets.store("i1", "a.csv", LINES, NOW)
    assert await counts(store) == before


async def test_undo_and_back_again(store: Store, budgets: Budgets) -> None:
    await budgets.store("i1", "a.csv", LINES, NOW)
    assert await budgets.undo("i1")
    assert not await budgets.undo("i1")
    assert not await budgets.undo("unknown")
    assert await budgets.budget_of(BudgetRequest("2101")) is None
    before = await counts(store)
    await budgets.store("i1", "a.csv", LINES, NOW)
    assert await counts(store) == before
    assert await budgets.budget_of(BudgetRequest("2101")) is not None
    (kept,) = await budgets.imports()
    assert (kept.id, kept.file, kept.size, kept.status) == ("i1", "a.csv", 4, "active")


async def test_figures_that_another_import_holds(store: Store, budgets: Budgets) -> None:
    await budgets.store("i1", "a.csv", LINES, NOW)
    before = await counts(store)
    with pytest.raises(Overlap, match=r"2101/2024/education/ \(approved\) in import i1"):
        await budgets.store("i2", "b.csv", [line(1, 2)], NOW)
    assert await counts(store) == before
    await budgets.store("i3", "c.csv", [line(1, 2, sector="health")], NOW)
    await budgets.store("i4", "d.csv", [line(1, 2, stage="amended")], NOW)


class Interrupted(Exception):
    """The import is cut off."""


async def test_an_import_that_is_cut_off_leaves_nothing(store: Store, budgets: Budgets) -> None:
    def stop(_: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        await budgets.store("i1", "a.csv", LINES, NOW, progress=stop)
    assert await counts(store) == [0, 0, 0]


async def test_what_a_killed_import_left_is_not_seen_and_replaced(
    store: Store, budgets: Budgets
) -> None:
    await budgets.store("i1", "a.csv", LINES, NOW)
    await store.database.imports.update_one({"_id": "i1"}, {"$set": {"status": "staged"}})
    assert await budgets.budget_of(BudgetRequest("2101")) is None
    await budgets.store("i1", "a.csv", LINES, NOW)
    found = await budgets.budget_of(BudgetRequest("2101"))
    assert found is not None
    assert found.plan == 1000


async def test_a_hundred_thousand_lines(store: Store, budgets: Budgets) -> None:
    def lines() -> Iterable[BudgetLine]:
        for number in range(100_000):
            yield line(1, number, place=f"{1000 + number % 400}")

    await budgets.store("i1", "a.csv", list(lines()), NOW)
    found = await budgets.budget_of(BudgetRequest("1001"))
    assert found is not None
    assert found.plan == 250
    (kept,) = await budgets.imports()
    assert kept.size == 100_000
