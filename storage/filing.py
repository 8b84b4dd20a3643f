"""Filing: what turns said and did goes from session documents into its collections.

Ids derive from the citizen, the turn and the event, so filing twice changes nothing. Many
citizens' events are filed in one batch: whatever has arrived while the last was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from storage.batching import Batches
from storage.citizens import SeenLately
from storage.database import Database, Document
from storage.invitations import OF_CASE, moved_up

DUPLICATE = 11000
BATCH = 500

Write = InsertOne[Document] | UpdateOne
Writes = dict[str, list[Write]]


def writes_for(citizen: str, channel: str, events: Sequence[Document]) -> Writes:
    """The writes that file `events` (each with its `_id` and `at`) of one citizen."""
    snapshots = [event for event in events if event["type"] == "case"]
    writes: Writes = {"events": []} | (_of_cases(citizen, channel, snapshots) if snapshots else {})
    for event in events:
        kind = event["type"]
        logged = {**event, "citizen": citizen, "channel": channel}
        if kind == "case":
            continue
        if kind in ("invitation", "disputed"):
            collection, write = _campaign_event(citizen, channel, event)
            writes.setdefault(collection, []).append(write)
        if kind == "profiled":
            writes.setdefault("citizens", []).append(_profile(citizen, channel, event))
        if kind == "reported":
            writes.setdefault("reports", []).append(_report(citizen, channel, event))
        if kind == "talked":
            writes.setdefault("reports", []).append(_talk(citizen, event))
        writes["events"].append(InsertOne(logged))
    return writes


def _of_cases(citizen: str, channel: str, snapshots: Sequence[Document]) -> Writes:
    """The last snapshot of each case, and each disposition that one of them brought."""
    last = {event["case"]: event for event in snapshots}
    reached = {(event["case"], event["status"]): event for event in reversed(snapshots)}
    invitations = [_invitation_of_case(citizen, channel, event) for event in reached.values()]
    return {
        "cases": [_case(citizen, channel, event) for event in last.values()],
        "invitations": [write for write in invitations if write is not None],
    }


def _case(citizen: str, channel: str, event: Document) -> Write:
    """Replaces the case by this snapshot, unless a later one is there (a duplicate key then)."""
    fields = {k: v for k, v in event.items() if k not in ("type", "case", "_id", "at")}
    fields |= {"citizen": citizen, "channel": channel, "changed": event["at"]}
    older = {"_id": event["case"], "seq": {"$lt": event["seq"]}}
    return UpdateOne(older, {"$set": fields}, upsert=True)


def _invitation_of_case(citizen: str, channel: str, event: Document) -> Write | None:
    """What a survey run says about its campaign's invitation."""
    disposition = OF_CASE.get(event["status"])
    if not event.get("campaign") or event.get("is_test") or disposition is None:
        return None
    fields = {name: event[name] for name in ("place", "facility", "locale") if event.get(name)}
    return moved_up(
        event["campaign"],
        citizen,
        disposition,
        event["at"],
        channel=channel,
        case=event["case"],
        **fields,
    )


def _campaign_event(citizen: str, channel: str, event: Document) -> tuple[str, Write]:
    """An invitation that was followed or declined; a commitment said not to be kept."""
    if event["type"] == "disputed":
        dispute = {"citizen": citizen, "at": event["at"]}
        return "commitments", UpdateOne(
            {"_id": event["commitment"], "disputes.citizen": {"$ne": citizen}},
            {"$push": {"disputes": dispute}},
        )
    if event["via"] == "test":
        tested = {"$set": {"tested_at": event["at"]}, "$addToSet": {"testers": citizen}}
        return "campaigns", UpdateOne({"_id": event["campaign"]}, tested)
    return "invitations", moved_up(
        event["campaign"],
        citizen,
        event["disposition"],
        event["at"],
        channel=channel,
        facility=event["facility"],
        **({"via": event["via"]} if event["via"] else {}),
    )


