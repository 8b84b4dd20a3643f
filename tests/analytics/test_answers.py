"""Answers as tables: what stands in which row and column."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.request import RequestError
from storage.store import Store
from tests.analytics.conftest import Export, export_as
from tests.analytics.forms import CUTOFF, FULL, LONG_NAME, STARTED, case


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


async def test_a_case_is_a_row_and_repeats_are_linked_tables(made: Export) -> None:
    folder = await made()
    cases, children = rows(folder / "answers.csv"), rows(folder / "child.csv")
    illnesses = rows(folder / "illness.csv")
    full = next(row for row in cases if row["sex"] == "female")
    assert full["visit/pupils"] == "420"
    assert full["visit/where/latitude"] == "47.9184"
    assert full["needs"] == "water light"
    assert full["seconds"] == "201"
    assert [(c["case"], c["row"], c["child/age"]) for c in children] == [
        (full["case"], "1", "7"),
        (full["case"], "2", "9"),
    ]
    assert [(i["row"], i["parent_row"], i["child/illness/what"]) for i in illnesses] == [
        ("1.1", "1", "ханиад"),
        ("1.2", "1", "шүд"),
    ]


async def test_versions_are_merged_and_one_can_be_asked_for(
    made: Export, survey: tuple[str, str]
) -> None:
    merged = rows((await made("all")) / "answers.csv")
    assert len(merged) == 4
    assert {row["heating"] for row in merged} == {"", "2"}
    folder = await made("one", version=survey[0])
    only = rows(folder / "answers.csv")
    assert len(only) == 2
    assert "heating" not in only[0]
    told = manifest(await made("again"))
    assert any("Quality of lessons" in line for line in told["changes"])


async def test_test_cases_are_left_out_unless_asked_for(made: Export) -> None:
    assert len(rows((await made("a")) / "answers.csv")) == 4
    assert len(rows((await made("b", tests=True)) / "answers.csv")) == 5


async def test_what_is_not_of_its_type_is_left_out_and_told(made: Export) -> None:
    folder = await made()
    assert any("visit/pupils: 1 values" in line for line in manifest(folder)["remarks"])


@pytest.mark.parametrize(
    ("multiple", "columns"),
    [
        ("single", {"needs": "water light"}),
        ("dummies", {"needs/water": "1", "needs/heat": "0", "needs/light": "1"}),
        ("both", {"needs": "water light", "needs/water": "1", "needs/heat": "0"}),
    ],
)
async def test_several_answers(made: Export, multiple: str, columns: dict[str, str]) -> None:
    found = rows((await made(multiple=multiple)) / "answers.csv")
    full = next(row for row in found if row["sex"] == "female")
    assert {name: full[name] for name in columns} == columns
    blank = next(row for row in found if row["sex"] == "male")
    assert {blank[name] for name in columns} == {""}
    assert ("needs" in full) == (multiple != "dummies")


async def test_labels_in_a_language_and_names_without_groups(made: Export) -> None:
    folder = await made(labels=True, language="en", hierarchy=False)
    full = next(row for row in rows(folder / "answers.csv") if row["sex"] == "Female")
    assert full["teaching"] == "Good"
    assert full["needs"] == "Water; Light"
    assert full["pupils"] == "420"
    mongolian = await made("mn", labels=True, language="mn", separator=".")
    full = next(row for row in rows(mongolian / "answers.csv") if row["sex"] == "Эмэгтэй")
    assert full["visit.pupils"] == "420"
    assert full["needs"] == "Өдөр тутмын ус; Гэрэл"


async def test_long_form_has_a_row_an_answer(made: Export) -> None:
    found = rows((await made(long=True, exact=True)) / "answers.csv")
    needs = [(row["choice"], row["label"]) for row in found if row["question"] == "needs"]
    assert ("water", "Өдөр тутмын ус") in needs
    assert len([row for row in found if row["question"] == "child/age"]) == 2
    reason = next(row for row in found if row["value"].startswith("=HYPERLINK"))
    assert reason["value"] == FULL["reason"]
    assert {row["number"] for row in found if row["question"] == "visit/pupils"} >= {"420.0"}


async def test_filters_and_fields(made: Export) -> None:
    folder = await made(where={"sex": ("female",)}, fields=("teaching", "child/age"))
    assert list(rows(folder / "answers.csv")[0]) == ["case", "teaching"]
    assert len(rows(folder / "answers.csv")) == 1
    assert list(rows(folder / "child.csv")[0]) == ["case", "row", "child/age"]
    before = await made("dates", started_to=STARTED + timedelta(minutes=2))
    assert len(rows(before / "answers.csv")) == 1
    assert len(rows((await made("place", places=("05",))) / "answers.csv")) == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"form": "nothing"}, "No form “nothing” has been published"),
        ({"version": "school_visit-0"}, "had no version"),
        ({"fields": ("teachin",)}, "did you mean teaching"),
        ({"where": {"sexx": ("a",)}}, "did you mean sex"),
        ({"form": ""}, "answers needs a form"),
        ({"dataset": "answer"}, "no data set “answer”"),
        ({"format": "doc"}, "format: Input should be 'csv'"),
        ({"profile": "public", "tests": True}, "The public profile takes no tests"),
        ({"profile": "public", "dataset": "problems"}, "no public profile of problems"),
    ],
)
async def test_bad_requests_are_told(made: Export, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words.replace("(", r"\(")):
        await made(**asked)


async def test_an_incremental_export_has_what_changed_since(
    store: Store, made: Export, survey: tuple[str, str]
) -> None:
    since = manifest(await made("before"))["next_since"]
    later = CUTOFF + timedelta(hours=1)
    await store.database.cases.insert_one(case(9, survey[1], {"teaching": "3"}, started=later))
    found = rows(
        (await made("after", since=since, cutoff=CUTOFF + timedelta(days=1))) / "answers.csv"
    )
    assert [row["teaching"] for row in found] == ["3"]


async def test_a_case_that_goes_on_is_shown_as_it_was(
    store: Store, made: Export, survey: tuple[str, str]
) -> None:
    """The state at the cut-off is the same before and after a case went on."""
    begun = CUTOFF - timedelta(hours=1)
    steps = [("answer", "teaching", "2", 0), ("answer", "sex", "male", 1), ("skip", "sex", "", 2)]
    steps += [("change", "teaching", "3", 3), ("answer", "visit/pupils", "8", 90)]
    await store.database.events.insert_many(
        [
            {
                "_id": f"citizen000009:{n}:1", "type": "answered", "case": "case00000009",
                "form": survey[1], "event": event, "node": node, "new": new, "locale": "mn",
                "at": begun + timedelta(minutes=at),
            }
            for n, (event, node, new, at) in enumerate(steps, 8)
        ]
    )  # fmt: skip
    open_case = case(9, survey[1], {"teaching": "3"}, started=begun, ended=None, status="partial")
    await store.database.cases.insert_one(open_case)
    before = await made("before")
    ended = CUTOFF + timedelta(hours=1)
    await store.database.cases.replace_one(
        {"_id": "case00000009"},
        case(9, survey[1], {"teaching": "3", "visit/pupils": "8"}, started=begun, ended=ended),
    )
    after = await made("after")
    assert (before / "answers.csv").read_bytes() == (after / "answers.csv").read_bytes()
    row = next(row for row in rows(after / "answers.csv") if row["status"] == "partial")
    assert (row["teaching"], row["sex"], row["visit/pupils"]) == ("3", "", "")


async def test_a_failed_export_leaves_what_was_there(
    store: Store, made: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = await made()
    before = (folder / "answers.csv").read_bytes()

    def broken(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("analytics.formats.delimited.CsvWriter.finish", broken)
    with pytest.raises(OSError, match="disk full"):
        await export_as(store, folder)
    assert (folder / "answers.csv").read_bytes() == before
    assert {path.name for path in tmp_path.glob(".out*")} == set()  # noqa: ASYNC240


async def test_a_folder_with_other_files_is_not_touched(
    store: Store, made: Export, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("x")
    with pytest.raises(RequestError, match="holds other files"):
        await made("mine")


async def test_no_internal_id_leaves(made: Export) -> None:
    folder = await made(format="jsonl")
    everything = "".join(path.read_text("utf-8") for path in folder.glob("*"))
    assert "citizen0000" not in everything
    assert "case0000" not in everything


async def test_pseudonyms_differ_by_project(made: Export) -> None:
    one = {row["citizen"] for row in rows((await made("a", project="x")) / "answers.csv")}
    two = {row["citizen"] for row in rows((await made("b", project="y")) / "answers.csv")}
    again = {row["citizen"] for row in rows((await made("c", project="x")) / "answers.csv")}
    assert not one & two
    assert one == again


def test_the_long_name_is_longer_than_stata_allows() -> None:
    assert len(LONG_NAME) > 32
