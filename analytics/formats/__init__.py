"""One module a format; `opened` gives the writer of a request's format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analytics.columns import Table
from analytics.formats.delimited import CsvWriter
from analytics.formats.jsonlines import JsonLinesWriter
from analytics.formats.parquet import ParquetWriter
from analytics.formats.spreadsheet import SpreadsheetWriter
from analytics.formats.statistical import SpssWriter, StataWriter
from analytics.formats.writer import Writer
from analytics.request import Format

__all__ = ["Writer", "opened"]


def opened(wanted: Format, folder: Path, tables: Sequence[Table], *, exact: bool = False) -> Writer:
    """A writer of `wanted` for `tables`, with its files in `folder`."""
    match wanted:
        case Format.CSV:
            return CsvWriter(folder, tables, exact=exact)
        case Format.JSONL:
            return JsonLinesWriter(folder, tables)
        case Format.XLSX:
            return SpreadsheetWriter(folder, tables)
        case Format.PARQUET:
            return ParquetWriter(folder, tables)
        case Format.DTA:
            return StataWriter(folder, tables)
        case Format.SAV | Format.ZSAV:
            return SpssWriter(folder, tables, compress=wanted is Format.ZSAV)
