"""Answers: one row a case, with repeats as linked tables; or one row a case and question."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import TypeAlias

from analytics.about import ABOUT, about_of, is_wanted
from analytics.columns import Column, Kind, Sensitivity, Table
from analytics.masking import masked
from analytics.pseudonyms import Pseudonyms
from analytics.questions import (
    POSITION,
    Question,
    column_names,
    columns_of,
    outer_repeat,
    place_of,
    questions_of,
    repeat_table,
    repeat_tables,
    table_name,
)
from analytics.request import Format, Multiple, Request
from analytics.spool import Placed
from analytics.values import Cell, Convert, is_plain_number, reader
from analytics.versions import Version
from storage.database import Document
from storage.exporting import Exporting

Fill: TypeAlias = Callable[[list[Cell], str], None]
"""Writes what is stored at one place of a case into its row."""
Rows: TypeAlias = dict[tuple[int, tuple[int, ...]], list[Cell]]
"""The rows of one case under way, by table and turns of repeats."""

ENDED = frozenset(("complete", "break-off", "refused"))
CODED = frozenset((Format.SAV, Format.ZSAV, Format.DTA))
"""Formats in which labels stand beside the values anyway."""


class Slot:
    """Where an answer goes: a cell, perhaps converted, or several cells that `fill` writes."""

    __slots__ = ("at", "convert", "fill")

    def __init__(self, at: int, convert: Convert | None = None, fill: Fill | None = None) -> None:
        self.at = at
        self.convert = convert
        self.fill = fill

    def put(self, row: list[Cell], text: str) -> None:
        """Write an answer; raises ValueError for one that is not of its kind."""
        if self.fill is not None:
            self.fill(row, text)
        else:
            row[self.at] = text if self.convert is None else self.convert(text)


def _position(at: int) -> Fill:
    def fill(row: list[Cell], text: str) -> None:
        for place, part in zip(range(at, at + len(POSITION)), text.split(), strict=False):
            row[place] = float(part)

    return fill


def _dummies(at: int, question: Question, convert: Convert | None, *, both: bool) -> Fill:
    """1 for what was chosen and 0 for the rest, after the answer itself if `both`."""
    first = at + 1 if both else at
    places = {name: first + n for n, (name, _) in enumerate(question.choices)}

    def fill(row: list[Cell], text: str) -> None:
        if both:
            row[at] = text if convert is None else convert(text)
        row[first : first + len(places)] = [0] * len(places)
        for name in text.split():
            if name not in places:
                raise ValueError(name)
            row[places[name]] = 1

    return fill


def _masked_calculation(text: str) -> str:
    """A calculation that is a number short of a phone's stays one."""
    return text if len(text) < 8 and is_plain_number(text) else masked(text)


