"""One module a format; `opened` gives the writer of a request's format.

Only that module is loaded: together their libraries take a second and 100 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analytics.columns import Table
from analytics.formats.writer import Writer
from analytics.request import Format

__all__ = ["Writer", "opened"]


def opened(wanted: Format, folder: Path, tables: Sequence[Table], *, exact: bool = False) -> Writer:
    """A writer of `wanted` for `tables`, with its files in `folder`."""
    match wanted:
        case Format.CSV:
            from analytics.formats.delimited import CsvWriter

            return CsvWriter(folder, tables, exact=exact)
        case Format.JSONL:
            from analytics.formats.jsonlines import JsonLinesWriter

            return JsonLinesWriter(folder, tables)
        case Format.XLSX:
            from analytics.formats.spreadsheet import SpreadsheetWriter

            return SpreadsheetWriter(folder, tables)
        case Format.PARQUET:
            from analytics.formats.parquet import ParquetWriter

            return ParquetWriter(folder, tables)
        case Format.DTA:
            from analytics.formats.statistical import StataWriter

            return StataWriter(folder, tables)
        case Format.SAV | Format.ZSAV:
            from analytics.formats.statistical import SpssWriter

            return SpssWriter(folder, tables, compress=wanted is Format.ZSAV)
