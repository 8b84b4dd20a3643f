"""What happens to rows between the source and the file: filters, types, chosen columns."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from analytics.columns import Column, Kind, Table
from analytics.request import Request, RequestError
from analytics.spool import Placed
from analytics.values import Cell, Row, as_text, is_plain_number, reader
from locales.told import Told

Shape: TypeAlias = Callable[[Row], Row]


def known_columns(table: Table, names: Iterable[str]) -> list[int]:
    """Where the columns `names` stand; raises RequestError with what may have been meant."""
    places = {column.name: at for at, column in enumerate(table.columns)}
    found = []
    for name in names:
        if name not in places:
            raise RequestError(_no_column(name, places))
        found.append(places[name])
    return found


class Filter:
    """Keeps the cases whose row in the first table has one of the values asked for."""

    def __init__(self, request: Request, table: Table) -> None:
        places = known_columns(table, request.where)
        wanted = request.where.values()
        self._tests = [(p, frozenset(v)) for p, v in zip(places, wanted, strict=True)]
        self._by_row = request.long

    def __call__(self, rows: list[Placed]) -> list[Placed]:
        """The rows to keep of a batch, in which all rows of a case stand together."""
        if not self._tests:
            return rows
        if self._by_row:
            return [row for row in rows if self._passes(row[3])]
        kept = {row[0] for row in rows if row[1] == 0 and self._passes(row[3])}
        return [row for row in rows if row[0] in kept]

    def _passes(self, row: Row) -> bool:
        return all(as_text(row[place]) in wanted for place, wanted in self._tests)


class Inference:
    """Finds calculations that are always numbers: forms say of none what type it is."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tables
        self._kinds: dict[tuple[int, int], Kind | None] = {
            (number, place): None
            for number, table in enumerate(tables)
            for place, column in enumerate(table.columns)
            if column.note == "calculated" and column.kind is Kind.TEXT
        }

    def see(self, rows: Iterable[Placed]) -> None:
        """Look at rows on their way."""
        if not self._kinds:
            return
        for _, number, _, row in rows:
            for key in [key for key in self._kinds if key[0] == number]:
                value = row[key[1]]
                if value is None or self._kinds[key] is Kind.TEXT:
                    continue
                self._kinds[key] = _kind(str(value), self._kinds[key])

    def shaped(self) -> tuple[tuple[Table, ...], list[Shape]]:
        """The tables with the types found, and what makes each table's rows fit."""
        tables, shapes = [], []
        for number, table in enumerate(self._tables):
            numeric = {
                place: kind
                for (at, place), kind in self._kinds.items()
                if at == number and kind in (Kind.INTEGER, Kind.DECIMAL)
            }
            columns = [
                replace(column, kind=numeric[place]) if place in numeric else column
                for place, column in enumerate(table.columns)
            ]
            tables.append(table.with_columns(tuple(columns)))
            shapes.append(_converting(numeric))
        return tuple(tables), shapes


def _kind(text: str, before: Kind | None) -> Kind:
    if not is_plain_number(text):
        return Kind.TEXT
    whole = "." not in text and before is not Kind.DECIMAL
    return Kind.INTEGER if whole else Kind.DECIMAL


def _converting(kinds: Mapping[int, Kind]) -> Shape:
    if not kinds:
        return lambda row: row
    readers = [(place, reader(kind)) for place, kind in kinds.items()]

    def shape(row: Row) -> Row:
        cells: list[Cell] = list(row)
        for place, read in readers:
            value = cells[place]
            if value is not None:
                cells[place] = read(str(value))
        return tuple(cells)

    return shape


def chosen(table: Table, fields: Sequence[str]) -> tuple[Table, Shape]:
    """The table with the columns asked for, its keys always among them."""
    if not fields:
        return table, lambda row: row
    kept = set(table.key) | set(table.parent[0] if table.parent else ()) | set(fields)
    places = [at for at, column in enumerate(table.columns) if column.name in kept]
    columns: tuple[Column, ...] = tuple(table.columns[at] for at in places)
    return table.with_columns(columns), lambda row: tuple(row[at] for at in places)


def check_fields(tables: Sequence[Table], fields: Sequence[str]) -> None:
    """Raise RequestError for a field that no table has."""
    known = {column.name for table in tables for column in table.columns}
    for name in fields:
        if name not in known:
            raise RequestError(_no_column(name, known))


def _no_column(name: str, known: Iterable[str]) -> Told:
    near = ", ".join(difflib.get_close_matches(name, list(known), 3, 0.5))
    if near:
        return Told("exports.fault.column_near", column=name, near=near)
    return Told("exports.fault.column", column=name)
