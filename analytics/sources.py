"""From a request to what can answer it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from analytics.answers import Answers
from analytics.columns import Table
from analytics.datasets import NAMES, RECORDS
from analytics.long import LongAnswers
from analytics.pseudonyms import Pseudonyms
from analytics.records import Records, RecordSource
from analytics.request import Request, RequestError
from analytics.scorecards import Scorecards
from analytics.spool import Placed
from analytics.versions import Version, versions_of
from locales.told import Told
from storage.database import Document
from storage.exporting import Exporting, turn_of


class Source(Protocol):
    """Tables, and their rows in batches."""

    @property
    def tables(self) -> Sequence[Table]: ...
    def batches(self) -> AsyncIterator[list[Placed]]: ...


async def source_of(
    exporting: Exporting, request: Request, key: bytes
) -> tuple[Source, tuple[Version, ...]]:
    """What answers `request`, and the form versions it covers; raises RequestError."""
    pseudonyms = Pseudonyms(key, request.key)
    versions: tuple[Version, ...] = ()
    if request.form:
        versions = await versions_of(exporting, request.form, request.version, request.cutoff)
    if request.dataset == "answers":
        made = LongAnswers if request.long else Answers
        return made(exporting, request, versions, pseudonyms), versions
    if request.dataset == "scorecards":
        if not versions:
            raise RequestError(Told("exports.fault.needs_form", dataset=request.dataset))
        return Scorecards(exporting, request, versions, pseudonyms), versions
    records = RECORDS.get(request.dataset)
    if records is None:
        raise RequestError(
            Told("exports.fault.no_dataset", dataset=request.dataset, known=", ".join(NAMES))
        )
    return await _records(exporting, request, records, pseudonyms, versions), versions


async def _records(
    exporting: Exporting,
    request: Request,
    records: Records,
    pseudonyms: Pseudonyms,
    versions: tuple[Version, ...],
) -> RecordSource:
    names = tuple(one.source.version for one in versions)
    if records.name == "budgets":
        narrowed: Document = {"import_id": {"$in": await _budgets_in_use(exporting, request)}}
        return RecordSource(exporting, request, records, pseudonyms, names, narrowed)
    if records.name == "paradata":
        cases = await _cases_left_out(exporting, request, names)
        narrowed = {"case": {"$nin": sorted(cases)}} if cases else {}
        return RecordSource(exporting, request, records, pseudonyms, names, narrowed)
    if records.name == "conversations":
        locales = await Locales.read(exporting, request.cutoff)
        return RecordSource(exporting, request, records, pseudonyms, names, prepare=locales.add_to)
    return RecordSource(exporting, request, records, pseudonyms, names)


async def _budgets_in_use(exporting: Exporting, request: Request) -> list[str]:
    query: Document = {"kind": "budgets", "status": "active"}
    return [
        one["_id"]
        async for batch in exporting.batches("imports", query)
        for one in batch
        if one["at"] <= request.cutoff
    ]


async def _cases_left_out(
    exporting: Exporting, request: Request, versions: tuple[str, ...]
) -> set[str]:
    """Cases whose steps are not wanted: tests, other places, other campaigns."""
    left_out: set[str] = set()
    query: Document = {"form": {"$in": list(versions)}}
    fields = ("is_test", "place", "campaign")
    async for batch in exporting.batches("cases", query, fields):
        for case in batch:
            is_test = bool(case.get("is_test")) and not request.tests
            foreign = bool(request.campaign) and case.get("campaign") != request.campaign
            place = str(case.get("place") or "")
            if is_test or foreign or (request.places and not place.startswith(request.places)):
                left_out.add(case["_id"])
    return left_out


class Locales:
    """Which language each citizen had set at which turn."""

    def __init__(self) -> None:
        self._set: dict[str, list[tuple[int, str]]] = {}

    @classmethod
    async def read(cls, exporting: Exporting, cutoff: datetime) -> Locales:
        """Out of the events that set one."""
        found = cls()
        query: Document = {"type": "profiled", "changes.locale": {"$exists": True}}
        async for batch in exporting.batches("events", query):
            for event in batch:
                turn = turn_of(str(event["_id"]))
                if event["at"] <= cutoff and turn is not None:
                    entry = (turn[0], event["changes"]["locale"])
                    found._set.setdefault(event["citizen"], []).append(entry)
        for entries in found._set.values():
            entries.sort()
        return found

    def add_to(self, event: Document) -> None:
        """Note the language in `_locale`; of the turn that sets it, the one it sets."""
        turn = event.get("_turn")
        if turn is None:
            return
        earlier = [locale for at, locale in self._set.get(event["citizen"], ()) if at <= turn]
        event["_locale"] = earlier[-1] if earlier else None
