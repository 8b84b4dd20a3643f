"""Failed attempts counted over all processes, so that nobody can guess for long."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from storage.database import Database

WINDOW = timedelta(minutes=15)


class Attempts:
    """The attempts collection; keys are hashed, since people type passwords into name fields."""

    def __init__(self, database: Database) -> None:
        self._attempts = database.attempts

    async def failed(self, key: str, now: datetime) -> None:
        """Count a failure; the count begins anew when `WINDOW` has passed since the first."""
        one = _hashed(key)
        await self._attempts.delete_one({"_id": one, "forget_at": {"$lte": now}})
        await self._attempts.update_one(
            {"_id": one},
            {"$inc": {"count": 1}, "$setOnInsert": {"forget_at": now + WINDOW}},
            upsert=True,
        )

    async def wait(self, key: str, limit: int, now: datetime) -> int:
        """How many seconds `key` must wait: 0 while it has failed fewer than `limit` times."""
        found = await self._attempts.find_one({"_id": _hashed(key), "forget_at": {"$gt": now}})
        if found is None or found["count"] < limit:
            return 0
        return max(1, int((found["forget_at"] - now).total_seconds()))

    async def clear(self, key: str) -> None:
        """Forget the failures of `key`."""
        await self._attempts.delete_one({"_id": _hashed(key)})


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
