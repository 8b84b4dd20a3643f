"""The session document: a citizen's inbox, conversation and unsent replies, in one place.

One document holds what came in and is not done, the state of the conversation, and what was
said and is not yet sent and filed. It is changed by single-document writes only, each a
compare-and-set, so a crash at any point leaves a whole turn or none. What many citizens' turns
read and write goes together (`storage.grouping`):

    {_id, version, state, inbox: [...], seen: [...], pending: [...],
     lease: {by, until, turn}, hold, due, last_inbound, off, forget_at}

`due` is present while there is work to do. `hold` is present while sending waits for the
platform, and means that nothing in `pending` has been started.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document
from storage.grouping import Changes, Reads

SEEN = 200
"""Event ids remembered for each citizen: platforms repeat an event within hours, not months."""
ROOM = 100
"""Unprocessed events one citizen may have before the platform is asked to wait."""
LEASE = timedelta(seconds=12)
"""How long a worker may hold a citizen without a sign of life; it gives four in that time."""
FORGET_AFTER = timedelta(days=1)
"""How long a conversation without consent is remembered."""


@dataclass(slots=True)
class Session:
    """A session as read: see the module's description for each field."""

    citizen: str
    version: int = 0
    state: Document = field(default_factory=dict)
    inbox: list[Document] = field(default_factory=list)
    pending: list[Document] = field(default_factory=list)
    lease: Document | None = None
    hold: datetime | None = None
    last_inbound: datetime | None = None
    off: str = ""
    held: bool = False
    """Whether a campaign's message waits for this citizen to write."""

    @property
    def idle(self) -> bool:
        """Whether nothing waits for this citizen and nobody attends to them."""
        return not (self.inbox or self.pending or self.lease or self.hold)

    def leased_to_other(self, worker: str, now: datetime) -> bool:
        """Whether another worker holds this citizen at `now`."""
        return bool(self.lease and self.lease["by"] != worker and self.lease["until"] > now)


class InboxFull(Exception):
    """This citizen has `ROOM` unprocessed events already."""


def fingerprint(event_id: str) -> str:
    """A short form of an event id for the `seen` list (80 bits)."""
    return hashlib.blake2b(event_id.encode(), digest_size=10).hexdigest()


