"""Reading for exports: everything once, in batches, off the primary.

Big collections are read in slices of citizens' ids, which an index serves on every server and
which are keyed hashes, so that slices are alike. The embedded server would otherwise put the
whole answer into its memory first, and let nobody write while it does (100,000 cases: a
second, and half a gigabyte). In no order: whoever needs one sorts what was read.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReadPreference

from storage.database import Database, Document

READABLE = frozenset(
    (
        *("cases", "events", "invitations", "reports", "commitments", "budgets", "imports"),
        *("facilities", "campaigns", "forms", "results"),
    )
)
"""What exports may read: no addresses, no sessions, no accounts, no tokens."""
SLICED = frozenset(("cases", "events", "invitations"))
"""Those that may be big; each has an index that begins with `citizen`."""
BATCH = 500
SLICE = 250
"""Documents in a slice, about: some 30 ms of the embedded server's attention."""
SOME = 100

_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
"""What citizens' ids are written in (base 32), in the order of their codes."""
_ALL = len(_LETTERS) ** 3
_SAMPLE = _ALL // 256


class Exporting:
    """Read-only access for exports and reports."""

    def __init__(self, database: Database) -> None:
        self._database = database.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED)

    async def batches(
        self,
        collection: str,
        query: Document,
        fields: Sequence[str] = (),
    ) -> AsyncIterator[list[Document]]:
        """All documents that match, in lists, in no order."""
        if collection not in READABLE:
            raise ValueError(f"exports don't read {collection}")
        shown = dict.fromkeys(fields, 1) or None
        read = self._slices if collection in SLICED else self._pages
        found = read(collection, query, shown)
        # The next batch is fetched while the caller works on this one.
        coming = asyncio.ensure_future(anext(found, None))
        try:
            while (batch := await coming) is not None:
                coming = asyncio.ensure_future(anext(found, None))
                yield batch
        finally:
            coming.cancel()
            await asyncio.wait([coming])
            await found.aclose()

    async def _pages(
        self, collection: str, query: Document, shown: Document | None
    ) -> AsyncGenerator[list[Document], None]:
        cursor = self._database[collection].find(query, shown, batch_size=BATCH)
        try:
            while batch := await cursor.to_list(BATCH):
                yield batch
        finally:
            await cursor.close()

    async def _slices(
        self, collection: str, query: Document, shown: Document | None
    ) -> AsyncGenerator[list[Document], None]:
        found = self._database[collection]
        sample = await found.find(_between(0, _SAMPLE), {"_id": 1}).to_list(None)
        count = max(1, len(sample) * (_ALL // _SAMPLE) // SLICE)
        bounds = [_ALL * number // count for number in range(count + 1)]
        slices = [_between(*pair) for pair in itertools.pairwise(bounds)]
        # The citizen first: the embedded server uses the index of the first condition.
        for part in (*slices, {"citizen": None}):
            if documents := await found.find({**part, **query}, shown).to_list(None):
                yield documents

    async def one(self, collection: str, identity: str) -> Document | None:
        """The document with this id."""
        if collection not in READABLE:
            raise ValueError(f"exports don't read {collection}")
        return await self._database[collection].find_one({"_id": identity})

    async def form_versions(self, form_id: str) -> AsyncIterator[Document]:
        """All versions of a form, with their sources."""
        async for found in self._database.forms.find({"form": form_id}):
            yield found

    async def form_ids(self) -> list[str]:
        """The ids of all published forms."""
        return sorted(await self._database.forms.distinct("form"))

    async def steps_of(self, cases: Sequence[str], until: datetime) -> dict[str, list[Document]]:
        """What happened in each of `cases` up to `until`, in the order of the turns."""
        steps: dict[str, list[Document]] = {case: [] for case in cases}
        for start in range(0, len(cases), SOME):
            some = list(cases[start : start + SOME])
            query: Document = {"case": {"$in": some}, "type": "answered"}
            async for event in self._database.events.find(query):
                if event["at"] <= until:
                    steps[event["case"]].append(event)
        for events in steps.values():
            events.sort(key=lambda event: turn_of(event["_id"]) or (0, 0))
        return steps


def turn_of(identity: str) -> tuple[int, int] | None:
    """The turn and the number in it, out of an event's id: citizen, version, number."""
    parts = identity.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
        return int(parts[1]), int(parts[2])
    return None


def _between(begin: int, end: int) -> Document:
    """Documents of citizens in a part of all ids; the first and the last have no other end."""
    limits: dict[str, Any] = {}
    if begin > 0:
        limits["$gte"] = _bound(begin)
    if end < _ALL:
        limits["$lt"] = _bound(end)
    return {"citizen": limits or {"$gte": ""}}


def _bound(number: int) -> str:
    base = len(_LETTERS)
    return "".join(_LETTERS[number // base**place % base] for place in (2, 1, 0))
