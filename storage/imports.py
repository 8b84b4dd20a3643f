"""Imports of data files: staged whole, then made visible by changing one document.

Readers look only at what belongs to an active import, so an import that is cut off half-way
shows nothing, and undoing one is a single write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Document

STAGED, ACTIVE, UNDONE = "staged", "active", "undone"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported file: `kind` is "budgets" or "facilities", `size` its number of lines."""

    id: str
    kind: str
    file: str
    at: datetime
    status: str
    size: int
    demonstration: bool


class Imports:
    """The imports collection, for one kind of data."""

    def __init__(self, database: Database, kind: str) -> None:
        self._imports = database.imports
        self._kind = kind

    async def find(self, import_id: str) -> Import | None:
        """The import, whatever became of it."""
        found = await self._imports.find_one({"_id": import_id, "kind": self._kind})
        return _import(found) if found else None

    async def all(self) -> list[Import]:
        """Every import of this kind, the oldest first."""
        found = [_import(document) async for document in self._imports.find({"kind": self._kind})]
        return sorted(found, key=lambda one: one.at)

    async def active(self) -> dict[str, bool]:
        """The ids of what readers may see, with whether it is made up for demonstration."""
        cursor = self._imports.find(
            {"kind": self._kind, "status": ACTIVE}, {"_id": 1, "demonstration": 1}
        )
        return {found["_id"]: found.get("demonstration", False) async for found in cursor}

    async def stage(
        self, import_id: str, file: str, size: int, now: datetime, *, demonstration: bool
    ) -> None:
        """Announce an import of which nothing is visible yet."""
        await self._imports.replace_one(
            {"_id": import_id},
            {
                "_id": import_id,
                "kind": self._kind,
                "file": file,
                "at": now,
                "size": size,
                "status": STAGED,
                "demonstration": demonstration,
            },
            upsert=True,
        )

    async def turn(self, import_id: str, before: str, after: str) -> bool:
        """Change the status from `before` to `after`; False if it was something else."""
        result = await self._imports.update_one(
            {"_id": import_id, "kind": self._kind, "status": before}, {"$set": {"status": after}}
        )
        return bool(result.modified_count)

    async def drop(self, import_id: str) -> None:
        """Forget an import that was never finished."""
        await self._imports.delete_one({"_id": import_id, "status": STAGED})


def _import(document: Document) -> Import:
    return Import(
        id=document["_id"],
        kind=document["kind"],
        file=document["file"],
        at=document["at"],
        status=document["status"],
        size=document["size"],
        demonstration=document.get("demonstration", False),
    )
