"""XLSX: a sheet a table, with the codebook and the rest of the documentation as sheets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from pathlib import Path

from analytics.columns import Table
from analytics.formats.workbook import MOST_ROWS, Sheet, save
from analytics.formats.writer import Sheets, Writer
from analytics.values import Cell, Row

LONGEST = 32_767
"""Characters in a cell (Excel specifications and limits, Microsoft)."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


class SpreadsheetWriter(Writer):
    """One workbook; a table longer than a sheet goes on in the next."""

    suffix = "xlsx"

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        super().__init__(folder, tables)
        self._sheets: list[Sheet] = []
        self._current = [self._begin(table) for table in self.tables]

    def _begin(self, table: Table) -> Sheet:
        sheet = self._sheet(table.name)
        sheet.add([tuple(column.name for column in table.columns)])
        return sheet

    def _sheet(self, name: str) -> Sheet:
        base = _FORBIDDEN.sub("_", name)[:31] or "table"
        taken = {sheet.title.casefold() for sheet in self._sheets}
        title, turn = base, 1
        while title.casefold() in taken:
            turn += 1
            ending = f" ({turn})"
            title = base[: 31 - len(ending)] + ending
        sheet = Sheet(title, self.folder)
        self._sheets.append(sheet)
        return sheet

    def write(self, number: int, rows: Sequence[Row]) -> None:
        fitting = [tuple(map(self._fitting, row)) for row in rows]
        while fitting:
            sheet = self._current[number]
            room = MOST_ROWS - sheet.rows
            sheet.add(fitting[:room])
            fitting = fitting[room:]
            if fitting:
                self._current[number] = self._begin(self.tables[number])

    def _fitting(self, value: Cell) -> Cell:
        if type(value) is str and len(value) > LONGEST:
            words = f"texts over {LONGEST} characters were cut, ending in …"
            if words not in self.remarks:
                self.remarks.append(words)
            return value[: LONGEST - 1] + "…"
        return value.isoformat() if isinstance(value, time) else value

    def finish(self, beside: Sheets) -> dict[str, str]:
        for title, rows in beside:
            self._sheet(title).add([tuple(map(self._fitting, row)) for row in rows])
        path = self.folder / f"{self.tables[0].name}.{self.suffix}"
        save(path, self._sheets)
        return dict.fromkeys((table.name for table in self.tables), path.name)
