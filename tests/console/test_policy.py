"""The policy view: made of what is public, and of nothing that was held back there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.results import FacilityResult, Group, Indicator
from console import policy
from console.desk import Desk
from content.facilities import Facility
from storage.results import ResultStore
from storage.store import Store
from tests.console.conftest import HERE, THERE, Open

AT = datetime(2026, 11, 1, tzinfo=UTC)


def indicator(name: str, mean: float | None, change: float | None = None) -> Indicator:
    n = None if mean is None else 10
    return Indicator(name, {"mn": name, "en": name}, n, mean, {}, change)


def result(facility: str, mean: float, campaign: str = "k", at: datetime = AT) -> FacilityResult:
    return FacilityResult(
        campaign=campaign, facility=facility, form="clinic", title={"mn": "x"}, at=at, n=10,
        suppressed=False,
        indicators=(indicator("wait", mean, 0.5), indicator("fees", None)),
        groups=(
            Group("sex", "female", {"mn": "эмэгтэй"}, 6, mean + 1),
            Group("sex", "male", {"mn": "эрэгтэй"}, None, None),
        ),
    )  # fmt: skip


def line(facility: str, mean: float, latest: bool = True, at: datetime = AT) -> dict[str, Any]:
    where = Facility(facility, facility, "health_centre", HERE if facility == "H1" else THERE)
    return policy.line_of(where, result(facility, mean, at=at), latest)


def test_what_is_held_back_is_nowhere() -> None:
    one = line("H1", 2.0)
    assert [each["name"] for each in one["indicators"]] == ["wait"]
    assert [each["value"] for each in one["groups"]] == ["female"]
    assert policy.by_group([one], "mn") == [
        {"dimension": "sex", "label": "эмэгтэй", "n": 6, "mean": 3.0}
    ]


def test_the_lowest_stand_first_with_their_change() -> None:
    lines = [line("H1", 4.0), line("H2", 2.0)]
    assert [row["facility"] for row in policy.lowest(lines)] == ["H2", "H1"]
    [row] = policy.by_indicator(lines, "mn")
    assert (row["mean"], row["change"], row["facilities"]) == (3.0, 0.5, 2)
    [aimag] = policy.by_aimag(lines)
    assert (aimag["aimag"], aimag["mean"], aimag["change"]) == ("65", 3.0, 0.5)


def test_halves_of_years_count_each_facility_once() -> None:
    spring = datetime(2026, 3, 1, tzinfo=UTC)
    lines = [
        line("H1", 2.0, latest=False, at=spring),
        line("H1", 4.0, latest=False, at=spring + timedelta(days=9)),
        line("H2", 1.0, latest=False, at=spring),
        line("H1", 5.0),
    ]
    assert policy.by_half_year(lines) == [
        {"when": "2026-I", "mean": 2.0, "facilities": 2},
        {"when": "2026-II", "mean": 5.0, "facilities": 1},
    ]
    assert [policy.mean_of(one) for one in policy.latest(lines)] == [5.0]


def test_promises_are_counted_by_what_became_of_them() -> None:
    promises = [
        {"sector": "health", "aimag": "65", "status": "done", "n": 2},
        {"sector": "health", "aimag": "65", "status": "not_done", "n": 1},
        {"sector": "health", "aimag": "11", "status": "planned", "n": 1},
    ]
    assert policy.kept(promises, "aimag") == [
        {"aimag": "65", "total": 3, "done": 2, "not_done": 1},
        {"aimag": "11", "total": 1, "done": 0, "not_done": 0},
    ]


@pytest.mark.parametrize("who", ["admin", "ann", "oyuna"])
async def test_the_page_shows_it_to_all(visit: Open, desk: Desk, store: Store, who: str) -> None:
    for facility, mean in (("H1", 2.0), ("H2", 4.0)):
        found = replace(result(facility, mean), published=True)
        await ResultStore(store.database).publish({**found.to_document(), "by": "oyuna"})
    person = await visit(who)
    page = await person.get("/console/policy?sector=health&l=en")
    assert page.status == 200
    shown = await page.text()
    assert "/open/H1" in shown
    assert "3.0" in shown
    empty = await person.get("/console/policy?sector=education")
    assert "/open/H1" not in await empty.text()
