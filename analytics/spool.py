"""Rows put aside on disk and read back in order, with little memory however many there are.

A row goes into one of `BUCKETS` files by the first letters of its order key, which is a
pseudonym and so spread evenly; each file is sorted when it is read. One pass over the
database is enough, and the database need not sort.
"""

from __future__ import annotations

import io
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeAlias

from analytics.values import Row

BUCKETS = 64
KEPT = 4000
"""Rows held in memory before they are written out."""

Placed: TypeAlias = tuple[str, int, tuple[Any, ...], Row]
"""(order key, table, order within the key, row)."""


class Spool:
    """Use in a `with`: the files are gone afterwards."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="onoo-export-", dir=folder)
        self._waiting: dict[int, list[Placed]] = {}
        self._files: dict[int, IO[bytes]] = {}
        self._held = 0
        self.count = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()
        self._folder.cleanup()

    def add(self, rows: Iterable[Placed]) -> None:
        """Put rows aside."""
        for row in rows:
            self._waiting.setdefault(int(row[0][:2], 16) % BUCKETS, []).append(row)
            self._held += 1
            self.count += 1
        if self._held >= KEPT:
            self._write()

    def buckets(self) -> Iterator[list[Placed]]:
        """All rows by order key, table, and order within the key; any number of times."""
        self._write()
        for number in range(BUCKETS):
            file = self._files.get(number)
            if file is None:
                continue
            file.seek(0)
            rows: list[Placed] = []
            while True:
                try:
                    # Written by this process, in a folder that only it can enter.
                    rows += pickle.load(file)  # noqa: S301  # nosec B301
                except EOFError:
                    break
            rows.sort(key=lambda row: row[:3])
            yield rows

    def _write(self) -> None:
        for number, rows in self._waiting.items():
            if number not in self._files:
                path = Path(self._folder.name) / f"{number:02x}"
                self._files[number] = path.open("w+b")
            file = self._files[number]
            file.seek(0, io.SEEK_END)
            pickle.dump(rows, file, pickle.HIGHEST_PROTOCOL)
        self._waiting.clear()
        self._held = 0
