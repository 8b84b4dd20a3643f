"""How long things are kept, and the job that sees to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from settings import Settings
from storage import slices
from storage.database import Document
from storage.erasure import erase
from storage.store import Store

BATCH = 500
LEFT_AFTER = timedelta(days=2)
"""A day after the sessions of those without consent vanish (`sessions.FORGET_AFTER`)."""
WORDS = ("heard", "said")
"""Events that hold what was written; steps of surveys are kept with their cases."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Days after which things go; 0 keeps them.

    `conversations`: what was written and said. `answers`: cases with their steps, after they
    last changed. `problems`: reports, after they were made. `inactive`: everything about a
    citizen who has not written for so long.
    """

    conversations: int = 0
    answers: int = 0
    problems: int = 0
    inactive: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """As configured."""
        return cls(
            conversations=settings.retention_conversations_days,
            answers=settings.retention_answers_days,
            problems=settings.retention_problems_days,
            inactive=settings.retention_inactive_days,
        )


async def enforce(
    store: Store, rules: Rules, now: datetime, *, dry_run: bool = False
) -> dict[str, int]:
    """Delete what is too old; how much of each kind. Safe to repeat and to cut off."""
    found: dict[str, int] = {}
    if rules.conversations:
        query: Document = {"at": {"$lt": _before(now, rules.conversations)}}
        query["type"] = {"$in": list(WORDS)}
        found["conversations"] = await _delete(store, "events", query, dry_run)
    if rules.answers:
        found["answers"] = await _old_cases(store, _before(now, rules.answers), dry_run)
    if rules.problems:
        query = {"at": {"$lt": _before(now, rules.problems)}}
        found["problems"] = await _delete(store, "reports", query, dry_run)
    if rules.inactive:
        found["inactive citizens"] = await _inactive(store, _before(now, rules.inactive), dry_run)
    found["files of nobody"] = await _left_files(store, now - LEFT_AFTER, dry_run)
    return found


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


async def _delete(store: Store, collection: str, query: Document, dry_run: bool) -> int:
    if dry_run:
        return await store.database[collection].count_documents(query)
    count = 0
    async for batch in _ids(store, collection, query):
        # What somebody changed meanwhile, so that it is too old no longer, stays.
        gone = await store.database[collection].delete_many({"_id": {"$in": batch}, **query})
        count += gone.deleted_count
    return count


async def _old_cases(store: Store, before: datetime, dry_run: bool) -> int:
    """Cases with their steps; a case goes last, so that a job cut off finds it again."""
    count = 0
    async for batch in _ids(store, "cases", {"changed": {"$lt": before}}):
        count += len(batch)
        if not dry_run:
            await store.database.events.delete_many({"case": {"$in": batch}})
            await store.database.cases.delete_many({"_id": {"$in": batch}})
    return count


async def _inactive(store: Store, before: datetime, dry_run: bool) -> int:
    """Citizens whose session has rested since `before`: everything about them.

    The session goes first, and only if it still rests: somebody who writes at this moment
    begins anew or stays.
    """
    resting: Document = {"last_inbound": {"$lt": before}, "due": {"$exists": False}}
    count = 0
    async for batch in _ids(store, "sessions", resting):
        for citizen in batch:
            count += 1
            if dry_run:
                continue
            gone = await store.database.sessions.delete_one({"_id": citizen, **resting})
            if gone.deleted_count:
                where = await store.addresses.of(citizen)
                if where is not None and where[0] == "web":
                    await store.webhistory.erase(where[1])
                await erase(store.database, citizen)
                await store.addresses.forget(citizen)
    return count


async def _left_files(store: Store, before: datetime, dry_run: bool) -> int:
    """Files whose citizen has no session any more, because they never agreed to be remembered."""
    query: Document = {"uploadDate": {"$lt": before}, "metadata.citizen": {"$gt": ""}}
    left: list[str] = []
    batch: dict[str, str] = {}
    async for one in store.database["media.files"].find(query, {"metadata.citizen": 1}):
        batch[one["_id"]] = one["metadata"]["citizen"]
        if len(batch) == BATCH:
            left += await _without_session(store, batch)
            batch = {}
    left += await _without_session(store, batch)
    if not dry_run:
        for media in left:
            await store.media.delete(media)
    return len(left)


async def _without_session(store: Store, owners: dict[str, str]) -> list[str]:
    """Those of the files (by id, with their citizen) whose citizen has no session."""
    query: Document = {"_id": {"$in": sorted(set(owners.values()))}}
    known = {one["_id"] async for one in store.database.sessions.find(query, {"_id": 1})}
    return [media for media, owner in owners.items() if owner not in known]


async def _ids(store: Store, collection: str, query: Document) -> AsyncIterator[list[str]]:
    found = [
        one["_id"]
        async for batch in slices.read(store.database, collection, query, {"_id": 1})
        for one in batch
    ]
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]
