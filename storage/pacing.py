"""Pacing: which process sends a bot's or page's campaign messages, and since when all wait.

One process at a time holds a lane, by a lease it renews each second; only the holder sends
campaign messages there, so it can count them in its own memory (`bots.window`):

    {_id, by, until, paused_until, replies}

`replies` counts what processes that don't hold the lane sent in replies, for which the holder
leaves room. What the platform asked of everyone, to wait until `paused_until`, is obeyed by
whoever holds the lane.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document

LEASE = timedelta(seconds=3)
"""So long after its last sign of life a holder is taken to be lost."""


@dataclass(frozen=True, slots=True)
class Look:
    """A lane as a process finds it: whether it holds it, until when whoever holds it does,
    until when the platform wants nothing, and the replies others ever sent.
    """

    mine: bool
    until: datetime
    paused_until: datetime | None = None
    replies: int = 0


class Pacing:
    """The pacing collection."""

    def __init__(self, database: Database) -> None:
        self._pacing = database.pacing

    async def look(self, lane: str, who: str, now: datetime, replies: int = 0) -> Look:
        """Renew the hold on a lane, or take it if nobody holds it; else add `replies` sent."""
        found = await self._lane(lane)
        paused, others = found.get("paused_until"), found.get("replies", 0)
        holder, until = found.get("by", ""), found.get("until")
        if holder != who and until is not None and until > now:
            if replies:
                await self._pacing.update_one({"_id": lane}, {"$inc": {"replies": replies}})
            return Look(False, until, paused, others + replies)
        seen = {"_id": lane, "by": found.get("by"), "until": until}
        taken = await self._pacing.update_one(seen, {"$set": {"by": who, "until": now + LEASE}})
        return Look(bool(taken.matched_count), now + LEASE, paused, others)

    async def leave(self, lane: str, who: str) -> None:
        """Let another process have the lane at once."""
        await self._pacing.update_one({"_id": lane, "by": who}, {"$unset": {"by": "", "until": ""}})

    async def pause(self, lane: str, until: datetime) -> None:
        """The platform asked everyone to wait: nothing is sent before `until`."""
        await self._lane(lane)
        await self._pacing.update_one({"_id": lane}, {"$max": {"paused_until": until}})

    async def take_turn(self, job: str, who: str, now: datetime, lease: timedelta) -> bool:
        """Whether `who` may do `job` now, which only one process does at a time."""
        free = {"_id": f"job:{job}", "$or": [{"by": who}, {"until": {"$lte": now}}]}
        try:
            changed = await self._pacing.update_one(
                free, {"$set": {"by": who, "until": now + lease}}, upsert=True
            )
        except DuplicateKeyError:
            return False
        return bool(changed.modified_count or changed.upserted_id)

    async def _lane(self, lane: str) -> Document:
        found = await self._pacing.find_one({"_id": lane})
        if found is not None:
            return found
        try:
            await self._pacing.insert_one({"_id": lane})
        except DuplicateKeyError:
            return await self._pacing.find_one({"_id": lane}) or {"_id": lane}
        return {"_id": lane}
