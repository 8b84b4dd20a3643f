"""Paradata, conversations, invitations and the rest; the erased are in none of them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package

from analytics.masking import masked
from analytics.request import Format
from storage.store import Store
from tests.analytics.conftest import Export
from tests.analytics.forms import CUTOFF, FULL, STARTED, case

CITIZEN = "d1" * 16
OTHER = "e2" * 16
SECRET = "Утас 99112233, УБ90112233"


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def event(number: int, type: str, citizen: str = CITIZEN, /, **more: Any) -> dict[str, Any]:
    at = STARTED + timedelta(seconds=number)
    return {
        "_id": f"{citizen}:{number}:1", "type": type, "at": at, "citizen": citizen,
        "channel": "telegram", "keep": True, **more,
    }  # fmt: skip


@pytest.fixture
async def lived(store: Store, survey: tuple[str, str]) -> Store:
    """Two citizens who talked, answered, were invited and reported something."""
    picture = await store.media.put(b"\x89PNG of a child", "image/png", "x.png")
    await store.media.own(picture, CITIZEN)
    answered = {**FULL, "picture": picture, "reason": SECRET}
    mine = case(70, survey[1], answered, citizen=CITIZEN, campaign="autumn")
    await store.database.cases.insert_many(
        [mine, case(71, survey[1], {"teaching": "2"}, citizen=OTHER)]
    )
    step = {"case": mine["_id"], "form": survey[1], "locale": "mn", "retries": 0}
    await store.database.events.insert_many(
        [
            event(1, "profiled", changes={"locale": "mn"}),
            event(2, "heard", event="u1", kind="text", text=SECRET, dialogue="", payload="",
                  intent="ask_budget", confidence=0.91, model="m1"),
            {**event(2, "said", message={"text": "Сайн уу", "choices": [{}, {}]}, dialogue="menu",
                     delivery={"result": "sent", "at": STARTED + timedelta(seconds=2.25)}),
             "_id": f"{CITIZEN}:2:2"},
            event(3, "profiled", changes={"locale": "en"}),
            event(4, "heard", event="u2", kind="tap", text="", payload="go:menu"),
            event(5, "answered", event="answer", node="teaching", start=STARTED,
                  end=STARTED + timedelta(seconds=3), old="", new="4", **step),
            event(6, "heard", OTHER, event="u3", kind="text", text="hello"),
        ]
    )  # fmt: skip
    await store.database.invitations.insert_one(
        {
            "_id": f"autumn:{CITIZEN}", "campaign": "autumn", "citizen": CITIZEN, "via": "push",
            "at": STARTED, "channel": "telegram", "disposition": "complete", "rank": 60,
            "case": mine["_id"],
            "moments": {"delivered": STARTED, "complete": CUTOFF + timedelta(hours=2)},
        }
    )  # fmt: skip
    await store.database.reports.insert_one(
        {
            "_id": f"{CITIZEN}:9:1", "citizen": CITIZEN, "reference": "A1B2", "at": STARTED,
            "topic": "heating", "text": SECRET, "place": "0401", "status": "done",
            "changed": CUTOFF + timedelta(days=1),
        }
    )  # fmt: skip
    return store


async def test_paradata_has_the_shape_of_an_audit_log(lived: Store, made: Export) -> None:
    found = rows(await made(dataset="paradata"), "paradata")
    assert list(found[0])[:7] == ["case", "event", "node", "start", "end", "old-value", "new-value"]
    assert (found[0]["event"], found[0]["node"], found[0]["new-value"]) == (
        "answer",
        "teaching",
        "4",
    )
    assert int(found[0]["end"]) - int(found[0]["start"]) == 3000
    cases = rows(await made("cases"), "answers")
    assert found[0]["case"] in {row["case"] for row in cases}


async def test_conversations_turn_by_turn(lived: Store, made: Export) -> None:
    found = rows(await made(dataset="conversations", form=""), "conversations")
    mine = sorted(
        (r for r in found if r["turn"] in "24"), key=lambda r: (r["turn"], r["place_in_turn"])
    )
    assert [(r["who"], r["kind"], r["locale"]) for r in mine] == [
        ("citizen", "text", "mn"), ("onoo", "", "mn"), ("citizen", "tap", "en"),
    ]  # fmt: skip
    assert (mine[0]["intent"], mine[0]["confidence"], mine[0]["model"]) == (
        "ask_budget",
        "0.91",
        "m1",
    )
    assert "99112233" not in mine[0]["text"]
    assert (mine[1]["latency"], mine[1]["delivery"], mine[1]["buttons"]) == ("250", "sent", "2")


async def test_invitations_as_they_stood(lived: Store, made: Export) -> None:
    before = rows(await made(dataset="invitations", form=""), "invitations")
    assert (before[0]["disposition"], before[0]["complete_at"], before[0]["case"]) == (
        "delivered", "", "",
    )  # fmt: skip
    later = await made("later", dataset="invitations", form="", cutoff=CUTOFF + timedelta(days=1))
    assert rows(later, "invitations")[0]["disposition"] == "complete"
    assert rows(later, "invitations")[0]["case"] != ""


async def test_problems_without_names_and_as_they_stood(lived: Store, made: Export) -> None:
    found = rows(await made(dataset="problems", form=""), "problems")[0]
    assert found["status"] == "new"
    assert "99112233" not in found["text"]
    assert "90112233" not in found["text"]
    assert "A1B2" not in str(found)
    bare = rows(await made("bare", dataset="problems", form="", mask=False), "problems")[0]
    assert bare["text"] == SECRET


async def test_commitments_and_budgets(lived: Store, made: Export) -> None:
    await lived.database.commitments.insert_one(
        {"_id": "k1", "facility": "s1", "action": "Зуух засна", "status": "open",
         "due": datetime(2026, 12, 1, tzinfo=UTC), "created": STARTED,
         "disputes": [{"citizen": OTHER}]}
    )  # fmt: skip
    await lived.database.imports.insert_many(
        [{"_id": "i1", "kind": "budgets", "status": "active", "at": STARTED},
         {"_id": "i2", "kind": "budgets", "status": "undone", "at": STARTED}]
    )  # fmt: skip
    line = {"year": 2026, "place": "0401", "stage": "approved", "amount": 5, "item": "=хоол"}
    await lived.database.budgets.insert_many(
        [{"_id": f"{i}:0401:2026:0", "import_id": i, "place": "0401", "year": 2026,
          "lines": [line, {**line, "amount": 7}]} for i in ("i1", "i2")]
    )  # fmt: skip
    promised = rows(await made("c", dataset="commitments", form=""), "commitments")
    assert [(r["action"], r["due"], r["disputes"]) for r in promised] == [
        ("Зуух засна", "2026-12-01", "1")
    ]
    lines = rows(await made("b", dataset="budgets", form=""), "budgets")
    assert sorted(r["amount"] for r in lines) == ["5", "7"]


EVERYTHING: list[dict[str, Any]] = [
    {"media": True}, {"long": True}, {"dataset": "scorecards"}, {"dataset": "paradata"},
    *({"dataset": name, "form": ""} for name in ("conversations", "invitations", "problems")),
    {"dataset": "commitments", "form": ""},
]  # fmt: skip


async def test_the_erased_are_in_no_export(lived: Store, made: Export) -> None:
    """Nor are their files; the same exports had them before."""
    before = [await made(f"b{n}", exact=True, **asked) for n, asked in enumerate(EVERYTHING)]
    pseudonyms = {
        row["citizen"] for row in rows(before[0], "answers") if row["reason"] == masked(SECRET)
    }
    assert len(pseudonyms) == 1
    assert len(list((before[0] / "media").iterdir())) == 1
    await lived.erase(CITIZEN, "worker", CUTOFF)
    for number, asked in enumerate(EVERYTHING):
        folder = await made(f"a{number}", exact=True, **asked)
        told = "".join(path.read_text("utf-8") for path in folder.glob("*.csv"))
        assert not any(pseudonym in told for pseudonym in pseudonyms)
        assert masked(SECRET) not in told
        assert not (folder / "media").exists()
    assert rows(await made("w", dataset="invitations", form=""), "invitations") == []


@pytest.mark.parametrize("wanted", list(Format))
async def test_every_data_set_in_every_format(lived: Store, made: Export, wanted: Format) -> None:
    for dataset in ("conversations", "scorecards"):
        form = "school_visit" if dataset == "scorecards" else ""
        folder = await made(f"{dataset}{wanted}", dataset=dataset, form=form, format=wanted)
        assert (folder / f"{dataset}.{wanted}").stat().st_size > 0


async def test_frictionless_finds_no_fault_in_any_data_set(lived: Store, made: Export) -> None:
    for number, asked in enumerate(EVERYTHING):
        folder = await made(f"checked{number}", **asked)
        report = Package(str(folder / "datapackage.json")).validate()
        assert report.valid, (asked, report.flatten(["title", "message"]))
