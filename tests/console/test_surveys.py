"""Workbooks mended on the page, tried out beside it, and what nobody may slip in."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from aiohttp import FormData
from openpyxl import load_workbook

from console.charts import Bar, Drawings
from console.desk import Desk
from console.preview import BadTranscript, Forms, parse, walk
from console.workbooks import BadWorkbook, mend, source_of, take_in, workbook_of
from tests.console.conftest import Open

WORKBOOK = Path(__file__).parents[2] / "content" / "surveys" / "kindergarten.xlsx"
SCRIPT = "<script>alert(1)</script>"


def changed(row: int, column: str, value: str) -> bytes:
    """The kindergarten's survey with one cell of the sheet survey changed."""
    book = load_workbook(WORKBOOK)
    sheet = book["survey"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(row, columns[column]).value = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_findings_stand_in_their_rows_and_a_mended_cell_is_checked_again() -> None:
    draft = take_in("x.xlsx", changed(4, "type", "select_one scor")).to_document()
    assert not draft["passed"]
    grid = workbook_of(draft).grids["survey"]
    [row] = [row for row in grid.rows if row.findings]
    assert (row.number, row.worst) == (4, "error")
    assert row.at("type")
    mended = mend(draft, "survey", 4, {"type": "select_one score"}).to_document()
    assert mended["passed"]
    assert source_of(mended) is not None


def test_a_mended_cell_is_never_a_formula() -> None:
    draft = take_in("x.xlsx", WORKBOOK.read_bytes()).to_document()
    formula = '=HYPERLINK("https://evil.example","x")'
    mended = mend(draft, "survey", 4, {"label::English (en)": formula})
    sheet = load_workbook(io.BytesIO(mended.data))["survey"]
    [cell] = [cell for cell in sheet[4] if cell.value == formula]
    assert cell.data_type == "s"


@pytest.mark.parametrize(
    ("sheet", "row", "cells"),
    [
        ("nothere", 4, {"type": "x"}),
        ("survey", 1, {"type": "x"}),
        ("survey", 9999, {"type": "x"}),
        ("survey", 4, {"nothere": "x"}),
    ],
)
def test_a_cell_that_is_not_there_is_refused(sheet: str, row: int, cells: dict[str, str]) -> None:
    draft = take_in("x.xlsx", WORKBOOK.read_bytes()).to_document()
    with pytest.raises(BadWorkbook):
        mend(draft, sheet, row, cells)


def test_a_preview_walked_again_says_the_same() -> None:
    source = source_of(take_in("x.xlsx", WORKBOOK.read_bytes()).to_document())
    assert source is not None
    form = Forms().of(source)
    begun, goes_on = walk(form, [], "mn")
    assert goes_on
    start = begun[-1].choices[0]
    once, _ = walk(form, [("tap", start.payload)], "mn")
    again, _ = walk(form, [("tap", start.payload)], "mn")
    assert once == again
    assert [line.text for line in once if line.mine] == [start.label]
    english, _ = walk(form, [("tap", start.payload)], "en")
    assert english[-1].text != once[-1].text


@pytest.mark.parametrize(
    "transcript",
    [
        "nonsense",
        "{}",
        '["tap"]',
        '[["press","x"]]',
        '[["tap",1]]',
        json.dumps([["tap", "x"]] * 301),
    ],
)
def test_a_forged_transcript_is_refused(transcript: str) -> None:
    with pytest.raises(BadTranscript):
        parse(transcript)


async def test_scripts_in_a_workbook_are_words(visit: Open) -> None:
    oyuna = await visit("oyuna")
    form = FormData()
    data = changed(4, "label::Mongolian (mn)", SCRIPT)
    form.add_field("workbook", data, filename=f"{SCRIPT}.xlsx")
    await oyuna.get("/console/surveys/new")
    sent = await oyuna.post("/console/surveys/new", form)
    assert sent.status == 303
    shown = await (await oyuna.get(sent.headers["Location"])).text()
    assert SCRIPT not in shown
    assert "&lt;script&gt;" in shown
    pane = await oyuna.post(sent.headers["Location"] + "/preview", {"steps": "[]"})
    assert SCRIPT not in await pane.text()


async def test_publishing_needs_a_form_without_errors(visit: Open, desk: Desk) -> None:
    oyuna = await visit("oyuna")
    checked = take_in("x.xlsx", changed(4, "type", "select_one scor"))
    draft = await desk.drafts.add("oyuna", checked.to_document(), desk.now())
    assert (await oyuna.post(f"/console/surveys/drafts/{draft}/publish")).status == 409
    assert await desk.store.forms.versions() == []


def test_charts_escape_what_they_are_given() -> None:
    drawn = Drawings("mn").bars(SCRIPT, [Bar(SCRIPT, 2.5), Bar("", None)], 5)
    assert SCRIPT not in drawn
    assert "style=" not in drawn


@pytest.mark.parametrize("counts", [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [5, 4, 3, 2, 1]])
def test_a_distribution_fills_its_width(counts: list[int]) -> None:
    drawn = Drawings("en").distribution("x", counts)
    assert drawn.count("chart-level-") == sum(1 for n in counts if n)
