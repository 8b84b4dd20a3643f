"""Citizens as campaigns choose them: their profiles, tags, and when they were last seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta

from pymongo import UpdateOne

from storage.database import Database, Document

FRESH = timedelta(hours=1)
"""`seen_at` is written at most so often."""
REMEMBERED = 50_000
BULK = 1000
FIELDS = ("locale", "place", "channel", "consent", "stopped", "left", "off", "seen_at", "tags")
PROFILE = dict.fromkeys(FIELDS, 1)


class SeenLately:
    """Which citizens' `seen_at` this process has written within the hour."""

    def __init__(self) -> None:
        self._written: OrderedDict[str, datetime] = OrderedDict()

    def write_for(self, citizen: str, at: datetime) -> UpdateOne | None:
        """The write that keeps `seen_at` fresh, or None while it is."""
        before = self._written.get(citizen)
        if before is not None and at - before < FRESH:
            return None
        self._written[citizen] = at
        self._written.move_to_end(citizen)
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)
        return UpdateOne({"_id": citizen}, {"$max": {"seen_at": at}, "$unset": {"off": ""}})

    def forget(self, citizen: str) -> None:
        """The next event of this citizen is written: they were found unreachable."""
        self._written.pop(citizen, None)


class Citizens:
    """The citizens collection, for audiences."""

    def __init__(self, database: Database) -> None:
        self._citizens = database.citizens

    async def matching(self, query: Document) -> AsyncIterator[Document]:
        """The profiles that `query` finds, in any order.

        As they are: leaving fields out takes the embedded server as long again as finding them.
        """
        async for profile in self._citizens.find(query, batch_size=1000):
            yield profile

    async def about(self) -> int:
        """About how many there are."""
        return await self._citizens.estimated_document_count()

    async def of(self, citizens: Sequence[str]) -> list[Document]:
        """The profiles of these citizens; those nobody knows are left out."""
        found: list[Document] = []
        for start in range(0, len(citizens), BULK):
            query = {"_id": {"$in": list(citizens[start : start + BULK])}}
            found += [profile async for profile in self._citizens.find(query, PROFILE)]
        return found

    async def tag(self, citizens: Iterable[str], tag: str, *, present: bool = True) -> None:
        """Give these citizens a tag of the facilitators', or take it away."""
        change = {"$addToSet" if present else "$pull": {"tags": tag}}
        writes = [UpdateOne({"_id": citizen}, change) for citizen in citizens]
        for start in range(0, len(writes), BULK):
            await self._citizens.bulk_write(writes[start : start + BULK], ordered=False)

    async def switch_off(self, citizen: str, reason: str) -> None:
        """Note that they can't be reached until they write again."""
        await self._citizens.update_one({"_id": citizen}, {"$set": {"off": reason}})
