"""JSON Lines: an object a row, UTF-8, numbers as numbers; what is blank is null."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from analytics.columns import Table
from analytics.formats.writer import Sheets, Writer
from analytics.values import Cell, Row, as_text


def plain(value: Cell) -> str | int | float | None:
    """A value as JSON has it: moments, dates and times as ISO 8601 text."""
    return value if value is None or isinstance(value, (str, int, float)) else as_text(value)


class JsonLinesWriter(Writer):
    """One file a table."""

    suffix = "jsonl"

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        super().__init__(folder, tables)
        self._open = ExitStack()
        self._files = [
            self._open.enter_context(self.path(table).open("w", encoding="utf-8", newline="\n"))
            for table in self.tables
        ]
        self._encode = json.JSONEncoder(
            ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode

    def write(self, number: int, rows: Sequence[Row]) -> None:
        names = [column.name for column in self.tables[number].columns]
        encode = self._encode
        self._files[number].writelines(
            encode(dict(zip(names, map(plain, row), strict=True))) + "\n" for row in rows
        )

    def finish(self, beside: Sheets) -> dict[str, str]:
        self._open.close()
        return {table.name: self.path(table).name for table in self.tables}
