"""Many callers' reads and compare-and-sets of one collection, each group in one command.

A command costs the database and the driver more than a document does, so callers who come while
the last command is under way share the next one. A caller who comes alone waits for nobody.
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
    proof: Document
    made: bool = False
    error: Exception | None = None


class Changes:
    """Compare-and-sets of single documents."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._batches = Batches(self._write, MOST)

    async def make(self, query: Document, change: Document, proof: Document) -> bool:
        """Make `change` where `query` finds its document; False where it does not.

        `proof` is a query that finds the document only if this very change was made. Raises the
        driver's errors when it may not have been made.
        """
        asked = _Change(query, change, proof)
        await self._batches.put(asked)
        if asked.error:
            raise asked.error
        return asked.made

    async def _write(self, batch: list[_Change]) -> None:
        if len(batch) == 1:
            batch[0].made = await self._alone(batch[0])
            return
        try:
            writes = [UpdateOne(one.query, one.change) for one in batch]
            result = await self._collection.bulk_write(writes, ordered=False)
        except (BulkWriteError, InvalidDocument, DocumentTooLarge):
            # One of them is at fault; the others may have been made or not.
            await self._find_out(batch)
            return
        if result.modified_count == len(batch):
            for one in batch:
                one.made = True
        else:
            await self._find_out(batch)

    async def _find_out(self, batch: list[_Change]) -> None:
        """The command only says how many were made: ask for each, and make what was not."""

        async def settle(one: _Change) -> None:
            try:
                proven = await self._collection.find_one(one.proof, {"_id": 1})
                one.made = proven is not None or await self._alone(one)
            except Exception as error:
                one.error = error

        await asyncio.gather(*map(settle, batch))

    async def _alone(self, one: _Change) -> bool:
        return bool((await self._collection.update_one(one.query, one.change)).modified_count)
