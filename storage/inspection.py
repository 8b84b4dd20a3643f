"""Looking at a database without changing it: for `main.py doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from storage.database import Database, connect
from storage.schema import INDEXES

PATIENCE = 3.0
NO_COLLECTION = 26
"""MongoDB's error code NamespaceNotFound."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What answers there. `schema` is None in a database that Onoo has not used yet.

    `missing` names indexes that are not there; `ahead` is by how many seconds the server's
    clock is before ours; `replicated` is whether it stands in a replica set.
    """

    server: str
    schema: int | None
    missing: tuple[str, ...]
    ahead: float
    replicated: bool


async def inspect(uri: str, name: str) -> Inspection:
    """Look at the database `name` behind `uri`; raises StorageError where nothing answers.

    ValueError where `uri` is none.
    """
    database = connect(uri, name, patience=PATIENCE)
    try:
        return await _look(database)
    finally:
        database.client.close()


async def _look(database: Database) -> Inspection:
    build = await database.command("buildInfo")
    asked = datetime.now(UTC)
    hello = await database.command("hello")
    half_way = asked + (datetime.now(UTC) - asked) / 2
    meta = await database.meta.find_one({"_id": "schema"})
    missing = await _missing(database) if meta else ()
    secantus = build.get("secantusVersion")
    return Inspection(
        server=f"SecantusDB {secantus}" if secantus else f"MongoDB {build['version']}",
        schema=meta["version"] if meta else None,
        missing=missing,
        ahead=(_aware(hello["localTime"]) - half_way).total_seconds(),
        replicated=bool(hello.get("setName")),
    )


async def _missing(database: Database) -> tuple[str, ...]:
    missing: list[str] = []
    for collection, indexes in INDEXES.items():
        there = await _present(database, collection)
        missing += [
            f"{collection}.{'+'.join(field for field, _ in keys)}"
            for keys in map(_keys, indexes)
            if keys not in there
        ]
    return tuple(missing)


async def _present(database: Database, collection: str) -> list[list[tuple[str, Any]]]:
    try:
        found = await database[collection].index_information()
    except OperationFailure as error:
        if error.code != NO_COLLECTION:
            raise
        return []
    return [[(str(field), order) for field, order in index["key"]] for index in found.values()]


def _keys(index: IndexModel) -> list[tuple[str, Any]]:
    return list(index.document["key"].items())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
