"""What is written can be read back, value by value, by what analysts use."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyarrow.parquet
import pyreadstat
import pytest
from frictionless import Package

from analytics.columns import Column, Kind, Table
from analytics.formats import opened
from analytics.formats.coding import Coding, cut_bytes, fitting_names
from analytics.formats.delimited import guarded, unguarded
from analytics.request import Format
from analytics.values import Row, as_text
from tests.analytics.conftest import Export
from tests.analytics.forms import LONG_NAME

SCORES = (("1", "Маш муу"), ("5", "Маш сайн"), ("dk", "Мэдэхгүй" * 20))
TABLE = Table(
    "answers",
    "Хүүхдийн асуулга",
    (
        Column("case", label="Case"),
        Column("_visit/хоол", label="Ө" * 300),
        Column("_visit/хоолой", Kind.INTEGER, "n"),
        Column("with", Kind.DECIMAL, "d"),
        Column(LONG_NAME, Kind.CHOICE, "Score", SCORES),
        Column(LONG_NAME + "_2", Kind.CHOICE, "Score", SCORES),
        Column("day", Kind.DATE),
        Column("hour", Kind.TIME),
        Column("when", Kind.DATETIME),
        Column("needs", Kind.CHOICES, "Needs", (("a", "А"), ("b", "Б"))),
    ),
    ("case",),
)
TRAPS = (
    "=1+1", "+976 99112233", "-3", "@SUM(A1)", "'apostrophe", "''", '"quoted", and\nbroken',
    "\tтаб", "Өнөөдөр үүрэг", "#N/A", "1e5", "007", "TRUE", "2026-11-24", " blanks ", "ﬁ 😀", "…",
    "а" * 3000, "a;b,c|d", "<&>", "NULL", "nan",
)  # fmt: skip
ROWS: list[Row] = [
    (
        f"c{number:04d}", text, number - 5, number / 7, ("1", "5", "dk", None, "new")[number % 5],
        None, date(1950 + number, 2, 28), time(number % 24, 59, 1),
        datetime(2000 + number, 11, 24, 4, 5, 6, 123_000, tzinfo=UTC),
        ("a b", "b", None)[number % 3],
    )
    for number, text in enumerate(TRAPS)
] + [("c9999", *(None,) * 9)]  # fmt: skip


def written(wanted: Format, folder: Path, **more: Any) -> Path:
    writer = opened(wanted, folder, [TABLE], **more)
    writer.write(0, ROWS[:3])
    writer.write(0, ROWS[3:])
    return folder / writer.finish([("Codebook", [["a", "=b"]])])["answers"]


def blank(value: Any) -> bool:
    return value is None or value == "" or bool(pandas.isna(value))


def test_csv(tmp_path: Path) -> None:
    path = written(Format.CSV, tmp_path)
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    assert list(frame.columns) == [column.name for column in TABLE.columns]
    for row, read in zip(ROWS, frame.itertuples(index=False), strict=True):
        assert [unguarded(cell) for cell in read] == [as_text(value) for value in row]
    exact = pandas.read_csv(
        written(Format.CSV, tmp_path, exact=True), dtype=str, keep_default_na=False
    )
    assert exact.iloc[:, 1].tolist() == [as_text(row[1]) for row in ROWS]


def test_no_text_in_csv_begins_like_a_formula(tmp_path: Path) -> None:
    frame = pandas.read_csv(written(Format.CSV, tmp_path), dtype=str, keep_default_na=False)
    for text in frame.iloc[:, 1]:
        assert text == "-3" or not text.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", TRAPS)
def test_marks_can_be_undone(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_json_lines(tmp_path: Path) -> None:
    lines = written(Format.JSONL, tmp_path).read_text("utf-8").splitlines()
    for row, line in zip(ROWS, lines, strict=True):
        read = list(json.loads(line).values())
        for value, found in zip(row, read, strict=True):
            plain = isinstance(value, (int, float)) or value is None
            assert found == (value if plain else as_text(value))


def test_xlsx(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(Format.XLSX, tmp_path), read_only=True)
    assert book.sheetnames == ["answers", "Codebook"]
    found = list(book["answers"].iter_rows())
    for row, cells in zip(ROWS, found[1:], strict=True):
        assert all(cell.data_type != "f" for cell in cells)
        values = [cell.value for cell in cells] + [None] * (len(row) - len(cells))
        for value, read in zip(row, values, strict=True):
            if isinstance(value, datetime):
                assert read == value.replace(tzinfo=None)
            elif isinstance(value, date):
                assert read.date() == value
            elif isinstance(value, time):
                assert read == value.isoformat()
            elif isinstance(value, float):
                assert read == pytest.approx(value, rel=1e-15)
            else:
                assert read == value


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.formats.spreadsheet.MOST_ROWS", 10)
    book = openpyxl.load_workbook(written(Format.XLSX, tmp_path), read_only=True)
    assert book.sheetnames == ["answers", "answers (2)", "answers (3)", "Codebook"]
    cases = [
        row[0].value for name in book.sheetnames[:3] for row in list(book[name].iter_rows())[1:]
    ]
    assert cases == [row[0] for row in ROWS]


def test_xlsx_cuts_what_a_cell_cannot_hold(tmp_path: Path) -> None:
    writer = opened(Format.XLSX, tmp_path, [Table("t", "T", (Column("a"),), ("a",))])
    writer.write(0, [("ө" * 40_000,), ("a\x00b\r\nc\ufffe",)])
    path = tmp_path / writer.finish(())["t"]
    found = [row[0].value for row in openpyxl.load_workbook(path)["t"].iter_rows(min_row=2)]
    assert found == ["ө" * 32_766 + "…", "ab\r\nc"]
    assert "32767 characters" in writer.remarks[0]


def test_parquet(tmp_path: Path) -> None:
    table = pyarrow.parquet.read_table(written(Format.PARQUET, tmp_path))
    assert [tuple(row.values()) for row in table.to_pylist()] == ROWS
    metadata = table.schema.field(LONG_NAME).metadata
    assert json.loads(metadata[b"choices"]) == dict(SCORES)
    frame = pandas.read_parquet(tmp_path / "answers.parquet")
    assert frame["when"].iloc[0] == ROWS[0][8]


@pytest.mark.parametrize("wanted", [Format.SAV, Format.ZSAV, Format.DTA])
def test_statistical_packages(tmp_path: Path, wanted: Format) -> None:
    path = written(wanted, tmp_path)
    read = pyreadstat.read_dta if wanted is Format.DTA else pyreadstat.read_sav
    frame, meta = read(str(path))
    coding = Coding(SCORES)
    for row, found in zip(ROWS, frame.itertuples(index=False), strict=True):
        expected = [*row]
        expected[4] = None if row[4] is None else coding.code(str(row[4]))
        for value, cell in zip(expected, found, strict=True):
            if value is None or value == "":
                assert blank(cell)
            elif isinstance(value, datetime):
                moment = pandas.Timestamp(value.replace(tzinfo=None))
                assert abs(cell - moment) < pandas.Timedelta("1ms")
            elif isinstance(value, float):
                assert cell == pytest.approx(value, rel=1e-12)
            elif isinstance(value, str) and wanted is not Format.DTA:
                assert cell == value.rstrip(" ")
            else:
                assert cell == value
    labels = meta.variable_value_labels[meta.column_names[4]]
    assert labels[1], labels[5] == ("Маш муу", "Маш сайн")
    longest = 31 if wanted is Format.DTA else 64
    assert all(len(name) <= longest and name.isascii() for name in meta.column_names)
    assert len(set(meta.column_names)) == len(TABLE.columns)
    label = meta.column_labels[1]
    assert label.endswith("…")
    assert len(label) == 80 if wanted is Format.DTA else len(label.encode()) <= 256


@pytest.mark.parametrize("wanted", list(Format))
async def test_two_exports_of_a_cut_off_are_the_same_bytes(made: Export, wanted: Format) -> None:
    one, two = await made("one", format=wanted), await made("two", format=wanted)
    names = {path.name for path in one.iterdir()}
    assert names == {path.name for path in two.iterdir()}
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


async def test_archives_are_the_same_bytes_too(made: Export) -> None:
    one, two = await made("one.zip", format="xlsx"), await made("two.zip", format="xlsx")
    assert one.read_bytes() == two.read_bytes()


async def test_frictionless_finds_no_fault(made: Export) -> None:
    folder = await made(multiple="both")
    report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])
    assert report.stats["tasks"] == 3


async def test_the_manifest_tells_what_is_there(made: Export) -> None:
    folder = await made(format="sav")
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert told["rows"] == {"answers": 4, "child": 2, "illness": 2}
    files = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(told["files"]) == files
    assert told["request"]["form"] == "school_visit"


async def test_the_codebook_keeps_what_formats_cut(made: Export) -> None:
    folder = await made(format="dta")
    text = (folder / "codebook.md").read_text("utf-8")
    assert ("Өдөр бүрийн хоол " * 20).strip() in text
    _, meta = pyreadstat.read_dta(str(folder / "answers.dta"))
    short = next(name for name in meta.column_names if name.startswith("a_question"))
    assert f"`{LONG_NAME}` (`{short}` in the file)" in text
    assert "| dk | -1 | Мэдэхгүй |" in text


def test_names_fit() -> None:
    names = fitting_names(["ALL", "_a", "a", "A", "1st", "я", "", "x" * 70], 10, frozenset({"all"}))
    assert names == ["v_ALL", "a", "a_2", "A_3", "v_1st", "v", "v_2", "x" * 10]


def test_codes_keep_scores_and_put_the_rest_below_zero() -> None:
    assert Coding(SCORES).names == {"1": 1, "5": 5, "dk": -1}
    assert Coding([("a", ""), ("b", "")]).names == {"a": 1, "b": 2}


def test_cutting_keeps_letters_whole() -> None:
    assert cut_bytes("өөө", 6) == "өөө"
    assert cut_bytes("өөөө", 6) == "ө…"
