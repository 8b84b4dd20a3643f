"""The outbox's campaign lane: what is to be said to many, each exactly once.

A *push* says one thing to many people: `{_id, campaign, kind, state, hours, messages, full}`,
its words by language. Its messages stand in `outbox` and are sent batch by batch:

    push     new → ready → open ⇄ paused → done
    batch    {_id, push, channel, zone, number, size, at, span, due, done}
    message  {_id, batch, number, citizen, channel, locale, status, attempts}
             waiting → sending → sent, unknown, blocked, refused, failed
             waiting → held (until the citizen writes), skipped

A channel's batches are sent by whoever holds its lane (`storage.pacing`). Each message goes
from waiting to sending by compare-and-set right before it is handed to the platform, so it is
handed over at most once. What a lost sender left in sending may or may not have arrived: it
becomes unknown and is never sent again. `due` is present while a batch has work to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from storage.database import LONG_AGO, Database, Document

LANE = "campaign"
DUPLICATE = 11000
BULK = 1000
FOUND = 8
"""Batches read at a time."""

WAITING, SENDING, SENT, HELD = "waiting", "sending", "sent", "held"
SKIPPED, FAILED, UNKNOWN = "skipped", "failed", "unknown"


class Outbox:
    """The pushes, batches and outbox collections, as far as campaigns go."""

    def __init__(self, database: Database) -> None:
        self._pushes = database.pushes
        self._batches = database.batches
        self._messages = database.outbox
        self._sessions = database.sessions

    # -- pushes -------------------------------------------------------------------------

    async def push(self, push: str) -> Document | None:
        """The push as it stands."""
        return await self._pushes.find_one({"_id": push})

    async def pushes_of(self, campaign: str) -> list[Document]:
        """A campaign's pushes, without their words."""
        cursor = self._pushes.find({"campaign": campaign}, {"messages": 0})
        return [push async for push in cursor]

    async def paused_pushes(self, campaign: str = "") -> list[Document]:
        """The pushes that were stopped (of one campaign, or all), without their words."""
        query = {"campaign": campaign} if campaign else {"state": "paused"}
        found = [push async for push in self._pushes.find(query, {"messages": 0})]
        return [push for push in found if push["state"] == "paused"]

    async def put_push(self, push: Document) -> None:
        """Announce a push (state new), unless it is there."""
        await self._pushes.update_one({"_id": push["_id"]}, {"$setOnInsert": push}, upsert=True)

    async def turn_push(self, push: str, before: Sequence[str], after: str, **fields: Any) -> bool:
        """Change a push's state; False if it was none of `before`."""
        changed = await self._pushes.update_one(
            {"_id": push, "state": {"$in": list(before)}}, {"$set": {"state": after, **fields}}
        )
        return bool(changed.modified_count)

    async def set_full(self, campaign: str, full: Sequence[str]) -> None:
        """Note which quotas are full: their people are not asked any more."""
        await self._pushes.update_many({"campaign": campaign}, {"$set": {"full": list(full)}})

    async def stop(self, pushes: Sequence[str], state: str) -> None:
        """Let nothing more of these leave; what is at the platform's door goes through.

        Senders look at the push before each message, no older than half a second.
        """
        await self._pushes.update_many(
            {"_id": {"$in": list(pushes)}, "state": {"$in": ["new", "ready", "open"]}},
            {"$set": {"state": state}},
        )
        await self._batches.update_many(
            {"push": {"$in": list(pushes)}, "due": {"$exists": True}},
            {"$unset": {"due": ""}},
        )

    async def open_pushes(self) -> list[str]:
        """Every push that is being sent or about to be."""
        cursor = self._pushes.find({"state": {"$in": ["new", "ready", "open"]}}, {"_id": 1})
        return [push["_id"] async for push in cursor]

    # -- planning -----------------------------------------------------------------------

    async def add_messages(self, messages: Sequence[Document]) -> None:
        """Store messages, leaving alone those that are there."""
        await _insert(self._messages, messages)

    async def add_batches(self, batches: Sequence[Document]) -> None:
        """Store batches, leaving alone those that are there."""
        await _insert(self._batches, batches)

    async def unfinished(self, push: str) -> list[Document]:
        """The batches of a push with messages left, in the order of their numbers."""
        found = [one async for one in self._batches.find({"push": push, "done": {"$ne": True}})]
        return sorted(found, key=lambda one: str(one["_id"]))

    async def set_times(self, times: Sequence[tuple[str, datetime, float]]) -> None:
        """Give batches their start and span in seconds: from then on senders see them."""
        writes = [
            UpdateOne(
                {"_id": batch, "done": {"$ne": True}},
                {"$set": {"at": at, "span": span, "due": at}},
            )
            for batch, at, span in times
        ]
        for start in range(0, len(writes), BULK):
            await self._batches.bulk_write(writes[start : start + BULK], ordered=False)

    # -- sending ------------------------------------------------------------------------

    async def due_batches(
        self, channel: str, now: datetime, besides: Sequence[str]
    ) -> list[Document]:
        """Some batches of a channel that are due, the longest first, `besides` those in hand.

        For whoever holds the channel's lane (`storage.pacing`), and nobody else.
        """
        due = {"$gte": LONG_AGO, "$lte": now}
        cursor = self._batches.find(
            {"channel": channel, "due": due, "_id": {"$nin": list(besides)}}
        ).limit(FOUND)
        return sorted([batch async for batch in cursor], key=lambda one: one["due"])

    async def put_off_batch(
        self, batch: str, due: datetime, until: datetime | None, at: datetime | None = None
    ) -> None:
        """Leave what is left of a batch for `until` (None: for a new plan), its start at `at`.

        Nothing happens unless it is still `due` as it was when it was read: somebody may have
        stopped it, or planned it anew.
        """
        change: Document = {"$unset": {"due": ""}}
        if until is not None:
            change = {"$set": {"due": until} if at is None else {"due": until, "at": at}}
        await self._batches.update_one({"_id": batch, "due": due}, change)

    async def finish_batch(self, batch: str) -> None:
        """All messages of a batch are dealt with."""
        await self._batches.update_one(
            {"_id": batch}, {"$set": {"done": True}, "$unset": {"due": ""}}
        )

    async def messages(self, batch: str) -> list[Document]:
        """The messages of a batch that are not dealt with: waiting, or left in sending."""
        cursor = self._messages.find({"batch": batch, "status": {"$in": [WAITING, SENDING]}})
        return [message async for message in cursor]

    async def begin(self, message: str, worker: str, now: datetime) -> bool:
        """From waiting to sending: from here on it is handed over, once. False if too late."""
        changed = await self._messages.update_one(
            {"_id": message, "status": WAITING},
            {"$set": {"status": SENDING, "by": worker, "began": now}},
        )
        return bool(changed.modified_count)

    async def finish(
        self, message: str, status: str, reason: str, now: datetime, before: str = SENDING
    ) -> bool:
        """Note what became of a message; with status waiting it is tried again."""
        result = await self._messages.bulk_write([finished(message, status, reason, now, before)])
        return bool(result.modified_count)

    # -- held until the citizen writes --------------------------------------------------

    async def hold(self, message: str, citizen: str, reason: str, now: datetime) -> None:
        """The platform lets nobody write to them now: keep it until they write."""
        if await self.finish(message, HELD, reason, now, WAITING) or await self.finish(
            message, HELD, reason, now
        ):
            await self.mark_held([citizen])

    async def mark_held(self, citizens: Sequence[str]) -> None:
        """Note in their sessions that something waits for these citizens to write."""
        writes = [UpdateOne({"_id": one}, {"$set": {"held": True}}) for one in citizens]
        for start in range(0, len(writes), BULK):
            await self._sessions.bulk_write(writes[start : start + BULK], ordered=False)

    async def release(self, citizen: str, now: datetime, after: timedelta) -> int:
        """The citizen wrote: send what was held for them `after` a while. How many there were.

        Each goes into a batch of its own. What a paused campaign has for them stays held for
        the next time they write. Safe to repeat.
        """
        held = [
            message
            async for message in self._messages.find(
                {"citizen": citizen, "lane": LANE, "status": HELD}
            )
        ]
        released = kept = 0
        for message in held:
            push = await self._pushes.find_one({"_id": message["push"]}, {"state": 1})
            if push is None or push["state"] != "open":
                kept += push is not None and push["state"] != "done"
                continue
            digest = hashlib.blake2b(message["_id"].encode(), digest_size=10).hexdigest()
            batch = f"{message['push']}:held:{digest}:{now.timestamp():.0f}"
            changed = await self._messages.update_one(
                {"_id": message["_id"], "status": HELD},
                {"$set": {"status": WAITING, "batch": batch, "number": 0}},
            )
            if changed.modified_count:
                fields = {"push": message["push"], "channel": message["channel"], "size": 1}
                times = {"at": now + after, "due": now + after, "span": 0.0}
                await self.add_batches(
                    [{"_id": batch, "number": 0, "zone": message["zone"], **fields, **times}]
                )
                released += 1
        if not kept:
            await self._sessions.update_one({"_id": citizen}, {"$unset": {"held": ""}})
        return released

    # -- looking ------------------------------------------------------------------------

    async def counts(self, push: str) -> dict[str, int]:
        """How many of a push's messages are in each status."""
        cursor = self._messages.aggregate(
            [{"$match": {"push": push}}, {"$group": {"_id": "$status", "n": {"$sum": 1}}}]
        )
        return {found["_id"]: found["n"] async for found in cursor}

    async def reasons(self, push: str) -> dict[str, int]:
        """Why messages of a push did not go out, with how many each."""
        counted: dict[str, int] = {}
        bad = {"$in": ["blocked", "refused", FAILED, UNKNOWN, SKIPPED, HELD]}
        async for message in self._messages.find(
            {"push": push, "status": bad}, {"status": 1, "attempts": {"$slice": -1}}
        ):
            reason = (message.get("attempts") or [{}])[-1].get("reason", "")
            key = f"{message['status']}:{reason}" if reason else message["status"]
            counted[key] = counted.get(key, 0) + 1
        return counted


def finished(
    message: str, status: str, reason: str, now: datetime, before: str = SENDING
) -> UpdateOne:
    """The write that notes what became of a message."""
    return UpdateOne(
        {"_id": message, "status": before},
        {
            "$set": {"status": status, "at": now},
            "$push": {"attempts": {"result": status, "reason": reason, "at": now}},
        },
    )


async def _insert(collection: Any, documents: Sequence[Document]) -> None:
    for start in range(0, len(documents), BULK):
        try:
            await collection.insert_many(documents[start : start + BULK], ordered=False)
        except BulkWriteError as error:
            failures = error.details.get("writeErrors", [])
            if any(failure.get("code") != DUPLICATE for failure in failures):
                raise
