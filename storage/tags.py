"""Tags that facilitators give people, such as "herders 2026": lists to ask again later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.citizens import Citizens
from storage.database import Database, Document

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag in use; who gave it first, and when."""

    name: str
    by: str
    at: datetime


class Tags:
    """The tags collection, which says what tags there are; who has them stands with citizens."""

    def __init__(self, database: Database) -> None:
        self._tags = database.tags
        self._citizens = database.citizens
        self._profiles = Citizens(database)

    async def give(self, citizens: Sequence[str], tag: str, by: str, now: datetime) -> None:
        """Give these citizens a tag; safe to repeat."""
        first = {"by": by, "at": now}
        await self._tags.update_one({"_id": tag}, {"$setOnInsert": first}, upsert=True)
        if citizens:
            await self._profiles.tag(citizens, tag)

    async def all(self) -> list[Tag]:
        """Every tag, by name."""
        cursor = self._tags.find().sort("_id", 1)
        return [Tag(found["_id"], found["by"], found["at"]) async for found in cursor]

    async def count(self, tag: str, places: Sequence[str] | None) -> int:
        """How many in any of `places` (None: anywhere) have the tag."""
        return await self._citizens.count_documents(_having(tag, places))

    async def count_by_place(self) -> list[Document]:
        """How many have each tag in each place, as `{tag, place, n}`; reads all who have one."""
        found: list[Document] = []
        for tag in await self.all():
            places: Counter[str] = Counter()
            query, shown = {"tags": tag.name}, {"place": 1, "_id": 0}
            async for one in self._citizens.find(query, shown, batch_size=1000):
                places[one.get("place") or ""] += 1
            found += [{"tag": tag.name, "place": p, "n": n} for p, n in sorted(places.items())]
        return found

    async def take(self, tag: str, places: Sequence[str] | None) -> int:
        """Take the tag from all in `places`; from how many. Nobody has it left: it is gone."""
        taken = await self._citizens.update_many(_having(tag, places), {"$pull": {"tags": tag}})
        if places is None or not await self.count(tag, None):
            await self._tags.delete_one({"_id": tag})
        return taken.modified_count


def _having(tag: str, places: Sequence[str] | None) -> Document:
    query: Document = {"tags": tag}
    if places is not None:
        # An empty list is nowhere, and an empty $or is none.
        within: list[Document] = [
            {"place": {"$gte": place, "$lt": place + ":"}} for place in places
        ]
        query["$or"] = within or [{"_id": None}]
    return query
