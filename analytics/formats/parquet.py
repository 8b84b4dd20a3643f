"""Parquet: typed columns, with labels and choices in the metadata of each field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from analytics.columns import Column, Kind, Table
from analytics.formats.writer import Sheets, Writer
from analytics.values import Row

GROUP = 10_000
"""Rows a row group."""

_TYPES: dict[Kind, Any] = {
    Kind.INTEGER: pyarrow.int64(),
    Kind.DECIMAL: pyarrow.float64(),
    Kind.DATE: pyarrow.date32(),
    Kind.TIME: pyarrow.time64("us"),
    Kind.DATETIME: pyarrow.timestamp("ms", tz="UTC"),
}


class ParquetWriter(Writer):
    """One file a table, written a row group at a time."""

    suffix = "parquet"

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        super().__init__(folder, tables)
        self._schemas = [_schema(table) for table in self.tables]
        self._files = [
            pyarrow.parquet.ParquetWriter(self.path(table), schema, compression="zstd")
            for table, schema in zip(self.tables, self._schemas, strict=True)
        ]
        self._waiting: list[list[Row]] = [[] for _ in self.tables]

    def write(self, number: int, rows: Sequence[Row]) -> None:
        waiting = self._waiting[number]
        waiting += rows
        while len(waiting) >= GROUP:
            self._flush(number, waiting[:GROUP])
            del waiting[:GROUP]

    def _flush(self, number: int, rows: Sequence[Row]) -> None:
        schema = self._schemas[number]
        arrays = [
            pyarrow.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        self._files[number].write_table(pyarrow.Table.from_arrays(arrays, schema=schema))

    def finish(self, beside: Sheets) -> dict[str, str]:
        for number, rows in enumerate(self._waiting):
            if rows:
                self._flush(number, rows)
            self._files[number].close()
        return {table.name: self.path(table).name for table in self.tables}


def _schema(table: Table) -> Any:
    return pyarrow.schema([_field(column) for column in table.columns])


def _field(column: Column) -> Any:
    metadata = {"label": column.label}
    if column.choices:
        metadata["choices"] = json.dumps(dict(column.choices), ensure_ascii=False)
    kind = _TYPES.get(column.kind, pyarrow.string())
    return pyarrow.field(column.name, kind, metadata=metadata)
