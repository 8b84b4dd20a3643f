"""Many callers' reads and compare-and-sets of one collection, each group in one command.

To the driver a command costs ten times what a document in it does, and something to the database
(docs/performance.md); so callers who come while the last one is under way share the next. A caller
who comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bson.errors import InvalidDocument
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DocumentTooLarge

from storage.batching import Batches
from storage.database import Collection, Document

MOST = 64
"""Documents in one command."""


@dataclass(slots=True)
class _Asked:
    id: str
    found: Document | None = None


class Reads:
    """Documents by their ids."""

    def __init__(self, collection: Collection, shown: Document) -> None:
        """`shown` is the projection of all reads."""
        self._collection = collection
        self._shown = shown
        self._batches = Batches(self._read, MOST)

    async def read(self, id: str) -> Document | None:
        """The document as it stands after this was asked, or None."""
        asked = _Asked(id)
        await self._batches.put(asked)
        return asked.found

    async def _read(self, batch: list[_Asked]) -> None:
        if len(batch) == 1:
            batch[0].found = await self._collection.find_one({"_id": batch[0].id}, self._shown)
            return
        ids = list({asked.id for asked in batch})
        cursor = self._collection.find({"_id": {"$in": ids}}, self._shown)
        found = {document["_id"]: document async for document in cursor}
        for asked in batch:
            asked.found = found.get(asked.id)


@dataclass(slots=True)
class _Change:
    query: Document
    change: Document
    mark: str
    made: bool = False
    error: Exception | None = None


class Changes:
    """Compare-and-sets of single documents, each of which leaves a mark of its own.

    A command only answers how many of its changes were made: by their marks it is found which.
    """

    def __init__(self, collection: Collection, *mark: str) -> None:
        """`mark` is the path of the field that holds it."""
        self._collection = collection
        self._path = mark
        self._batches = Batches(self._write, MOST)

    async def make(self, query: Document, change: Document, mark: str) -> bool:
        """Make `change`, which sets `mark`, where `query` finds its document; else False.

        Raises the driver's errors when it may not have been made.
        """
        asked = _Change(query, change, mark)
        await self._batches.put(asked)
        if asked.error:
            raise asked.error
        return asked.made

    async def _write(self, batch: list[_Change]) -> None:
        if len(batch) == 1:
            await self._alone(batch[0])
            return
        at_fault = False
        try:
            writes = [UpdateOne(one.query, one.change) for one in batch]
            result = await self._collection.bulk_write(writes, ordered=False)
            all_made = result.modified_count == len(batch)
        except (BulkWriteError, InvalidDocument, DocumentTooLarge):
            all_made, at_fault = False, True
        made = {one.mark for one in batch} if all_made else await self._marks(batch)
        for one in batch:
            one.made = one.mark in made
        if at_fault:
            await asyncio.gather(*(self._alone(one) for one in batch if not one.made))

    async def _marks(self, batch: list[_Change]) -> set[str]:
        """The marks that stand there now."""
        ids = [one.query["_id"] for one in batch]
        marks = set()
        async for found in self._collection.find({"_id": {"$in": ids}}, {".".join(self._path): 1}):
            for name in self._path:
                found = found.get(name) or {}
            marks.add(found or "")
        return marks

    async def _alone(self, one: _Change) -> None:
        try:
            result = await self._collection.update_one(one.query, one.change)
            one.made = bool(result.modified_count)
        except Exception as error:
            one.error = error
