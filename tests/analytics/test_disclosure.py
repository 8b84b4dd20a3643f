"""An attacker with the public files, and what neighbours know, finds nobody."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from analytics.disclosure import blanked_values
from analytics.weighting import WeightingError, rake
from storage.store import Store
from tests.analytics.conftest import export_as
from tests.analytics.forms import LONG_NAME, case, publish

MINIMUM = 5
TRAITS = ("locale", "channel", "place", "facility", "sex")
ANSWERS = ("status", "visit/pupils", "visit/distance", "teaching", LONG_NAME, "needs", "heating")
MONTHS = ("2026-08", "2026-09", "2026-10")


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
async def crowd(store: Store, tmp_path: Path) -> Store:
    """Four hundred cases over three months with small places, rare answers and hermits."""
    first, second = await publish(store, tmp_path)
    chance = random.Random(7)
    cases = []
    for number in range(400):
        values = {
            "sex": chance.choice(["female", "female", "male"]),
            "teaching": chance.choices(["1", "2", "3", "4", "5", "dk"], [1, 9, 9, 9, 5, 1])[0],
            "visit/pupils": str(chance.choice([10, 20, 30, 999 if number % 50 == 0 else 20])),
            "visit/distance": str(number / 10 if number % 97 == 0 else 1.5),
            "needs": chance.choice(["water", "heat", "water heat", "light"]),
            "reason": f"unmistakable words {number}",
            "child[1]/name": "Бат",
        }
        month = 8 + number % 3
        started = datetime(2026, month, 1 + number % 27, 5, number % 60, tzinfo=UTC)
        place = chance.choices(["0401", "0402", "0403", "0101"], [30, 10, 1, 1])[0]
        form = second if month == 10 else first
        more = {"place": place, "locale": chance.choices(["mn", "kk"], [30, 1])[0]}
        more["campaign"] = "autumn" if number % 5 else ""
        cases.append(case(number, form, values, started=started, **more))
    await store.database.cases.insert_many(cases)
    return store


async def published(store: Store, folder: Path, cutoff: datetime) -> list[dict[str, str]]:
    await export_as(store, folder, profile="public", minimum=MINIMUM, cutoff=cutoff)
    return rows(folder)


async def test_no_words_positions_moments_or_ids(crowd: Store, tmp_path: Path) -> None:
    found = await published(crowd, tmp_path / "out", datetime(2026, 11, 3, tzinfo=UTC))
    assert set(found[0]) == {"row", "month", "campaign", *TRAITS, *ANSWERS}
    everything = "".join(p.read_text("utf-8") for p in (tmp_path / "out").iterdir())
    assert "unmistakable" not in everything
    assert "Бат" not in everything
    assert len(found) > 300


async def test_no_combination_of_traits_is_rare(crowd: Store, tmp_path: Path) -> None:
    """Whatever of a person's traits is known: nobody stands alone in a month and campaign."""
    found = await published(crowd, tmp_path / "out", datetime(2026, 11, 3, tzinfo=UTC))
    known = [name for name in TRAITS if any(row[name] for row in found)]
    assert {"place", "sex"} <= set(known)
    for size in range(1, len(known) + 1):
        for columns in combinations(known, size):
            counts = Counter(
                (row["month"], row["campaign"], *(row[name] for name in columns)) for row in found
            )
            assert min(counts.values()) >= MINIMUM, columns
    assert any(row["place"] == "" or len(row["place"]) == 2 for row in found)


async def test_no_single_answer_is_rare(crowd: Store, tmp_path: Path) -> None:
    found = await published(crowd, tmp_path / "out", datetime(2026, 11, 3, tzinfo=UTC))
    for name in ANSWERS:
        counts = Counter((row["month"], row["campaign"], row[name]) for row in found)
        assert min(counts.values()) >= MINIMUM, name
    assert "999" not in {row["visit/pupils"] for row in found}