class Sessions:
    """The sessions collection."""

    def __init__(self, database: Database, lease: timedelta = LEASE) -> None:
        self._sessions = database.sessions
        self._reads = Reads(database.sessions, {"seen": 0})
        self._changes = Changes(database.sessions, "lease", "turn")
        self.lease = lease

    async def append(self, citizen: str, event: Document, now: datetime) -> bool:
        """Store `event` (with its `id`) durably; False if it was there before.

        Raises InboxFull when the citizen has too much waiting, and the driver's errors when
        nothing was stored.
        """
        seen = fingerprint(event["id"])
        room = {f"inbox.{ROOM - 1}": {"$exists": False}}
        query = {"_id": citizen, "seen": {"$ne": seen}, **room}
        change = {
            "$push": {"inbox": event, "seen": {"$each": [seen], "$slice": -SEEN}},
            "$set": {"due": now},
            "$max": {"last_inbound": now},
        }
        first = {"version": 0, "forget_at": now + FORGET_AFTER}
        try:
            await self._sessions.update_one(query, {**change, "$setOnInsert": first}, upsert=True)
        except DuplicateKeyError:
            # Seen before, no room, or somebody created the session a moment earlier.
            if (await self._sessions.update_one(query, change)).modified_count:
                return True
            if await self._sessions.find_one({"_id": citizen, "seen": seen}, {"_id": 1}):
                return False
            raise InboxFull(f"{ROOM} events wait for this citizen") from None
        return True

    async def tell(self, citizen: str, event: Document, now: datetime) -> bool:
        """Put something into the inbox that the citizen did not do: a facilitator's words.

        It opens no messaging window. False where there is no session any more, no room, or it
        was there before.
        """
        seen = fingerprint(event["id"])
        room = {f"inbox.{ROOM - 1}": {"$exists": False}}
        result = await self._sessions.update_one(
            {"_id": citizen, "seen": {"$ne": seen}, **room},
            {
                "$push": {"inbox": event, "seen": {"$each": [seen], "$slice": -SEEN}},
                "$set": {"due": now},
            },
        )
        return bool(result.modified_count)

    async def read(self, citizen: str) -> Session | None:
        """The session as it stands, or None."""
        found = await self._reads.read(citizen)
        if found is None:
            return None
        return Session(
            citizen=citizen,
            version=found.get("version", 0),
            state=found.get("state", {}),
            inbox=found.get("inbox", []),
            pending=found.get("pending", []),
            lease=found.get("lease"),
            hold=found.get("hold"),
            last_inbound=found.get("last_inbound"),
            off=found.get("off", ""),
            held=found.get("held", False),
        )

    async def commit(
        self,
        session: Session,
        worker: str,
        now: datetime,
        *,
        done: str,
        state: Document,
        events: Sequence[Document],
        keep: bool,
    ) -> bool:
        """Write a finished turn: new state, inbox entry `done` gone, `events` pending.

        Takes or keeps the lease. False if anyone changed the session in between, and then
        nothing was written. `keep` is whether the citizen has agreed to be remembered.
        """
        change = self._turn(session, worker, now, state, keep)
        change["$pull"] = {"inbox": {"id": done}}
        change["$push"] = {"pending": {"$each": list(events)}}
        return await self._commit({"_id": session.citizen, "version": session.version}, change)

    async def commit_arrival(
        self,
        session: Session,
        worker: str,
        now: datetime,
        *,
        arrived: str,
        state: Document,
        events: Sequence[Document],
        keep: bool,
    ) -> bool:
        """Write the turn of event `arrived`, which was never in the inbox, and that it was seen.

        As `commit`; besides, nothing is written if the event was seen before, or if another
        waits in the inbox. Of what was pending, what `session` still has is kept.
        """
        seen = fingerprint(arrived)
        change = self._turn(session, worker, now, state, keep)
        change["$set"] |= {"pending": [*session.pending, *events], "last_inbound": now}
        change["$push"] = {"seen": {"$each": [seen], "$slice": -SEEN}}
        query = {
            "_id": session.citizen,
            "version": session.version,
            "seen": {"$ne": seen},
            "inbox": {"$size": 0},
        }
        return await self._commit(query, change)

    def _turn(
        self, session: Session, worker: str, now: datetime, state: Document, keep: bool
    ) -> Document:
        until = now + self.lease
        fields: Document = {
            "version": session.version + 1,
            "state": state,
            "lease": {"by": worker, "until": until, "turn": secrets.token_hex(8)},
            "due": until,
        }
        gone: Document = {"off": ""}
        if keep:
            gone["forget_at"] = ""
        else:
            fields["forget_at"] = now + FORGET_AFTER
        return {"$set": fields, "$unset": gone}

    async def _commit(self, query: Document, change: Document) -> bool:
        return await self._changes.make(query, change, change["$set"]["lease"]["turn"])

    async def claim(self, session: Session, worker: str, now: datetime) -> bool:
        """Take a session whose worker was lost or whose hold is over; False if too late.

        Its version grows by that.
        """
        result = await self._sessions.update_one(
            {"_id": session.citizen, "version": session.version},
            {
                "$set": {
                    "version": session.version + 1,
                    "lease": {"by": worker, "until": now + self.lease},
                    "due": now + self.lease,
                },
                "$unset": {"hold": ""},
            },
        )
        session.version += result.modified_count
        return bool(result.modified_count)

    async def renew(self, citizen: str, worker: str, now: datetime) -> None:
        """A sign of life of the worker that holds this citizen."""
        await self._sessions.update_one(
            {"_id": citizen, "lease.by": worker},
            {"$set": {"lease.until": now + self.lease, "due": now + self.lease}},
        )

    async def take_over(self, lost: str, now: datetime) -> int:
        """Let others have at once what worker `lost`, who is dead, was attending to."""
        held = {"due": {"$lte": now + self.lease}, "lease.by": lost}
        result = await self._sessions.update_many(held, {"$set": {"lease.until": now, "due": now}})
        return result.modified_count

    async def settle(self, session: Session, worker: str) -> bool:
        """All pending is sent and filed: drop it. True if the citizen has nothing more waiting.

        Where more came in meanwhile the lease stays, and False says: go on. Nothing is dropped
        from a later version: a commit that the database never answered may have been written.
        """
        mine = {"_id": session.citizen, "version": session.version, "lease.by": worker}
        result = await self._sessions.update_one(
            {**mine, "inbox": {"$size": 0}},
            {"$set": {"pending": []}, "$unset": {"lease": "", "due": ""}},
        )
        if result.modified_count:
            return True
        await self._sessions.update_one(mine, {"$set": {"pending": []}})
        return False

    async def wait(
        self, session: Session, worker: str, unsent: Sequence[Document], until: datetime
    ) -> None:
        """Keep `unsent` for later: nothing more is sent to this citizen before `until`.

        As in `settle`, nothing is changed in a later version.
        """
        await self._sessions.update_one(
            {"_id": session.citizen, "version": session.version, "lease.by": worker},
            {
                "$set": {"pending": list(unsent), "hold": until, "due": until},
                "$unset": {"lease": ""},
            },
        )

    async def put_off(self, citizen: str, entry: str, until: datetime) -> None:
        """Count a failed try at inbox entry `entry` and leave it alone until `until`."""
        await self._sessions.update_one(
            {"_id": citizen, "inbox.id": entry},
            {"$inc": {"inbox.$.tries": 1}, "$set": {"due": until}, "$unset": {"lease": ""}},
        )

    async def switch_off(self, citizen: str, reason: str) -> None:
        """Note that this citizen can't be reached until they write again."""
        await self._sessions.update_one({"_id": citizen}, {"$set": {"off": reason}})

    async def forget(self, citizen: str, worker: str, now: datetime) -> None:
        """Blank the session: only the fingerprints of seen events stay, for a day."""
        await self._sessions.update_one(
            {"_id": citizen, "lease.by": worker},
            {
                "$set": {"state": {}, "forget_at": now + FORGET_AFTER},
                "$unset": {"off": "", "last_inbound": ""},
            },
        )

    async def due(self, now: datetime, limit: int = 50) -> list[str]:
        """Citizens with work that is due at `now`, the longest waiting first."""
        cursor = self._sessions.find({"due": {"$lte": now}}, {"_id": 1}).sort("due", 1).limit(limit)
        return [found["_id"] async for found in cursor]

    async def waiting(self) -> int:
        """How many citizens have work waiting, for the metrics."""
        return await self._sessions.count_documents({"due": {"$exists": True}})

    async def contacts(self, citizens: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What a campaign must know before it writes: consent, stopped, off, last_inbound.

        There is an entry for everyone asked about.
        """
        shown = dict.fromkeys(
            ("state.stopped", "state.left", "state.consent", "off", "last_inbound"), 1
        )
        cursor = self._sessions.find({"_id": {"$in": list(citizens)}}, shown)
        found = {session["_id"]: session async for session in cursor}
        return {citizen: _contact(found.get(citizen, {})) for citizen in citizens}


def _contact(session: Document) -> dict[str, Any]:
    state = session.get("state", {})
    return {
        "consent": state.get("consent") == "given",
        "stopped": bool(state.get("stopped") or state.get("left")),
        "off": session.get("off", ""),
        "last_inbound": session.get("last_inbound"),
    }
