"""What the web chat showed: kept so that a reload or another device finds it again."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document

WITHOUT_CONSENT = timedelta(days=1)
WITH_CONSENT = timedelta(days=180)


class WebHistory:
    """Entries of each visitor in the order of their numbers (microseconds since 1970)."""

    def __init__(self, database: Database) -> None:
        self._entries = database.webchat
        self._addresses = database.addresses

    async def append(self, address: str, entry: Document) -> None:
        """Store `entry`, unless one with its `id` is there."""
        passing = await self._addresses.find_one(
            {"channel": "web", "address": address, "forget_at": {"$exists": True}}, {"_id": 1}
        )
        kept = WITHOUT_CONSENT if passing else WITH_CONSENT
        number = await self._next(address)
        document = {
            "_id": f"{address}:{entry['id']}",
            "address": address,
            "seq": number,
            "entry": entry,
            "forget_at": datetime.now(UTC) + kept,
        }
        with suppress(DuplicateKeyError):
            await self._entries.insert_one(document)

    async def _next(self, address: str) -> int:
        """A number above all of this address, also those of a machine whose clock is ahead."""
        now = time.time_ns() // 1000
        above = self._entries.find({"address": address, "seq": {"$gte": now}}, {"seq": 1})
        ahead = [found["seq"] async for found in above]
        return max(ahead, default=now - 1) + 1

    async def erase(self, address: str) -> None:
        """Forget everything said to and by this address."""
        await self._entries.delete_many({"address": address})

    async def read(self, address: str, after: int = 0, limit: int = 200) -> list[Document]:
        """The latest `limit` entries numbered above `after`, oldest first, with their `seq`."""
        cursor = (
            self._entries.find({"address": address, "seq": {"$gt": after}})
            .sort("seq", -1)
            .limit(limit)
        )
        found = [{**document["entry"], "seq": document["seq"]} async for document in cursor]
        return found[::-1]
