"""Facilities by their code; a later import replaces what it names and leaves the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymongo import ReplaceOne

from content.facilities import Facility
from storage.database import Database

BATCH = 1000


class Facilities:
    """The facilities collection."""

    def __init__(self, database: Database) -> None:
        self._facilities = database.facilities

    async def store(self, facilities: Sequence[Facility]) -> None:
        """Add `facilities`, replacing those with the same code; safe to repeat."""
        for start in range(0, len(facilities), BATCH):
            await self._facilities.bulk_write(
                [
                    ReplaceOne(
                        {"_id": one.code}, {"_id": one.code, **one.to_document()}, upsert=True
                    )
                    for one in facilities[start : start + BATCH]
                ],
                ordered=False,
            )

    async def find(self, code: str) -> Facility | None:
        """The facility with this code."""
        found = await self._facilities.find_one({"_id": code}) if code else None
        return Facility.from_document(found) if found else None

    async def within(self, places: Sequence[str] | None) -> tuple[Facility, ...]:
        """The facilities in any of `places` (None: in all of the country), by place and name."""
        query: dict[str, object] = {}
        if places is not None:
            parts = [{"place": {"$regex": f"^{place}"}} for place in places if place.isdecimal()]
            if not parts:
                return ()
            query = {"$or": parts}
        found = [Facility.from_document(one) async for one in self._facilities.find(query)]
        return tuple(sorted(found, key=lambda one: (one.place, one.name)))

    async def codes(self) -> set[str]:
        """The codes of all facilities."""
        return {found["_id"] async for found in self._facilities.find({}, {"_id": 1})}

    async def doubles(self, facilities: Iterable[Facility]) -> list[str]:
        """Facilities stored under another code with the same name, kind and place, told."""
        told = []
        for one in facilities:
            query = {"place": one.place, "kind": one.kind, "name": one.name}
            found = await self._facilities.find_one({**query, "_id": {"$ne": one.code}})
            if found:
                told.append(f"{one.code} {one.name}: already stored as {found['_id']}")
        return told

    async def of(self, place: str, kinds: Sequence[str] = ()) -> tuple[Facility, ...]:
        """The facilities at `place` or in its parts, of `kinds` (any where empty), by name."""
        query: dict[str, object] = {"place": {"$regex": f"^{place}"}} if place.isdecimal() else {}
        if kinds:
            query["kind"] = {"$in": list(kinds)}
        found = [Facility.from_document(one) async for one in self._facilities.find(query)]
        return tuple(sorted(found, key=lambda one: (one.place, one.name)))

    async def named(self, codes: Sequence[str]) -> dict[str, Facility]:
        """These facilities by their codes; those nobody knows are left out."""
        cursor = self._facilities.find({"_id": {"$in": list(codes)}})
        return {one["_id"]: Facility.from_document(one) async for one in cursor}