class Answers:
    """The answers to one form, all versions merged or one."""

    name = "answers"

    def __init__(
        self,
        exporting: Exporting,
        request: Request,
        versions: tuple[Version, ...],
        pseudonyms: Pseudonyms,
    ) -> None:
        self.exporting = exporting
        self.request = request
        self.versions = versions
        self.pseudonyms = pseudonyms
        self.questions = questions_of(versions, request.language)
        self.unreadable: Counter[str] = Counter()
        """Values that are not of their column's kind, and so are left out, by path."""
        self.unknown: Counter[str] = Counter()
        """Values at places that no version covered knows."""
        self._build_tables()

    # -- shape -----------------------------------------------------------------------------

    def _build_tables(self) -> None:
        names = column_names(self.questions, self.request)
        repeats = repeat_tables(self.versions, self.questions)
        columns: dict[str, list[Column]] = {"": [], **{path: [] for path in repeats}}
        fills: dict[str, list[tuple[str, int, Question]]] = {path: [] for path in columns}
        for question in self.questions:
            fills[question.repeat].append((question.path, len(columns[question.repeat]), question))
            columns[question.repeat] += columns_of(question, names[question.path], self.request)
        tables = [Table("answers", "Cases", (*ABOUT, *columns[""]), ("case",))]
        self._numbers = {"": 0}
        for path in repeats:
            outer = outer_repeat(path, repeats)
            name = table_name(path, {table.name for table in tables})
            around = tables[self._numbers[outer]].name if outer else ""
            tables.append(repeat_table(path, name, around, columns[path], tables[0].name))
            self._numbers[path] = len(tables) - 1
        self.tables = tuple(tables)
        self._slots: dict[str, tuple[int, Slot]] = {}
        for repeat, entries in fills.items():
            number = self._numbers[repeat]
            offset = len(tables[number].columns) - len(columns[repeat])
            for path, place, question in entries:
                self._slots[path] = (number, self._filler(question, offset + place))
        # Most answers are one cell of the case's own row: those go there without detours.
        self._own = {
            path: (slot.at, slot.convert)
            for path, (number, slot) in self._slots.items()
            if number == 0 and slot.fill is None
        }
        self._blank: tuple[Cell, ...] = (None,) * (len(tables[0].columns) - len(ABOUT))
        self._outer = {
            self._numbers[path]: self._numbers[outer_repeat(path, repeats)] for path in repeats
        }

    def _filler(self, question: Question, at: int) -> Slot:
        """Where and how the answer to a question goes into a row."""
        if question.node_kind == "geopoint":
            return Slot(at, fill=_position(at))
        several = question.node_kind == "select_multiple"
        if several and self.request.multiple is not Multiple.SINGLE:
            both = self.request.multiple is Multiple.BOTH
            convert = self._converter(question) if both else None
            return Slot(at, fill=_dummies(at, question, convert, both=both))
        return Slot(at, self._converter(question))

    def _converter(self, question: Question) -> Convert | None:
        """What makes a cell of what is stored; None where it stays as it is."""
        labelled = self.request.labels and self.request.format not in CODED
        labels = dict(question.choices)
        if labels and labelled and question.kind is Kind.CHOICE:
            return lambda text: labels.get(text, text)
        if labels and labelled:
            return lambda text: "; ".join(labels.get(name, name) for name in text.split())
        if self.request.mask and question.sensitivity is Sensitivity.FREE:
            return _masked_calculation if question.is_calculated else masked
        kept = question.kind in (Kind.TEXT, Kind.CHOICE, Kind.CHOICES)
        return None if kept else reader(question.kind)

    # -- rows ------------------------------------------------------------------------------

    async def batches(self) -> AsyncIterator[list[Placed]]:
        """The rows of all tables."""
        request = self.request
        query: Document = {"form": {"$in": [one.source.version for one in self.versions]}}
        async for cases in self.exporting.batches("cases", query):
            wanted = [case for case in cases if is_wanted(case, request)]
            rebuilt = await self._as_at_cutoff(wanted)
            yield await asyncio.to_thread(self._rows_of_all, rebuilt)

    def _rows_of_all(self, cases: list[Document]) -> list[Placed]:
        return [row for case in cases for row in self.rows_of(case)]

    async def _as_at_cutoff(self, cases: list[Document]) -> list[Document]:
        """Cases that had ended stay; the others are put together from their steps until then.

        So that a case that goes on after the cut-off looks the same in every export of it.
        """
        cutoff = self.request.cutoff
        still = {case["_id"] for case in cases if not _had_ended(case, cutoff)}
        if not still:
            return cases
        steps = await self.exporting.steps_of(sorted(still), cutoff)
        return [replayed(c, steps[c["_id"]]) if c["_id"] in still else c for c in cases]

    def rows_of(self, case: Document) -> Iterator[Placed]:
        """One case as rows: its own, and one for each turn of a repeat."""
        identity = self.pseudonyms.of("case", case["_id"])
        main: list[Cell] = [*about_of(case, identity, self.pseudonyms), *self._blank]
        rows: Rows = {(0, ()): main}
        own = self._own
        for ref, value in case.get("values", {}).items():
            if not value:
                continue
            if ref not in own:
                self._put(rows, ref, value, identity)
                continue
            at, convert = own[ref]
            try:
                main[at] = value if convert is None else convert(value)
            except (ValueError, OverflowError):
                self.unreadable[ref] += 1
        for (number, turns), row in rows.items():
            yield identity, number, turns, tuple(row)

    def _put(self, rows: Rows, ref: str, value: str, identity: str) -> None:
        """Write an answer that is in a repeat, or several cells."""
        path, turns = place_of(ref)
        found = self._slots.get(path)
        if found is None:
            self.unknown[path] += 1
            return
        number, slot = found
        row = rows.get((number, turns)) or self._add_rows(rows, number, turns, identity)
        try:
            slot.put(row, value)
        except (ValueError, OverflowError):
            self.unreadable[path] += 1

    def _add_rows(
        self,
        rows: Rows,
        number: int,
        turns: tuple[int, ...],
        identity: str,
    ) -> list[Cell]:
        """A row of a repeat, and those of the repeats around it, if they are not there yet."""
        around = self._outer[number]
        if around and (around, turns[:-1]) not in rows:
            self._add_rows(rows, around, turns[:-1], identity)
        row: list[Cell] = [None] * len(self.tables[number].columns)
        row[0], row[1] = identity, ".".join(map(str, turns))
        if around:
            row[2] = ".".join(map(str, turns[:-1]))
        rows[number, turns] = row
        return row


def _had_ended(case: Document, cutoff: datetime) -> bool:
    ended: datetime | None = case.get("ended")
    return case.get("status") in ENDED and ended is not None and ended <= cutoff


def replayed(case: Document, steps: list[Document]) -> Document:
    """`case` as its steps left it: the answers given, not yet ended, nothing calculated."""
    values: dict[str, str] = {}
    locale, node = case.get("locale", ""), ""
    for step in steps:
        locale, node = step.get("locale") or locale, step.get("node") or node
        if step["event"] in ("answer", "change") and not node.endswith("+"):
            values[step["node"]] = step["new"]
        elif step["event"] == "skip":
            values.pop(step["node"], None)
    status = "partial" if values else "started"
    return {
        **case, "values": values, "status": status, "ended": None, "locale": locale,
        "last_node": node,
    }  # fmt: skip
