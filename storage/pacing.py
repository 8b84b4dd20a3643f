"""Pacing: one schedule of sends a bot or page, shared by all processes.

A lane's document says how many of the present second's slots are taken. Slots are reserved by
compare-and-set, a few ahead at a time, so no two processes ever hold the same one:

    {_id, version, second, used, paused_until}

`second` counts since 1970. Nobody holds a slot more than `AHEAD` seconds ahead, so a pause is
obeyed by every process within that time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document

AHEAD = 0.7
"""Seconds ahead for which slots may be held."""
SPREAD = 0.75
"""The part of each second over which its slots are spread; the rest is for sends that are late."""
LATEST = 0.88
"""The part of a second until which its slots may be used."""
KEPT_BACK = 30
"""One slot in so many is left empty, for a send that reaches the platform a second late."""
TRIES = 8


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment at which one message may be sent, and until when it may still be."""

    at: datetime
    until: datetime


class Pacing:
    """The pacing collection."""

    def __init__(self, database: Database) -> None:
        self._pacing = database.pacing

    async def reserve(
        self, lane: str, rate: float, want: int, now: datetime, spent: int = 0
    ) -> list[Slot]:
        """Up to `want` slots within the next moments; none while the lane is full or paused.

        `rate` is sends a second (at least 1). `spent` sends were made past the schedule since
        the last call (replies, which never wait) and are taken off what is left.
        """
        for _ in range(TRIES):
            found = await self._lane(lane)
            paused = found.get("paused_until")
            if paused is not None and paused > now:
                return []
            most = max(1, int(rate) - int(rate) // KEPT_BACK)
            slots, second, used = _take(found, most, want, now.timestamp(), spent)
            if not slots and not spent:
                return []
            changed = await self._pacing.update_one(
                {"_id": lane, "version": found["version"]},
                {"$set": {"second": second, "used": used, "version": found["version"] + 1}},
            )
            if changed.modified_count:
                return slots
        return []

    async def pause(self, lane: str, until: datetime) -> None:
        """The platform asked everyone to wait: no slot before `until`."""
        await self._lane(lane)
        await self._pacing.update_one(
            {"_id": lane}, {"$max": {"paused_until": until}, "$inc": {"version": 1}}
        )

    async def paused_until(self, lane: str) -> datetime | None:
        """Until when the lane is paused, if it ever was."""
        moment: datetime | None = (await self._lane(lane)).get("paused_until")
        return moment

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
        fresh = {"_id": lane, "version": 0, "second": 0, "used": 0}
        try:
            await self._pacing.insert_one(dict(fresh))
        except DuplicateKeyError:
            return await self._pacing.find_one({"_id": lane}) or fresh
        return fresh


def _take(
    found: Document, rate: int, want: int, now: float, spent: int
) -> tuple[list[Slot], int, int]:
    """The next free slots, and the second and count that the lane then stands at.

    Slots that nobody took in time are lost: catching up would crowd a second.
    """
    here = math.floor(now)
    second, used = found["second"], found["used"]
    if second < here:
        second, used = here, 0
    used += spent
    slots: list[Slot] = []
    while len(slots) < want:
        if used >= rate:
            second, used = second + 1, used - rate
            continue
        at = second + (used + 0.5) / rate * SPREAD
        if at > now + AHEAD:
            break
        used += 1
        if at >= now:
            slots.append(Slot(_moment(at), _moment(second + LATEST)))
    return slots, second, used


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
