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
        columns = [self._column(values) for values in zip(*rows, strict=True)]
        self._rows[number].writerows(zip(*columns, strict=True))

    def _column(self, values: tuple[Cell, ...]) -> Sequence[str | int | None]:
        """Cells of one column; numbers and blanks `csv` itself writes as `as_text` would."""
        marked = () if self._exact else RUNNABLE
        return [
            (guarded(value) if value[:1] in marked else value)
            if type(value) is str
            else value
            if value is None or type(value) is int
            else as_text(value)
            for value in values
        ]

    def finish(self, beside: Sheets) -> dict[str, str]:
        self._open.close()
        return {table.name: self.path(table).name for table in self.tables}
