"""What came in and could not be processed: set aside for people to look at, or to try again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Document
from storage.sessions import ROOM, InboxFull, Sessions

LISTED = 100


class Gone(Exception):
    """The conversation that it belonged to is not there any more."""


@dataclass(frozen=True, slots=True)
class Aside:
    """An inbox entry that was set aside; `name` tells it from others and tells nothing of whom.

    `error` is the type of what was raised. What the citizen wrote is not shown: `length` is how
    many letters it had, `payload` the button that was pressed.
    """

    name: str
    at: datetime
    kind: str
    error: str
    payload: str
    length: int


class SetAside:
    """The poisoned collection."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._poisoned = database.poisoned
        self._sessions = sessions

    async def all(self) -> list[Aside]:
        """The latest entries."""
        cursor = self._poisoned.find().sort("entry.at", -1).limit(LISTED)
        return [_aside(found) async for found in cursor]

    async def count(self) -> int:
        """How many there are."""
        return await self._poisoned.estimated_document_count()

    async def replay(self, name: str, now: datetime) -> tuple[Aside, str]:
        """Put it into its citizen's inbox again, once; it and its citizen, to be woken.

        Raises KeyError for an unknown one, Gone, and InboxFull where much waits already.
        """
        found = await self._find(name)
        citizen, entry = found["citizen"], dict(found["entry"])
        entry.pop("tries", None)
        # Under its own id it was seen before, and would be dropped as a repetition.
        entry["id"] = f"{entry['id']}+"
        if not await self._sessions.tell(citizen, entry, now):
            session = await self._sessions.read(citizen)
            if session is None:
                raise Gone(name)
            if len(session.inbox) >= ROOM:
                raise InboxFull(f"{ROOM} events wait for this citizen")
        await self._poisoned.delete_one({"_id": found["_id"]})
        return _aside(found), citizen

    async def drop(self, name: str) -> Aside:
        """Throw it away; raises KeyError for an unknown one."""
        found = await self._find(name)
        await self._poisoned.delete_one({"_id": found["_id"]})
        return _aside(found)

    async def _find(self, name: str) -> Document:
        async for found in self._poisoned.find({}, {"_id": 1}):
            if _name(found["_id"]) == name and (whole := await self._poisoned.find_one(found)):
                return whole
        raise KeyError(name)


def _name(identity: str) -> str:
    """Made of who and what, and no way back to either."""
    return hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()


def _aside(found: Document) -> Aside:
    entry = found["entry"]
    kind = str(entry.get("kind", ""))
    return Aside(
        name=_name(found["_id"]),
        at=entry["at"],
        kind=kind,
        error=found["error"],
        payload=str(entry.get("payload", "")) if kind == "tap" else "",
        length=len(entry.get("text", "")),
    )