async def test_the_difference_of_two_releases_is_no_person(crowd: Store, tmp_path: Path) -> None:
    """A later release adds whole months, each safe by itself, and changes nothing before."""
    releases = [
        await published(crowd, tmp_path / f"to{month}", datetime(2026, month, 17, tzinfo=UTC))
        for month in (9, 10, 11)
    ]
    strip = [
        Counter(tuple(v for k, v in row.items() if k not in ("row", "heating")) for row in release)
        for release in releases
    ]
    for before, after in pairwise(strip):
        assert not before - after
        added = after - before
        months = Counter(row[0] for row in added.elements())
        assert len(months) == 1
        assert min(months.values()) >= MINIMUM


async def test_one_more_case_does_not_show(crowd: Store, tmp_path: Path) -> None:
    """Somebody answers today: no file made before the month is over tells of it."""
    now = datetime(2026, 11, 3, tzinfo=UTC)
    before = await published(crowd, tmp_path / "a", now)
    form = (await crowd.database.cases.find_one({}))["form"]
    new = case(999, form, {"sex": "male", "teaching": "1"}, started=now - timedelta(hours=9))
    await crowd.database.cases.insert_one(new)
    assert await published(crowd, tmp_path / "b", now) == before


async def test_public_scorecards_hide_small_cells_and_what_would_give_them_away(
    store: Store, tmp_path: Path
) -> None:
    _, second = await publish(store, tmp_path)
    sizes = {"school-a": 20, "school-b": 9, "school-c": 2}
    cases = [
        case(number, second, {"teaching": str(1 + number % 5)}, facility=facility)
        for number, facility in enumerate(name for name, n in sizes.items() for _ in range(n))
    ]
    await store.database.cases.insert_many(cases)
    folder = tmp_path / "out"
    await export_as(store, folder, dataset="scorecards", profile="public", minimum=MINIMUM)
    with (folder / "scorecards.csv").open(encoding="utf-8-sig", newline="") as file:
        shown = {row["facility"] for row in csv.DictReader(file) if row["indicator"] == "teaching"}
    assert shown == {"school-a"}
    await export_as(store, folder, dataset="scorecards", minimum=MINIMUM)
    with (folder / "scorecards.csv").open(encoding="utf-8-sig", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["indicator"] == "teaching"]
    assert {row["facility"]: int(row["scored"]) for row in found} == sizes


def test_blanks_are_no_rarity_either() -> None:
    assert blanked_values({"x": 2, "y": 6, "z": 20, None: 0}, None, 5) == {"x", "y"}
    assert blanked_values({"x": 6, "z": 20, None: 1}, None, 5) == {"x"}
    assert blanked_values({"x": 6, "z": 20}, None, 5) == set()


# -- weights -------------------------------------------------------------------------------


def test_raking_reaches_the_margins() -> None:
    chance = random.Random(1)
    sex = [chance.choice(["f", "f", "f", "m"]) for _ in range(500)]
    age = [chance.choice(["young", "old"]) for _ in range(500)]
    margins = {"sex": {"f": 51.0, "m": 49.0}, "age": {"young": 0.4, "old": 0.6}}
    raked = rake({"sex": sex, "age": age}, margins, [True] * 499 + [False])
    weights = raked.weights[:499]
    women = sum(w for w, s in zip(weights, sex, strict=False) if s == "f") / sum(weights)
    young = sum(w for w, a in zip(weights, age, strict=False) if a == "young") / sum(weights)
    assert women == pytest.approx(0.51, abs=1e-4)
    assert young == pytest.approx(0.40, abs=1e-4)
    assert weights.mean() == pytest.approx(1.0)
    assert raked.weights[499] != raked.weights[499]
    assert 1 < raked.effective < 499


def test_margins_that_nobody_fills_are_told() -> None:
    with pytest.raises(WeightingError, match="nobody who answered is “m”"):
        rake({"sex": ["f", "f"]}, {"sex": {"f": 0.5, "m": 0.5}}, [True, True])


async def test_weights_are_in_the_export(crowd: Store, tmp_path: Path) -> None:
    margins = {"sex": {"female": 51, "male": 49}}
    exported = await export_as(crowd, tmp_path / "out", margins=margins)
    found = rows(tmp_path / "out")
    total = sum(float(row["weight"]) for row in found)
    women = sum(float(row["weight"]) for row in found if row["sex"] == "female")
    assert women / total == pytest.approx(0.51, abs=1e-4)
    assert "effective n" in json.dumps(exported.manifest["remarks"])
