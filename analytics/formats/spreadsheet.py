"""XLSX: a sheet a table, with the codebook and the rest of the documentation as sheets."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.writer.excel import ExcelWriter

from analytics.columns import Table
from analytics.formats.writer import Sheets, Writer
from analytics.values import Cell, Row

MOST_ROWS = 1_048_576
LONGEST = 32_767
"""Characters in a cell (Excel specifications and limits, Microsoft)."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_FIXED = (1980, 1, 1, 0, 0, 0)
_SAVED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


class FixedZip(zipfile.ZipFile):
    """An archive without the moment it was made, so that the same data gives the same bytes."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        if name == "docProps/core.xml":
            encoded = data.encode() if isinstance(data, str) else data
            data = _SAVED.sub(rb"\g<1>1980-01-01T00:00:00Z", encoded)
        super().writestr(_entry(name), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with open(filename, "rb") as source, self.open(_entry(arcname or filename), "w") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)


def _entry(name: Any) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(str(name).lstrip("/"), _FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


class SpreadsheetWriter(Writer):
    """One workbook; a table longer than a sheet goes on in the next."""

    suffix = "xlsx"

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        super().__init__(folder, tables)
        self._book = Workbook(write_only=True)
        self._titles: list[str] = []
        self._sheets: list[Any] = []
        self._used: list[int] = []
        for table in self.tables:
            self._sheets.append(self._sheet(table.name))
            self._used.append(0)
        for number in range(len(self.tables)):
            self._head(number)

    def _sheet(self, name: str) -> Any:
        base = _FORBIDDEN.sub("_", name)[:31] or "table"
        title, turn = base, 1
        while title.casefold() in {one.casefold() for one in self._titles}:
            turn += 1
            ending = f" ({turn})"
            title = base[: 31 - len(ending)] + ending
        self._titles.append(title)
        sheet = self._book.create_sheet(title)
        sheet.freeze_panes = "A2"
        return sheet

    def _head(self, number: int) -> None:
        sheet = self._sheets[number]
        sheet.append([_text(sheet, column.name) for column in self.tables[number].columns])
        self._used[number] = 1

    def write(self, number: int, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._used[number] == MOST_ROWS:
                self._sheets[number] = self._sheet(self.tables[number].name)
                self._head(number)
            sheet = self._sheets[number]
            sheet.append([self._cell(sheet, value) for value in row])
            self._used[number] += 1

    def _cell(self, sheet: Any, value: Cell) -> Any:
        if isinstance(value, str):
            if len(value) > LONGEST:
                self._remark(f"texts over {LONGEST} characters were cut, ending in …")
                value = value[: LONGEST - 1] + "…"
            return _text(sheet, value)
        if isinstance(value, datetime):
            return value.replace(tzinfo=None)
        if isinstance(value, time):
            return value.isoformat()
        return value

    def _remark(self, words: str) -> None:
        if words not in self.remarks:
            self.remarks.append(words)

    def finish(self, beside: Sheets) -> dict[str, str]:
        for title, rows in beside:
            sheet = self._sheet(title)
            for row in rows:
                sheet.append([self._cell(sheet, value) for value in row])
        path = self.folder / f"{self.tables[0].name}.{self.suffix}"
        with FixedZip(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            ExcelWriter(self._book, archive).write_data()
        self._book.close()
        return dict.fromkeys((table.name for table in self.tables), path.name)


def _text(sheet: Any, value: str) -> Any:
    """Text as text, also where it looks like a formula; control characters don't fit in XML."""
    if not value.isprintable():
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if value.startswith(("=", "#")):
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"
        return cell
    return value
