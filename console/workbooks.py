"""A workbook somebody uploaded: taken in safely, checked, shown as a grid, mended in a cell.

Only bytes are kept; whatever the file was called, it is looked at under a name of ours in a
folder of its own.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from content.finding import Refused
from content.tables import check_workbook
from conversations.survey.checks import Report, check
from conversations.survey.findings import Finding, Severity
from conversations.survey.form import FormError
from conversations.survey.source import FormSource
from conversations.survey.workbook import Sheet, read_sheets

LARGEST = 5 * 2**20
"""Bytes: the largest XLSForms seen have a few hundred kilobytes."""
MOST_ROWS = 5000
MOST_COLUMNS = 120
LONGEST_CELL = 5000
NAME = re.compile(r"[^\w .()-]+")


class BadWorkbook(ValueError):
    """What was uploaded can't be taken; `key` and `values` are the words for why."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Checked:
    """A workbook and what its check found."""

    name: str
    data: bytes
    report: Report

    def to_document(self) -> dict[str, Any]:
        """The shape of a draft."""
        source = self.report.source
        return {
            "name": self.name,
            "workbook": self.data,
            "source": source.to_document() if source else None,
            "form": source.form_id if source else "",
            "title": source.title if source else "",
            "passed": self.report.passed,
            "findings": [_finding_document(one) for one in self.report.findings],
        }


def safe_name(name: str) -> str:
    """A file's name to show and to offer for download, never to open."""
    last = re.split(r"[\\/]", name)[-1]
    return NAME.sub("_", last).strip(" .")[:80] or "survey.xlsx"


def take_in(name: str, data: bytes) -> Checked:
    """Check an upload; raises BadWorkbook. Takes a second or two of a core."""
    if not name.lower().endswith(".xlsx"):
        raise BadWorkbook("console.surveys.bad_type")
    if not data:
        raise BadWorkbook("console.surveys.empty")
    if len(data) > LARGEST:
        raise BadWorkbook("console.surveys.large", limit=str(LARGEST // 2**20))
    with tempfile.TemporaryDirectory(prefix="onoo-survey-") as folder:
        path = Path(folder) / "survey.xlsx"
        path.write_bytes(data)
        try:
            check_workbook(path)
            sheets = read_sheets(path)
        except Refused as refusal:
            raise BadWorkbook("console.surveys.refused", why=refusal.findings[0].what) from None
        except FormError as error:
            raise BadWorkbook("console.surveys.refused", why=str(error)) from None
        if any(len(s.rows) > MOST_ROWS or len(s.columns) > MOST_COLUMNS for s in sheets.values()):
            raise BadWorkbook(
                "console.surveys.sheet_large", rows=str(MOST_ROWS), columns=str(MOST_COLUMNS)
            )
        return Checked(safe_name(name), data, check(path))


def source_of(draft: dict[str, Any]) -> FormSource | None:
    """The form version of a draft whose check found no error in its way."""
    return FormSource.from_document(draft["source"]) if draft["source"] else None


# -- the grid -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row: its number in the sheet, its cells by column, and what was found in it."""

    number: int
    cells: dict[str, str]
    findings: tuple[Finding, ...] = ()

    @property
    def worst(self) -> str:
        """`error`, `warning` or "", for its colour."""
        severities = {str(one.severity) for one in self.findings}
        return next((one for one in ("error", "warning") if one in severities), "")

    def at(self, column: str) -> bool:
        """Whether something was found in this very cell."""
        return any(one.column == column for one in self.findings)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet with its findings: those of the whole sheet first, the others in their rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> int:
        """How many errors the sheet has."""
        found = [*self.findings, *(one for row in self.rows for one in row.findings)]
        return sum(1 for one in found if one.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Workbook:
    """All sheets of a draft, and what belongs to none of them."""

    grids: dict[str, Grid]
    findings: tuple[Finding, ...] = field(default=())


def workbook_of(draft: dict[str, Any]) -> Workbook:
    """The draft's sheets as grids."""
    findings = [_finding(one) for one in draft["findings"]]
    with tempfile.TemporaryDirectory(prefix="onoo-survey-") as folder:
        path = Path(folder) / "survey.xlsx"
        path.write_bytes(draft["workbook"])
        sheets = read_sheets(path)
    by_sheet: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        by_sheet[one.sheet.lower()].append(one)
    grids = {name: _grid(sheet, by_sheet.get(name, [])) for name, sheet in sheets.items()}
    loose = [one for name, group in by_sheet.items() if name not in grids for one in group]
    return Workbook(grids, tuple(loose))


def _grid(sheet: Sheet, findings: list[Finding]) -> Grid:
    by_row: dict[int, list[Finding]] = defaultdict(list)
    for one in findings:
        by_row[one.row].append(one)
    numbers = {row.number for row in sheet.rows}
    rows = [GridRow(r.number, r.cells, tuple(by_row.get(r.number, ()))) for r in sheet.rows]
    # A finding may be about a row that is empty, or about the headings.
    rows += [GridRow(n, {}, tuple(by_row[n])) for n in by_row if n and n not in numbers and n > 1]
    whole = [one for one in findings if one.row <= 1]
    columns = tuple(column for column in sheet.columns if column)
    return Grid(sheet.name, columns, tuple(sorted(rows, key=lambda r: r.number)), tuple(whole))


def _finding_document(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "severity": str(one.severity),
        "sheet": one.sheet,
        "row": one.row,
        "column": one.column,
        "values": dict(one.values),
    }


def _finding(document: dict[str, Any]) -> Finding:
    return Finding(**{**document, "severity": Severity(document["severity"])})


# -- mending --------------------------------------------------------------------------------


def mend(draft: dict[str, Any], sheet: str, row: int, cells: dict[str, str]) -> Checked:
    """Set cells of a row and check again; raises BadWorkbook for a place that is not there."""
    book = load_workbook(io.BytesIO(draft["workbook"]))
    page = next((book[name] for name in book.sheetnames if name.strip().lower() == sheet), None)
    if page is None or not 1 < row <= max(page.max_row, 1) + 1:
        raise BadWorkbook("console.surveys.no_cell")
    with_names = read_headings(page)
    for column, value in cells.items():
        if column not in with_names:
            raise BadWorkbook("console.surveys.no_cell")
        cell = page.cell(row, with_names[column])
        cell.value = value[:LONGEST_CELL] or None
        if value:
            # A text that begins with = stays a text: nothing here is ever a formula.
            cell.data_type = "s"
    written = io.BytesIO()
    book.save(written)
    return take_in(draft["name"], written.getvalue())


def read_headings(page: Any) -> dict[str, int]:
    """Columns by their heading: the first row in which anything stands, as the reader takes it."""
    for cells in page.iter_rows():
        names = {str(c.value).strip(): c.column for c in cells if c.value not in (None, "")}
        if names:
            return names
    return {}
