"""Reading CSV and XLSX files that strangers made: whole, in the right letters, no bombs."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook

from content.finding import Refused, in_row
from locales.told import Told

MAX_BYTES = 100 * 2**20
MAX_UNPACKED = 300 * 2**20
MAX_RATIO = 200
"""An honest workbook packs its XML 5 to 30 times; a bomb a thousand times."""
MAX_MEMBERS = 1000
MAX_ROWS = 300_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
EMPTY_TAIL = 1000
"""Empty rows in succession after which a sheet is taken to have ended."""

Row = tuple[int, list[str]]
"""The row's number in the file (as a spreadsheet shows it) and its cells as text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it, read once, as they come."""

    header: list[str]
    rows: Iterator[Row]


def read_table(path: Path, *, sheet: str = "", header_row: int = 1, delimiter: str = "") -> Table:
    """The table in `path` (.csv, .tsv or .xlsx); raises Refused with what would be right."""
    if not path.is_file():
        raise Refused.because(path.name, Told("finding.no_file"))
    if path.stat().st_size > MAX_BYTES:
        raise Refused.because(path.name, Told("finding.too_large", most=MAX_BYTES // 2**20))
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            rows = _csv_rows(path, delimiter)
        case ".xlsx":
            rows = _xlsx_rows(path, sheet)
        case other:
            raise Refused.because(
                path.name,
                Told("finding.ending", ending=other) if other else Told("finding.no_ending"),
            )
    for number, cells in rows:
        if number >= header_row:
            header = [" ".join(cell.split()) for cell in cells]
            if not any(header):
                raise Refused.because(in_row(path.name, number), Told("finding.empty_header"))
            return Table(header, rows)
    raise Refused.because(path.name, Told("finding.no_header", row=header_row))


# -- CSV --------------------------------------------------------------------------------


def decode(data: bytes, name: str) -> str:
    """The text of a CSV file; raises Refused for any code page but UTF-8 (or marked UTF-16)."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, byte = data[: error.start].count(b"\n") + 1, f"0x{data[error.start]:02x}"
        raise Refused.because(
            in_row(name, line),
            Told("finding.windows_1251" if _windows(data) else "finding.not_utf8", byte=byte),
        ) from None


def _windows(data: bytes) -> bool:
    """Whether it looks like Windows-1251, where most high bytes are lower-case Cyrillic."""
    high = [byte for byte in data[:20_000] if byte >= 0x80]
    lower = sum(1 for byte in high if byte >= 0xE0)
    return bool(high) and lower > len(high) / 2


def _csv_rows(path: Path, delimiter: str) -> Iterator[Row]:
    text = decode(path.read_bytes(), path.name)
    if "\0" in text:
        raise Refused.because(path.name, Told("finding.no_text"))
    delimiter = delimiter or _delimiter(text)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return _numbered(path.name, reader)


def _delimiter(text: str) -> str:
    """The commonest of comma, semicolon and tab in the first line with any of them."""
    for line in text.splitlines()[:20]:
        counts = {mark: line.count(mark) for mark in ",;\t"}
        if any(counts.values()):
            return max(counts, key=lambda mark: counts[mark])
    return ","


def _numbered(name: str, reader: Iterator[list[str]]) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused.because(
                in_row(name, number), Told("finding.bad_csv", error=error)
            ) from None
        if number > MAX_ROWS:
            raise Refused.because(name, Told("finding.many_rows", most=f"{MAX_ROWS:,}"))
        if len(cells) > MAX_COLUMNS:
            raise Refused.because(
                in_row(name, number), Told("finding.many_columns", most=MAX_COLUMNS)
            )
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield number, cells


# -- XLSX -------------------------------------------------------------------------------


def check_workbook(path: Path) -> None:
    """Refuse what is no workbook, and archives that unpack to far more than they should."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise Refused.because(path.name, Told("finding.no_workbook")) from None
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise Refused.because(path.name, Told("finding.no_workbook_part"))
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    suspicious = unpacked > 2**20 and unpacked / packed > MAX_RATIO
    if unpacked > MAX_UNPACKED or suspicious or len(members) > MAX_MEMBERS:
        raise Refused.because(
            path.name,
            Told("finding.bomb", packed=f"{packed:,}", unpacked=f"{unpacked:,}"),
        )


def _xlsx_rows(path: Path, sheet: str) -> Iterator[Row]:
    check_workbook(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever the XML or zip layer raised
        raise Refused.because(path.name, Told("finding.damaged_workbook", error=error)) from None
    if sheet and sheet not in book.sheetnames:
        names = ", ".join(book.sheetnames)
        raise Refused.because(path.name, Told("finding.no_sheet", sheet=repr(sheet), names=names))
    page = book[sheet] if sheet else book[book.sheetnames[0]]
    if not hasattr(page, "reset_dimensions"):
        raise Refused.because(path.name, Told("finding.chart", sheet=repr(page.title)))
    # What a workbook says of its own size is a claim, not a fact.
    page.reset_dimensions()
    return _sheet_rows(path.name, page.iter_rows(max_col=MAX_COLUMNS, values_only=True))


def _sheet_rows(name: str, rows: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    empty = 0
    number = 0
    while True:
        number += 1
        try:
            values = next(rows)
        except StopIteration:
            return
        except Exception as error:  # the same: a damaged sheet shows only while it is read
            raise Refused.because(
                in_row(name, number), Told("finding.damaged_sheet", error=error)
            ) from None
        if number > MAX_ROWS:
            raise Refused.because(name, Told("finding.many_rows", most=f"{MAX_ROWS:,}"))
        cells = [_cell(name, number, value) for value in values]
        if any(cells):
            empty = 0
            yield number, cells
        elif (empty := empty + 1) >= EMPTY_TAIL:
            return


def _cell(name: str, row: int, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time.min
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    if len(text) > MAX_CELL:
        raise Refused.because(in_row(name, row), Told("finding.long_cell", most=f"{MAX_CELL:,}"))
    return text
