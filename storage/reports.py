"""Problems that citizens reported: what became of one, and what was said about it since.

`{_id, reference, topic, text, place, facility, citizen, channel, at, status, changed, note,
assigned, handover, unread, thread: [{id, at, by, text, passed}]}`; `by` is a facilitator's
sign-in name, "" for the citizen; `passed` is when the bot said it to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.database import Database, Document

STATUSES = ("new", "seen", "answered", "closed")
PAGE = 50
UNTOUCHED: Document = {"assigned": "", "handover": "", "unread": False, "place": "", "thread": []}
"""What a report is before anybody dealt with it."""


class Reports:
    """The reports collection; filing adds to it, facilitators change the status."""

    def __init__(self, database: Database) -> None:
        self._reports = database.reports

    async def find(self, reference: str) -> Document | None:
        """`{status, at, changed, note}` of the report, never its text or who sent it."""
        shown = {"_id": 0, "status": 1, "at": 1, "changed": 1, "note": 1}
        return await self._reports.find_one({"reference": reference}, shown)

    async def get(self, reference: str) -> Document:
        """The whole report; raises KeyError when there is none."""
        found = await self._reports.find_one({"reference": reference})
        if found is None:
            raise KeyError(reference)
        return {**UNTOUCHED, **found}

    async def page(
        self,
        places: Sequence[str] | None = None,
        *,
        status: str = "",
        assigned: str = "",
        before: datetime | None = None,
    ) -> list[Document]:
        """The latest reports of `places` (None: of all), at most `PAGE`."""
        query = within(places)
        if status:
            query["status"] = status
        if assigned:
            query["assigned"] = assigned
        if before is not None:
            query["at"] = {"$lt": before}
        cursor = self._reports.find(query, {"thread": 0}).sort("at", -1).limit(PAGE)
        return [{**UNTOUCHED, **found} async for found in cursor]

    async def waiting(self, places: Sequence[str] | None = None) -> int:
        """How many nobody has looked at, or wait for an answer to what the citizen added."""
        query = within(places)
        new = await self._reports.count_documents({**query, "status": "new"})
        return new + await self._reports.count_documents(
            {**query, "unread": True, "status": {"$ne": "new"}}
        )

    async def change(self, reference: str, fields: Document, now: datetime) -> None:
        """Set `fields`, such as status, note, assigned and handover."""
        await self._reports.update_one(
            {"reference": reference}, {"$set": {**fields, "changed": now}}
        )

    async def say(self, reference: str, entry: Document, fields: Document) -> None:
        """Add what a facilitator said or did to the thread, once, and set `fields`."""
        await self._reports.update_one(
            {"reference": reference, "thread.id": {"$ne": entry["id"]}},
            {"$push": {"thread": entry}, "$set": {**fields, "changed": entry["at"]}},
        )


def within(places: Sequence[str] | None) -> Document:
    """The query for what lies in `places`, each with all beneath; None stands for everywhere."""
    if places is None:
        return {}
    if not places:
        return {"place": {"$in": []}}
    return {"$or": [{"place": {"$regex": f"^{place}"}} for place in places if place.isdecimal()]}
