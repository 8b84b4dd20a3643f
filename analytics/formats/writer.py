"""What all writers do: take rows of tables, in order, and leave files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from analytics.columns import Table
from analytics.values import Row

Sheets: TypeAlias = Sequence[tuple[str, Sequence[Sequence[str]]]]
"""(title, rows) of what is written beside the data."""


class Writer(ABC):
    """Writes the rows of `tables` to files in `folder`; call `finish` at the end.

    `remarks` says what the format could not hold and how it was changed.
    """

    suffix = ""

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        self.folder = folder
        self.tables = tuple(tables)
        self.remarks: list[str] = []

    def path(self, table: Table) -> Path:
        """The file of a table."""
        return self.folder / f"{table.name}.{self.suffix}"

    @abstractmethod
    def write(self, number: int, rows: Sequence[Row]) -> None:
        """Add rows to the table with this number."""

    @abstractmethod
    def finish(self, beside: Sheets) -> dict[str, str]:
        """Close the files; the file name of each table. `beside` is for formats with sheets."""

    def renamed(self, number: int) -> dict[str, str]:
        """Columns of a table that have another name in the file."""
        return {}

    def codes(self, number: int) -> dict[str, dict[str, int]]:
        """The numbers that stand for choices in a table of the file, by column and name."""
        return {}
