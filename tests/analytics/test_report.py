"""Reports: figures checked by hand and against published tables, pages that can be read."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.estimates import difference, mean, share, t_cdf, t_quantile
from analytics.naming import Naming
from analytics.quality import quality
from analytics.report import compose, gather
from analytics.report_files import as_html, as_pdf
from analytics.request import RequestError
from storage.exporting import Exporting
from storage.store import Store
from tests.analytics.forms import CUTOFF, STARTED, case, publish
from tests.world.database import KEY


def test_wilson_as_published() -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    for part, whole, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
                                   (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):  # fmt: skip
        found = share(part, whole)
        assert (found.low, found.high) == (
            pytest.approx(low, abs=5e-5),
            pytest.approx(high, abs=5e-5),
        )


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)],
)
def test_students_table(freedom: float, quantile: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(quantile, abs=6e-4)
    assert t_cdf(quantile, freedom) == pytest.approx(0.975, abs=1e-4)
    assert t_cdf(-quantile, freedom) == pytest.approx(0.025, abs=1e-4)


def test_means_and_their_difference() -> None:
    one, other = mean([1, 2, 3, 4, 5]), mean([3, 4, 5, 5, 5])
    assert (one.value, other.value) == (3.0, pytest.approx(4.4))
    assert one.low == pytest.approx(3 - 2.776 * (2.5 / 5) ** 0.5, abs=1e-3)
    change, chance = difference(one, other)
    assert change == pytest.approx(1.4)
    # Welch: t = 1.4 / sqrt(0.5 + 0.16) on 6.23 degrees of freedom.
    assert chance == pytest.approx(0.134, abs=2e-3)
    assert mean([4]).low is None
    assert mean([2, 4], [1, 3]).value == 3.5


def test_equal_weights_change_nothing() -> None:
    plain, weighted = mean([1, 2, 2, 5]), mean([1, 2, 2, 5], [3, 3, 3, 3])
    assert weighted.low == pytest.approx(plain.low)
    assert weighted.n == pytest.approx(4)


def test_quality_flags() -> None:
    straight, mixed, empty = ["3"] * 6, ["1", "2", "3", "4", "5", "1"], ["1", *[None] * 5]
    found = quality([10, 300, 320, 310], [straight, mixed, empty, mixed], ["a", "b", "b", "c"])
    assert (found.fast, found.alike, found.empty, found.again) == (1, 1, 1, 1)
    assert found.median == 305


@pytest.fixture
async def rounds(store: Store, tmp_path: Path) -> Store:
    """Two rounds of one form: teaching got better, meals did not change."""
    first, _ = await publish(store, tmp_path)
    chance = random.Random(5)
    school = {"_id": "f1", "name": "1-р сургууль", "kind": "school", "place": "6401"}
    await store.database.facilities.insert_one(school)
    for number, (name, teaching) in enumerate((("spring", [1, 2, 3]), ("autumn", [3, 4, 5]))):
        begun = STARTED + timedelta(days=20 * number)
        await store.database.campaigns.insert_one(
            {"_id": name, "form": first, "status": "closed", "created": begun}
        )
        cases = []
        for one in range(60):
            values = {
                "teaching": str(chance.choice(teaching)),
                "sex": "female" if one % 4 else "male",
            }
            values["reason"] = f"secret {one}"
            status = "break-off" if one % 10 == 0 else "complete"
            cases.append(
                case(one + 100 * number, first, values, campaign=name, started=begun, status=status,
                     last_node="teaching", place="4601" if one == 7 else "6401", facility="f1")
            )  # fmt: skip
        await store.database.cases.insert_many(cases)
        await store.database.invitations.insert_many(
            [
                {"_id": f"{name}:{one}", "campaign": name, "citizen": str(one), "via": "push",
                 "at": begun, "disposition": "complete" if one % 2 else "delivered"}
                for one in range(120)
            ]
        )  # fmt: skip
    return store


@pytest.mark.parametrize("locale", ["mn", "en"])
async def test_a_campaigns_report(rounds: Store, locale: str) -> None:
    gathered = await gather(Exporting(rounds.database), "autumn", KEY, CUTOFF, locale)
    margins = {"sex": {"female": 0.51, "male": 0.49}}
    report = compose("autumn", *gathered, margins, locale)
    page = as_html(report)
    assert "Сургалтын чанар" in page or "Quality of teaching" in page
    assert "50.0%" in page
    assert "51.0%" in page
    assert page.count("<img") == 2
    assert "secret" not in page
    assert "Даланзадгад" not in page
    assert "Dalanzadgad" not in page
    named = {"mn": ("Бүрэн хариулсан", "Хүрсэн", "1-р сургууль", "Монгол")}
    named["en"] = ("Complete", "Delivered", "1-р сургууль", "Mongolian")
    assert [words for words in named[locale] if words not in page] == []
    indicators = report.sections[3].grids[0]
    change, chance = indicators.rows[0][-2:]
    assert 1.5 < float(change) < 2.5
    assert chance == "< 0.001"
    assert as_pdf(report).startswith(b"%PDF")
    assert as_pdf(report) == as_pdf(report)


def test_codes_without_a_name_stay() -> None:
    names = Naming("en", {}, {"visit/wait": "How long did you wait? " * 9})
    assert names.disposition("lost") == "lost"
    assert [names.value(column, "x") for column in ("place", "facility", "channel", "sex")] == [
        "x"
    ] * 4
    assert names.question("visit/wait+").startswith("How long did")
    assert len(names.question("visit[2]/wait")) <= 60
    assert names.question("gone") == "gone"
    assert names.value("place", "6401") == "Bayankhongor soum"


async def test_a_form_without_campaign_has_no_response_rate(rounds: Store) -> None:
    gathered = await gather(Exporting(rounds.database), "school_visit", KEY, CUTOFF, "en")
    report = compose("school_visit", *gathered, {}, "en")
    response = report.sections[1]
    assert "no response rate" in response.words[0]
    assert "108 of 120" in response.words[1]
    assert response.grids == ()


async def test_what_can_t_be_reported_is_told(rounds: Store) -> None:
    exporting = Exporting(rounds.database)
    with pytest.raises(RequestError, match="No form “nothing”"):
        await gather(exporting, "nothing", KEY, CUTOFF, "mn")
    gathered = await gather(exporting, "autumn", KEY, CUTOFF, "mn")
    with pytest.raises(RequestError, match="no column “height”"):
        compose("autumn", *gathered, {"height": {"tall": 1}}, "mn")
    with pytest.raises(RequestError, match="nobody who answered is “other”"):
        compose("autumn", *gathered, {"sex": {"female": 1, "other": 1}}, "mn")
