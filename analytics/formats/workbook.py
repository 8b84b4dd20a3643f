"""A workbook of plain sheets, written row by row (SpreadsheetML: ECMA-376, part 1, clause 18).

openpyxl and XlsxWriter do far more and take six to ten times as long over a cell; 100,000
cases have four million. The same cells give the same bytes.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryFile
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from analytics.values import Cell, Row

MOST_ROWS = 1_048_576
"""Rows of a sheet, its head included (Excel specifications and limits, Microsoft)."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RETURN = {"\r": "&#13;"}
_FIRST_DAY = date(1899, 12, 30)
_MIDNIGHT = datetime(1899, 12, 30)
_DAY = 86_400
_FIXED = (1980, 1, 1, 0, 0, 0)

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '<selection pane="bottomLeft"/>'
    "</sheetView></sheetViews><sheetData>"
)


def _format(number: int) -> str:
    applied = ' applyNumberFormat="1"' if number else ""
    return f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"{applied}/>'


_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="3">{_format(0)}{_format(164)}{_format(165)}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
DATE, MOMENT = 1, 2
"""Places of the formats in `cellXfs`."""


class Sheet:
    """One sheet, whose rows wait in a file without a name until the workbook is saved."""

    def __init__(self, title: str, folder: Path) -> None:
        self.title = title
        self.rows = 0
        self.file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by Workbook.save
        self.file.write(_SHEET.encode())
        self._letters: list[str] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows; texts that XML can't hold lose what it can't."""
        while rows and len(self._letters) < len(rows[0]):
            self._letters.append(get_column_letter(len(self._letters) + 1))
        written = "".join(self._row(row) for row in rows)
        self.file.write(written.encode("utf-8", "replace"))

    def _row(self, row: Row) -> str:
        self.rows += 1
        number = self.rows
        cells = [
            _cell(f"{letter}{number}", value)
            for letter, value in zip(self._letters, row, strict=False)
            if value is not None and value != ""
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Cell) -> str:
    kind = type(value)
    if kind is int or kind is float:
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if isinstance(value, datetime):
        since = value.replace(tzinfo=None) - _MIDNIGHT
        serial = since.days + (since.seconds + since.microseconds / 1e6) / _DAY
        return f'<c r="{place}" s="{MOMENT}"><v>{serial!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{DATE}"><v>{(value - _FIRST_DAY).days}</v></c>'
    text = str(value)
    if text.isprintable() and text[0] != " " and text[-1] != " ":
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
    text = escape(_NOT_XML.sub("", text), _RETURN)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def save(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write the workbook; the sheets are closed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, part in _parts([sheet.title for sheet in sheets]):
            archive.writestr(_entry(name), part)
        for number, sheet in enumerate(sheets, 1):
            sheet.file.write(b"</sheetData></worksheet>")
            sheet.file.seek(0)
            entry = _entry(f"xl/worksheets/sheet{number}.xml")
            with sheet.file, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(sheet.file, target, 1 << 20)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _parts(titles: Sequence[str]) -> Iterable[tuple[str, str]]:
    """What a workbook needs beside its sheets: types, relations, its table of contents."""
    numbers = range(1, len(titles) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>',
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    contents = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="rId{n}"/>'
        for n, title in zip(numbers, titles, strict=True)
    )
    head = f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
    yield "xl/workbook.xml", f"{_XML}{head}<sheets>{contents}</sheets></workbook>"
    related = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*related, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
