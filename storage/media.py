"""Files citizens send and pictures Onoo sends: GridFS, never executed, never public."""

from __future__ import annotations

import secrets
from contextlib import suppress

from gridfs.errors import NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from storage.database import Database


class Media:
    """Bytes by id; each file belongs to the citizen who sent it, and goes with them."""

    def __init__(self, database: Database) -> None:
        self._bucket = AsyncIOMotorGridFSBucket(database, bucket_name="media")
        self._files = database["media.files"]

    async def put(self, data: bytes, mime: str, name: str) -> str:
        """Store `data` and return its id."""
        media = secrets.token_hex(16)
        await self._bucket.upload_from_stream_with_id(
            media, name, data, metadata={"mime": mime, "citizen": ""}
        )
        return media

    async def own(self, media: str, citizen: str) -> None:
        """Note whose file this is."""
        await self._files.update_one({"_id": media}, {"$set": {"metadata.citizen": citizen}})

    async def delete(self, media: str) -> None:
        """Remove the file, if there is one."""
        with suppress(NoFile):
            await self._bucket.delete(media)

    async def get(self, media: str) -> tuple[bytes, str, str]:
        """(data, mime type, file name); raises KeyError when there is no such file."""
        try:
            stream = await self._bucket.open_download_stream(media)
        except NoFile:
            raise KeyError(media) from None
        data: bytes = await stream.read()
        return data, (stream.metadata or {}).get("mime", ""), stream.filename or ""
