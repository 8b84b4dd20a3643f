"""Reading for exports: everything once, in lists, off the primary, in no order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pymongo import ReadPreference

from storage import slices
from storage.database import Database, Document

READABLE = frozenset(
    (
        *("cases", "events", "invitations", "reports", "commitments", "budgets", "imports"),
        *("facilities", "campaigns", "forms", "results"),
    )
)
"""What exports may read: no addresses, no sessions, no accounts, no tokens."""
SOME = 100


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
        found = slices.read(self._database, collection, query, shown)
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
