"""The sheets of an XLSForm, from a workbook or from Markdown tables, with their row numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlrd  # type: ignore[import-untyped]
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from conversations.survey.form import FormError

MAX_BYTES = 20_000_000
MAX_ROWS = 20_000
EMPTY_ROWS = 500
"""Empty rows in a row after which nothing more is expected."""
SPELLINGS = {"list name": "list_name", "type": "type", "name": "name"}
"""Headings that XLSForm tools take in another spelling."""
_SEPARATOR = re.compile(r"^[|:\-\s]+$")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its number as a spreadsheet counts, and its filled cells by column."""

    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The text of a cell, "" when it is empty."""
        return self.cells.get(column, "")


@dataclass(slots=True)
class Sheet:
    """A sheet: its columns in order, and its rows."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


Sheets = dict[str, Sheet]
"""Sheets by name, in lower case."""


def read_sheets(path: Path) -> Sheets:
    """The sheets of an .xlsx, .xls or .md file; raises FormError when it can't be read as one."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FormError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB")
        if path.suffix.lower() == ".md":
            return read_markdown(path.read_text("utf-8"))
        return _read_old_workbook(path) if path.suffix == ".xls" else _read_workbook(path)
    except FormError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise FormError(f"{path.name} can't be read: {error}") from error


def _read_workbook(path: Path) -> Sheets:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        return {
            name.strip().lower(): _sheet(name, book[name].iter_rows(values_only=True))
            for name in book.sheetnames
            if hasattr(book[name], "iter_rows")
        }
    except FormError:
        raise
    except Exception as error:  # a broken file makes openpyxl and zipfile raise anything
        raise FormError(f"{path.name} is not an Excel workbook (.xlsx): {error}") from error


def _read_old_workbook(path: Path) -> Sheets:
    """An .xls of before 2007, which older tools still write."""
    try:
        book = xlrd.open_workbook(path)
    except Exception as error:  # a broken file makes xlrd raise anything
        raise FormError(f"{path.name} is not an Excel workbook (.xls): {error}") from error
    return {
        page.name.strip().lower(): _sheet(
            page.name, (page.row_values(i) for i in range(page.nrows))
        )
        for page in book.sheets()
    }


def _sheet(name: str, rows: Any) -> Sheet:
    sheet = Sheet(name)
    last = 0
    for number, values in enumerate(rows, 1):
        texts = [cell_text(value) for value in values]
        if any(texts):
            last = number
        elif number - last > EMPTY_ROWS:
            break
        if len(sheet.rows) > MAX_ROWS:
            raise FormError(f"the sheet {name} has more than {MAX_ROWS} rows")
        if not sheet.columns:
            if any(texts):
                sheet.columns = [SPELLINGS.get(text.lower(), text) for text in texts]
            continue
        cells = {c: text for c, text in zip(sheet.columns, texts, strict=False) if c and text}
        if cells:
            sheet.rows.append(Row(number, cells))
    while sheet.columns and not sheet.columns[-1]:
        sheet.columns.pop()
    return sheet


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a fraction, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value).strip()


def read_markdown(text: str) -> Sheets:
    """The sheets of Markdown tables as pyxform reads them: the first column names the sheet.

    Row numbers are those of the sheet each table becomes.
    """
    sheets: Sheets = {}
    sheet: Sheet | None = None
    for line in text.splitlines():
        line = line.strip()
        if not line.startswith("|") or _SEPARATOR.match(line):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:]]
        if cells and cells[-1] == "":
            cells.pop()
        if cells and cells[0]:
            sheet = sheets[cells[0].lower()] = Sheet(cells[0])
            continue
        if sheet is None:
            raise FormError("the first table has no sheet name, such as | survey |, above it")
        values = cells[1:]
        if not sheet.columns:
            sheet.columns = [SPELLINGS.get(value.lower(), value) for value in values]
        else:
            filled = {c: text for c, text in zip(sheet.columns, values, strict=False) if c and text}
            sheet.rows.append(Row(len(sheet.rows) + 2, filled))
    if not sheets:
        raise FormError("there is no table: an XLSForm in Markdown starts with | survey |")
    return sheets


def build(source: Path) -> Path:
    """Write the workbook that a Markdown source describes, beside it; gives its path.

    A workbook that already says the same is left as it is.
    """
    sheets = read_sheets(source)
    target = source.with_suffix(".xlsx")
    if target.exists() and _same(read_sheets(target), sheets):
        return target
    book = Workbook()
    for default in book.sheetnames:
        del book[default]
    for sheet in sheets.values():
        _write(book, sheet)
    book.save(target)
    return target


def _same(one: Sheets, other: Sheets) -> bool:
    def content(sheets: Sheets) -> dict[str, Any]:
        return {
            name: (sheet.columns, [row.cells for row in sheet.rows if row.cells])
            for name, sheet in sheets.items()
        }

    return content(one) == content(other)


def _write(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name)
    page.append(sheet.columns)
    for row in sheet.rows:
        page.append([row.get(column) or None for column in sheet.columns])
    for number, column in enumerate(sheet.columns, 1):
        page.cell(1, number).font = Font(bold=True)
        widest = max([len(column), *(len(row.get(column)) for row in sheet.rows)], default=10)
        page.column_dimensions[get_column_letter(number)].width = min(60, widest + 2)
    for line in page.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.number_format = "@"
    page.freeze_panes = "A2"
