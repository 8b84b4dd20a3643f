"""Reading for exports: everything once, in batches, off the primary.

No sort and no paging: the embedded server reads a whole collection for each page of one
(100,000 cases in ranges of `_id` took it minutes, in one cursor seconds). Whoever needs an
order sorts what was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pymongo import ReadPreference

from storage.database import Database, Document

READABLE = frozenset(
    (
        *("cases", "events", "invitations", "reports", "commitments", "budgets", "imports"),
        *("facilities", "campaigns", "forms", "results"),
    )
)
"""What exports may read: no addresses, no sessions, no accounts, no tokens."""
BATCH = 500
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
        """All documents that match, in lists of at most `BATCH`, in no order."""
        if collection not in READABLE:
            raise ValueError(f"exports don't read {collection}")
        shown = dict.fromkeys(fields, 1) or None
        cursor = self._database[collection].find(query, shown, batch_size=BATCH)
        # The next batch is fetched while the caller works on this one.
        coming = asyncio.ensure_future(cursor.to_list(BATCH))
        try:
            while batch := await coming:
                coming = asyncio.ensure_future(cursor.to_list(BATCH))
                yield batch
        finally:
            coming.cancel()
            await cursor.close()

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
            events.sort(key=lambda event: _turn(event["_id"]))
        return steps


def _turn(identity: str) -> tuple[int, int]:
    """Turn and number in it, out of an event's id: citizen, version, number."""
    parts = identity.rsplit(":", 2)
    try:
        return int(parts[-2]), int(parts[-1])
    except (ValueError, IndexError):
        return 0, 0
