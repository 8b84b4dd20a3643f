"""Exports that somebody asked for in the console: how far each is, and its file for a while.

    {_id, user, name, request, status, done, rows, why, created, seen, finished, size, digest,
     forget_at}

`status` is running, ready or failed. The file stands in GridFS, so that any process can give it
out, from any byte on.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO, Any

from gridfs.errors import NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from storage.database import Database, Document

RUNNING, READY, FAILED = "running", "ready", "failed"
KEPT = timedelta(hours=1)
"""A finished file; whoever is erased meanwhile can be read in it no longer than that."""
LOST_AFTER = timedelta(minutes=1)
"""Without a sign of life: the process that made it has ended."""
LISTED = 20
PIECE = 1 << 18


class Exports:
    """The exports collection, and the bucket of their files."""

    def __init__(self, database: Database) -> None:
        self._exports = database.exports
        self._bucket = AsyncIOMotorGridFSBucket(database, bucket_name="exports")

    async def begin(self, user: str, name: str, request: Document, now: datetime) -> str:
        """A new export of `user`; its id, which can't be guessed."""
        export = secrets.token_urlsafe(12)
        await self._exports.insert_one(
            {"_id": export, "user": user, "name": name, "request": request, "status": RUNNING,
             "done": "", "rows": 0, "created": now, "seen": now, "forget_at": now + KEPT}
        )  # fmt: skip
        return export

    async def see(self, export: str, done: str, rows: int, now: datetime) -> None:
        """A sign of life: what is being done, and how many rows so far."""
        fields = {"done": done, "rows": rows, "seen": now, "forget_at": now + KEPT}
        await self._exports.update_one({"_id": export, "status": RUNNING}, {"$set": fields})

    async def finish(
        self, export: str, file: IO[bytes], rows: int, size: int, digest: str, now: datetime
    ) -> None:
        """Keep the file of so many bytes, and say that it is there."""
        await self._bucket.upload_from_stream_with_id(export, export, file)
        fields = {"status": READY, "rows": rows, "finished": now, "size": size, "digest": digest,
                  "forget_at": now + KEPT}  # fmt: skip
        await self._exports.update_one({"_id": export}, {"$set": fields})

    async def fail(self, export: str, faults: list[Any], now: datetime) -> None:
        """Say why there will be no file: faults as words or documents of them, none if unknown."""
        fields = {"status": FAILED, "faults": faults, "finished": now, "forget_at": now + KEPT}
        await self._exports.update_one({"_id": export}, {"$set": fields})

    async def get(self, export: str, now: datetime) -> Document:
        """The export; raises KeyError where there is none or its time is over."""
        found = await self._exports.find_one({"_id": export, "forget_at": {"$gt": now}})
        if found is None:
            raise KeyError(export)
        return _as_at(found, now)

    async def of(self, user: str, now: datetime) -> list[Document]:
        """The latest exports of `user`."""
        cursor = self._exports.find({"user": user, "forget_at": {"$gt": now}})
        return [_as_at(one, now) async for one in cursor.sort("created", -1).limit(LISTED)]

    async def read(self, export: str, start: int, length: int) -> AsyncIterator[bytes]:
        """The bytes of a finished export from `start` on; KeyError where it is gone."""
        try:
            stream = await self._bucket.open_download_stream(export)
        except NoFile:
            raise KeyError(export) from None
        stream.seek(start)
        while length > 0:
            piece: bytes = await stream.read(min(PIECE, length))
            if not piece:
                return
            length -= len(piece)
            yield piece

    async def drop(self, export: str) -> None:
        """Forget an export and its file at once."""
        with suppress(NoFile):
            await self._bucket.delete(export)
        await self._exports.delete_one({"_id": export})

    async def forget_old(self, now: datetime) -> None:
        """Forget what is over; the file goes first, so that a job cut off finds it again."""
        async for found in self._exports.find({"forget_at": {"$lte": now}}, {"_id": 1}):
            await self.drop(found["_id"])


def _as_at(found: Document, now: datetime) -> Document:
    """The export as it stands; one whose process ended says so."""
    if found["status"] == RUNNING and found["seen"] + LOST_AFTER <= now:
        return {**found, "status": FAILED, "faults": []}
    return found
