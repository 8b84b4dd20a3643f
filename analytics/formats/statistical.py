"""SPSS (.sav, .zsav) and Stata (.dta), written by ReadStat through pyreadstat.

Limits: SPSS variable labels 256 bytes, value labels 120 bytes, names 64 bytes, strings
32,767 bytes; it pads texts with blanks, so blanks at the end are lost. Stata variable labels
80 letters, names 32 (`help limits`; ReadStat writes value labels only for names up to 31).
What is cut stands whole in the codebook. A table is held in memory: 8 bytes a number.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Protocol

import numpy
import pandas
import pyreadstat

from analytics.columns import Column, Kind, Table
from analytics.formats.coding import (
    SPSS_RESERVED,
    STATA_RESERVED,
    Coding,
    cut_bytes,
    cut_letters,
    fitting_names,
)
from analytics.formats.writer import Sheets, Writer
from analytics.values import Cell, Row, as_text

NONE = float("nan")
_GREGORIAN = datetime(1582, 10, 14)
_SIXTIES = datetime(1960, 1, 1)


class Gathered(Protocol):
    """The values of one column so far."""

    def add(self, value: Cell) -> None: ...
    def values(self) -> Any: ...


class Numbers:
    """Numbers, and what is stored as one; blank is not a number."""

    def __init__(self, number: Any) -> None:
        self._number = number
        self._array = array("d")

    def add(self, value: Cell) -> None:
        self._array.append(NONE if value is None else self._number(value))

    def values(self) -> Any:
        return numpy.frombuffer(self._array) if self._array else numpy.empty(0)


class Texts:
    """Texts, cut to what the format holds; the same text is kept once."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._list: list[str] = []
        self._known: dict[str, str] = {}
        self.was_cut = False

    def add(self, value: Cell) -> None:
        text = as_text(value)
        if len(text) * 4 > self._longest:
            short = cut_bytes(text, self._longest)
            self.was_cut = self.was_cut or short != text
            text = short
        if len(text) < 25:
            text = self._known.setdefault(text, text)
        self._list.append(text)

    def values(self) -> Any:
        return pandas.Series(self._list, dtype=object)


class StatisticalWriter(Writer):
    """What both formats share: columns gathered in memory and written at the end."""

    longest_name = 31
    longest_text = 32_767
    reserved = frozenset[str]()

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        super().__init__(folder, tables)
        self._names = [
            fitting_names((c.name for c in table.columns), self.longest_name, self.reserved)
            for table in self.tables
        ]
        self._codings = [
            [Coding(c.choices) if c.kind is Kind.CHOICE else None for c in table.columns]
            for table in self.tables
        ]
        self._gathered: list[list[Gathered]] = [
            [self._gather(c, k) for c, k in zip(table.columns, codings, strict=True)]
            for table, codings in zip(self.tables, self._codings, strict=True)
        ]

    def _gather(self, column: Column, coding: Coding | None) -> Gathered:
        if coding is not None:
            return Numbers(coding.code)
        if column.kind in (Kind.INTEGER, Kind.DECIMAL):
            return Numbers(float)
        if column.kind in (Kind.DATE, Kind.TIME, Kind.DATETIME):
            return Numbers(getattr(self, f"_{column.kind}"))
        return Texts(self.longest_text)

    def write(self, number: int, rows: Sequence[Row]) -> None:
        for gathered, values in zip(self._gathered[number], zip(*rows, strict=True), strict=True):
            add = gathered.add
            for value in values:
                add(value)

    def renamed(self, number: int) -> dict[str, str]:
        names = (column.name for column in self.tables[number].columns)
        return dict(zip(names, self._names[number], strict=True))

    def codes(self, number: int) -> dict[str, dict[str, int]]:
        """The numbers that stand for choices, by column."""
        return {
            column.name: coding.names
            for column, coding in zip(
                self.tables[number].columns, self._codings[number], strict=True
            )
            if coding is not None
        }

    def finish(self, beside: Sheets) -> dict[str, str]:
        for number, table in enumerate(self.tables):
            names = self._names[number]
            frame = pandas.DataFrame(
                {
                    name: gathered.values()
                    for name, gathered in zip(names, self._gathered[number], strict=True)
                },
                copy=False,
            )
            if any(isinstance(g, Texts) and g.was_cut for g in self._gathered[number]):
                self.remarks.append(
                    f"{table.name}: texts over {self.longest_text} bytes were cut, ending in …"
                )
            labels: dict[str, dict[int | float, str]] = {
                name: {code: self._choice_label(words) for code, words in coding.labels.items()}
                for name, coding in zip(names, self._codings[number], strict=True)
                if coding is not None
            }
            self._save(number, frame, labels)
            self._gathered[number] = []
        return {table.name: self.path(table).name for table in self.tables}

    def _choice_label(self, words: str) -> str:
        raise NotImplementedError

    def _save(self, number: int, frame: Any, labels: dict[str, dict[int | float, str]]) -> None:
        raise NotImplementedError


