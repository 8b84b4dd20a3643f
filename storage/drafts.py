"""Surveys somebody is working on: a workbook and what its check found, not yet published."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from storage.database import Database, Document

KEPT = timedelta(days=30)
"""After the last change; a published survey keeps its workbook for good."""


class Drafts:
    """The drafts collection."""

    def __init__(self, database: Database) -> None:
        self._drafts = database.drafts

    async def add(self, user: str, fields: Document, now: datetime) -> str:
        """Store a draft of `user`; its id, which can't be guessed."""
        draft = secrets.token_urlsafe(12)
        await self._drafts.insert_one(
            {"_id": draft, "user": user, "changed": now, "forget_at": now + KEPT, **fields}
        )
        return draft

    async def get(self, draft: str) -> Document:
        """The draft; raises KeyError when there is none."""
        found = await self._drafts.find_one({"_id": draft})
        if found is None:
            raise KeyError(draft)
        return found

    async def change(self, draft: str, fields: Document, now: datetime) -> None:
        """Set `fields` of a draft."""
        kept = {"changed": now, "forget_at": now + KEPT}
        await self._drafts.update_one({"_id": draft}, {"$set": {**fields, **kept}})

    async def of(self, user: str = "") -> list[Document]:
        """The drafts of `user`, or of everybody, the latest first, without their contents."""
        query = {"user": user} if user else {}
        cursor = self._drafts.find(query, {"workbook": 0, "source": 0}).sort("changed", -1)
        return [found async for found in cursor.limit(50)]

    async def drop(self, draft: str) -> None:
        """Remove a draft."""
        await self._drafts.delete_one({"_id": draft})
