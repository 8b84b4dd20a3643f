"""Every collection and index, declared once and created idempotently; schema migrations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import OperationFailure

from storage.database import Database

SCHEMA_VERSION = 3

Keys = list[tuple[str, int]]


def _index(*fields: str, **options: Any) -> IndexModel:
    keys: Keys = [(field, ASCENDING) for field in fields]
    return IndexModel(keys, **options)


INDEXES: dict[str, list[IndexModel]] = {
    "sessions": [_index("due", sparse=True)],
    "addresses": [_index("channel", "address")],
    "citizens": [_index("place"), _index("channel"), _index("tags")],
    "cases": [
        _index("citizen"),
        _index("form", "status"),
        _index("campaign", "status"),
        _index("facility"),
    ],
    "events": [_index("citizen", "at"), _index("at"), _index("case", sparse=True)],
    "outbox": [
        _index("citizen"),
        _index("batch"),
        _index("push"),
    ],
    "campaigns": [_index("status")],
    "links": [_index("campaign")],
    "pushes": [_index("campaign"), _index("state")],
    "batches": [
        _index("channel", "due"),
        _index("push"),
    ],
    "invitations": [
        _index("campaign"),
        _index("citizen"),
        _index("at"),
    ],
    "results": [_index("facility"), _index("campaign")],
    "commitments": [_index("facility")],
    "forms": [_index("form", "published")],
    "poisoned": [_index("citizen")],
    "reports": [
        _index("reference", unique=True),
        _index("citizen"),
        _index("place"),
        _index("status", "at"),
        _index("at"),
        _index("unread", partialFilterExpression={"unread": True}),
    ],
    "webchat": [_index("address", "seq")],
    "facilities": [_index("place"), _index("kind")],
    "budgets": [_index("place", "year"), _index("import_id")],
    "budget_totals": [_index("place", "year"), _index("year"), _index("import_id")],
    "imports": [_index("kind", "status")],
    "signins": [_index("user")],
    "attempts": [],
    "audit": [_index("at"), _index("user", "at"), _index("action", "at")],
    "tokens": [_index("user")],
    "exports": [_index("user", "created"), _index("forget_at")],
    "drafts": [_index("user", "changed")],
}

FORGETTING = (
    *("sessions", "addresses", "outbox", "webchat"),
    *("signins", "attempts", "tokens", "drafts"),
)
"""Collections in which documents are kept until their `forget_at`, if they have one: see
`storage.forgetting`."""

for _name in FORGETTING:
    INDEXES[_name].append(_index("forget_at", sparse=True))

Migration = Callable[[Database], Awaitable[None]]


async def _without_partial_indexes(database: Database) -> None:
    """The embedded server never uses a partial index: every look for what is due read all
    sessions (325 ms at 5,000 of them; 2 ms with a sparse one).
    """
    for collection, index in (
        ("sessions", "due_1"),
        ("outbox", "lane_1_due_1"),
        ("outbox", "batch_1"),
        ("outbox", "push_1_status_1"),
        ("batches", "channel_1_due_1"),
    ):
        with suppress(OperationFailure):
            await database[collection].drop_index(index)


async def _without_ttl_indexes(database: Database) -> None:
    """For a TTL index the embedded server reads the whole collection once a minute, while all
    else waits. And it writes each entry of an index anew at each write, those of documents that
    lack the field, too, where the index is not sparse.
    """
    changed = [("events", "case_1"), *((name, "forget_at_1") for name in FORGETTING)]
    for collection, index in changed:
        with suppress(OperationFailure):
            await database[collection].drop_index(index)


MIGRATIONS: dict[int, Migration] = {1: _without_partial_indexes, 2: _without_ttl_indexes}
"""From schema version n to n + 1; each must be safe to run twice."""


class SchemaTooNew(Exception):
    """The database was written by a later version of Onoo than this one."""


async def prepare(database: Database) -> None:
    """Create what is missing and migrate; raises SchemaTooNew for a later version's data."""
    meta = await database.meta.find_one({"_id": "schema"})
    version = meta["version"] if meta else SCHEMA_VERSION
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"the database has schema version {version}, this Onoo knows {SCHEMA_VERSION}: "
            "install the later version"
        )
    for step in range(version, SCHEMA_VERSION):
        await MIGRATIONS[step](database)
    for name, indexes in INDEXES.items():
        await database[name].create_indexes(indexes)
    await database.meta.update_one(
        {"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION}}, upsert=True
    )
