"""Data sets of one table: each says what it reads and what its columns are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics.columns import Column, Kind, Sensitivity, Table
from analytics.masking import masked
from analytics.pseudonyms import Pseudonyms
from analytics.request import Request
from analytics.spool import Placed
from analytics.values import Cell
from storage.database import Document
from storage.exporting import Exporting


@dataclass(frozen=True, slots=True)
class Field:
    """A column and where its value comes from: a field of the document, or a function of it.

    `person` names the kind of id that is replaced by a pseudonym.
    """

    column: Column
    source: str | Callable[[Document], Any]
    person: str = ""

    def value(self, document: Document, pseudonyms: Pseudonyms, *, mask: bool) -> Cell:
        """The cell of a document."""
        found = self.source
        value = found(document) if callable(found) else document.get(found)
        if value is None or value == "":
            return None
        if self.person:
            return pseudonyms.of(self.person, str(value))
        if isinstance(value, bool):
            return int(value)
        if self.column.sensitivity is Sensitivity.FREE and mask:
            return masked(str(value))
        return value if isinstance(value, (str, int, float, datetime, date)) else str(value)


@dataclass(frozen=True, slots=True)
class Records:
    """A data set of one table; `at` is the field of its documents' moment.

    `expand` makes several records of one document. `matches` is the database's filter.
    """

    name: str
    title: str
    collection: str
    fields: tuple[Field, ...]
    at: str = "at"
    matches: Callable[[Request, tuple[str, ...]], Document] = lambda request, versions: {}
    expand: Callable[[Document, Request], Iterator[Document]] = lambda document, request: iter(
        (document,)
    )
    wanted: Callable[[Document, Request], bool] = lambda document, request: True

    @property
    def table(self) -> Table:
        """Its table."""
        columns = tuple(field.column for field in self.fields)
        return Table(self.name, self.title, columns, (columns[0].name,))


class RecordSource:
    """Reads one of `Records` for a request."""

    def __init__(
        self,
        exporting: Exporting,
        request: Request,
        records: Records,
        pseudonyms: Pseudonyms,
        versions: tuple[str, ...] = (),
        narrowed: Document | None = None,
        prepare: Callable[[Document], None] = lambda document: None,
    ) -> None:
        self.exporting = exporting
        self.request = request
        self.records = records
        self.pseudonyms = pseudonyms
        self.versions = versions
        self.narrowed = narrowed or {}
        self.prepare = prepare
        self.tables = (records.table,)

    async def batches(self) -> AsyncIterator[list[Placed]]:
        """The rows."""
        records, request = self.records, self.request
        query = {**records.matches(request, self.versions), **self.narrowed}
        if records.at:
            moments: Document = {"$lte": request.cutoff}
            if request.since is not None:
                moments["$gt"] = request.since
            query = {**query, records.at: moments}
        async for documents in self.exporting.batches(records.collection, query):
            yield [
                self._placed(one)
                for document in documents
                for one in records.expand(document, request)
                if self._is_wanted(one)
            ]

    def _is_wanted(self, document: Document) -> bool:
        request = self.request
        self.prepare(document)
        place = str(document.get("place") or "")
        if request.places and not place.startswith(request.places):
            return False
        if request.campaign and document.get("campaign", request.campaign) != request.campaign:
            return False
        return self.records.wanted(document, request)

    def _placed(self, document: Document) -> Placed:
        mask = self.request.mask
        cells = tuple(f.value(document, self.pseudonyms, mask=mask) for f in self.records.fields)
        # Spread evenly over the spool's files, and the same in every export.
        key = self.pseudonyms.of("row", str(document["_id"]))
        return key, 0, (), cells


def moment(name: str, label: str, source: str = "") -> Field:
    """A column of moments."""
    return Field(
        Column(name, Kind.DATETIME, f"{label} (UTC)", sensitivity=Sensitivity.TIME), source or name
    )


def words(
    name: str, label: str, source: str | Callable[[Document], Any] = "", note: str = ""
) -> Field:
    """A column of text."""
    return Field(Column(name, label=label, note=note), source or name)


def number(
    name: str, label: str, source: str | Callable[[Document], Any] = "", kind: Kind = Kind.INTEGER
) -> Field:
    """A column of numbers."""
    return Field(Column(name, kind, label), source or name)


def person(name: str, label: str, kind: str, source: str = "") -> Field:
    """A column of pseudonyms."""
    column = Column(
        name,
        label=label,
        sensitivity=Sensitivity.IDENTITY,
        note="a keyed hash that differs by project",
    )
    return Field(column, source or name, person=kind)


def typed(name: str, label: str, source: str | Callable[[Document], Any] = "") -> Field:
    """A column of what people typed."""
    return Field(Column(name, label=label, sensitivity=Sensitivity.FREE), source or name)
