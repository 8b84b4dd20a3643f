"""Drawn charts by what they show, so that one picture is drawn and stored once."""

from __future__ import annotations

from storage.database import Database


class Pictures:
    """The pictures collection: a chart's fingerprint to the media id of its picture."""

    def __init__(self, database: Database) -> None:
        self._pictures = database.pictures

    async def find(self, fingerprint: str) -> str:
        """The media id, or "" where it was never drawn."""
        found = await self._pictures.find_one({"_id": fingerprint})
        return str(found["media"]) if found else ""

    async def keep(self, fingerprint: str, media: str) -> str:
        """Remember a picture; returns the one that counts, if another process was first."""
        await self._pictures.update_one(
            {"_id": fingerprint}, {"$setOnInsert": {"media": media}}, upsert=True
        )
        return await self.find(fingerprint)