def _profile(citizen: str, channel: str, event: Document) -> Write:
    return UpdateOne(
        {"_id": citizen},
        {
            "$set": {**event["changes"], "channel": channel},
            "$setOnInsert": {"since": event["at"]},
        },
        upsert=True,
    )


def _report(citizen: str, channel: str, event: Document) -> Write:
    fields = {k: v for k, v in event.items() if k not in ("type", "_id")}
    return UpdateOne(
        {"_id": event["_id"]},
        {"$setOnInsert": {**fields, "citizen": citizen, "channel": channel, "status": "new"}},
        upsert=True,
    )


def _talk(citizen: str, event: Document) -> Write:
    """What was said about a report; into the citizen's own reports only, whatever they name."""
    own: Document = {"reference": event["reference"], "citizen": citizen}
    if event["act"] == "told":
        said = {"id": event["_id"], "at": event["at"], "by": "", "text": event["text"]}
        change: Document = {"$push": {"thread": said}, "$set": {"unread": True}}
        return UpdateOne({**own, "thread.id": {"$ne": event["_id"]}}, change)
    if event["act"] == "back":
        return UpdateOne(own, {"$set": {"handover": ""}})
    own["thread.id"] = event["entry"]
    return UpdateOne(own, {"$set": {"thread.$.passed": event["at"]}})


class Filing:
    """Files batches one after another; a batch holds what arrived during the one before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = SeenLately()
        self._batches = Batches(self._write, BATCH)

    async def file(self, citizen: str, channel: str, events: Sequence[Document]) -> None:
        """File one citizen's events and return when they are stored.

        Raises the driver's errors when they were not; calling again is safe.
        """
        if not events:
            return
        writes = writes_for(citizen, channel, events)
        heard = [event["at"] for event in events if event["type"] == "heard"]
        if heard and (seen := self._seen.write_for(citizen, heard[-1])):
            writes.setdefault("citizens", []).append(seen)
        await self._batches.put(writes)

    async def record_send(self, document: Document) -> None:
        """Keep what became of a message that did not simply arrive (see `outbox`)."""
        await self._database.outbox.update_one(
            {"_id": document["_id"]},
            {
                "$set": {k: v for k, v in document.items() if k not in ("_id", "attempts")},
                "$push": {"attempts": {"$each": document["attempts"]}},
            },
            upsert=True,
        )

    async def unsent(self, citizen: str, since: datetime) -> list[Document]:
        """What could not be delivered to `citizen` since then: `{at, result, reason}`."""
        query = {
            "citizen": citizen,
            "lane": "reply",
            "at": {"$gte": since},
            "result": {"$ne": "sent"},
        }
        cursor = self._database.outbox.find(query).sort("at", -1).limit(5)
        return [
            {"at": one["at"], "result": one["result"], "reason": one["attempts"][-1]["reason"]}
            async for one in cursor
        ]

    async def set_aside(self, citizen: str, entry: Document, error: str) -> None:
        """Keep an inbox entry that could not be processed, for people to look at."""
        await self._database.poisoned.update_one(
            {"_id": f"{citizen}:{entry['id']}"},
            {"$set": {"citizen": citizen, "entry": entry, "error": error}},
            upsert=True,
        )

    async def _write(self, batch: list[Writes]) -> None:
        merged: Writes = {}
        for writes in batch:
            for collection, operations in writes.items():
                merged.setdefault(collection, []).extend(operations)
        for collection, operations in merged.items():
            if operations:
                # One citizen's profile may change twice in a turn; the others bear any order.
                ordered = collection == "citizens"
                await self._bulk(collection, operations, ordered)

    async def _bulk(self, collection: str, operations: list[Any], ordered: bool) -> None:
        try:
            await self._database[collection].bulk_write(operations, ordered=ordered)
        except BulkWriteError as error:
            failures = error.details.get("writeErrors", [])
            if any(failure.get("code") != DUPLICATE for failure in failures):
                raise
