"""Commitments: what a provider promised in a meeting, and everything that became of it."""

from __future__ import annotations

from storage.database import Database, Document


class CommitmentStore:
    """The commitments collection: the present state, with every change in `history`."""

    def __init__(self, database: Database) -> None:
        self._commitments = database.commitments

    async def add(self, commitment: Document) -> None:
        """Store a new one."""
        await self._commitments.insert_one(commitment)

    async def find(self, commitment: str) -> Document | None:
        """The commitment as it stands."""
        return await self._commitments.find_one({"_id": commitment})

    async def change(
        self, commitment: str, version: int, fields: Document, entry: Document
    ) -> bool:
        """Write `fields` and a line of history; False if somebody changed it meanwhile."""
        changed = await self._commitments.update_one(
            {"_id": commitment, "version": version},
            {"$set": {**fields, "version": version + 1}, "$push": {"history": entry}},
        )
        return bool(changed.modified_count)

    async def of(self, facility: str) -> list[Document]:
        """A facility's commitments, the latest first."""
        found = [one async for one in self._commitments.find({"facility": facility})]
        return sorted(found, key=lambda one: one["created"], reverse=True)

    async def all(self) -> list[Document]:
        """Every commitment."""
        return [one async for one in self._commitments.find()]

    async def facilities(self) -> list[str]:
        """The facilities that promised anything."""
        return sorted(await self._commitments.distinct("facility"))
