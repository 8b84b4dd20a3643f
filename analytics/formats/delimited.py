"""CSV: UTF-8 with a byte-order mark, so that spreadsheets show Mongolian right; RFC 4180."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from analytics.columns import Table
from analytics.formats.writer import Sheets, Writer
from analytics.values import Cell, Row, as_text

RUNNABLE = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet may take for the beginning of a formula, and the mark itself (OWASP)."""


def guarded(text: str) -> str:
    """A text that a spreadsheet would run, marked with "'"; take one "'" away to undo it."""
    if text.startswith(RUNNABLE) and not _is_number(text):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The reverse of `guarded`."""
    return text[1:] if text.startswith("'") else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class CsvWriter(Writer):
    """One file a table; with `exact` texts are not marked."""

    suffix = "csv"

    def __init__(self, folder: Path, tables: Sequence[Table], *, exact: bool = False) -> None:
        super().__init__(folder, tables)
        self._exact = exact
        self._open = ExitStack()
        self._rows = []
        for table in self.tables:
            file = self.path(table).open("w", encoding="utf-8-sig", newline="")
            self._open.enter_context(file)
            writer = csv.writer(file)
            writer.writerow([column.name for column in table.columns])
            self._rows.append(writer)

    def write(self, number: int, rows: Sequence[Row]) -> None:
        self._rows[number].writerows([self._cell(value) for value in row] for row in rows)

    def _cell(self, value: Cell) -> str | int:
        if isinstance(value, str):
            return value if self._exact else guarded(value)
        return value if type(value) is int else as_text(value)

    def finish(self, beside: Sheets) -> dict[str, str]:
        self._open.close()
        return {table.name: self.path(table).name for table in self.tables}