class SpssWriter(StatisticalWriter):
    """One file a table; .zsav is the compressed one."""

    longest_name = 64
    reserved = SPSS_RESERVED

    def __init__(self, folder: Path, tables: Sequence[Table], *, compress: bool) -> None:
        self.suffix = "zsav" if compress else "sav"
        super().__init__(folder, tables)

    @staticmethod
    def _date(value: date) -> float:
        return (datetime.combine(value, time()) - _GREGORIAN).total_seconds()

    @staticmethod
    def _datetime(value: datetime) -> float:
        return (value.replace(tzinfo=None) - _GREGORIAN).total_seconds()

    @staticmethod
    def _time(value: time) -> float:
        return (datetime.combine(date.min, value) - datetime.min).total_seconds()

    def _choice_label(self, words: str) -> str:
        return cut_bytes(words, 120)

    def _save(self, number: int, frame: Any, labels: dict[str, dict[int | float, str]]) -> None:
        table, names = self.tables[number], self._names[number]
        path = self.path(table)
        pyreadstat.write_sav(
            frame,
            path,
            file_label=cut_bytes(table.title, 64),
            column_labels=[cut_bytes(column.label, 256) for column in table.columns],
            variable_value_labels=labels,
            variable_measure={
                name: _MEASURES.get(column.kind, "scale")
                for name, column in zip(names, table.columns, strict=True)
            },
            variable_format={
                name: _SPSS_FORMATS[column.kind]
                for name, column in zip(names, table.columns, strict=True)
                if column.kind in _SPSS_FORMATS
            },
            compress=self.suffix == "zsav",
            row_compress=self.suffix == "sav",
        )
        # The header says when it was made: nine letters of a date, eight of a time.
        with path.open("r+b") as file:
            file.seek(92)
            file.write(b"01 Jan 8000:00:00")


class StataWriter(StatisticalWriter):
    """One file a table, in the format of Stata 14 and later (118): UTF-8."""

    suffix = "dta"
    longest_text = 2_000_000
    reserved = STATA_RESERVED

    @staticmethod
    def _date(value: date) -> float:
        return float((datetime.combine(value, time()) - _SIXTIES).days)

    @staticmethod
    def _datetime(value: datetime) -> float:
        return (value.replace(tzinfo=None) - _SIXTIES).total_seconds() * 1000

    @staticmethod
    def _time(value: time) -> float:
        return (datetime.combine(date.min, value) - datetime.min).total_seconds() * 1000

    def _choice_label(self, words: str) -> str:
        return cut_bytes(words, 32_000)

    def _save(self, number: int, frame: Any, labels: dict[str, dict[int | float, str]]) -> None:
        table, names = self.tables[number], self._names[number]
        path = self.path(table)
        pyreadstat.write_dta(
            frame,
            path,
            file_label=cut_letters(table.title, 80),
            column_labels=[cut_letters(column.label, 80) for column in table.columns],
            variable_value_labels=labels,
            variable_format={
                name: _STATA_FORMATS[column.kind]
                for name, column in zip(names, table.columns, strict=True)
                if column.kind in _STATA_FORMATS
            },
            # 118. In 119, which is for tables of more than 32,767 columns, R's haven reads long
            # texts as blanks (2.5.1).
            version=14,
        )
        _forget_when(path)


def _forget_when(path: Path) -> None:
    """Overwrite the moment a .dta was made with a fixed one of the same length."""
    with path.open("r+b") as file:
        head = file.read(1024)
        begin, end = head.index(b"<timestamp>") + 11, head.index(b"</timestamp>")
        if end - begin == 18:
            file.seek(begin + 1)
            file.write(b"01 Jan 1980 00:00")


_MEASURES = {Kind.CHOICE: "nominal", Kind.CHOICES: "nominal", Kind.TEXT: "nominal"}
_SPSS_FORMATS = {
    Kind.CHOICE: "F8.0",
    Kind.INTEGER: "F11.0",
    Kind.DECIMAL: "F16.6",
    Kind.DATE: "SDATE10",
    Kind.TIME: "TIME8",
    Kind.DATETIME: "DATETIME23.3",
}
_STATA_FORMATS = {
    Kind.CHOICE: "%8.0g",
    Kind.INTEGER: "%11.0g",
    Kind.DECIMAL: "%16.0g",
    Kind.DATE: "%td",
    Kind.TIME: "%tcHH:MM:SS",
    Kind.DATETIME: "%tc",
}
