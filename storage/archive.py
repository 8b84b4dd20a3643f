"""Documents in files and back: gzip'd JSON Lines (MongoDB Extended JSON), with checksums.

A folder holds one `<collection>.jsonl.gz` each and `archive.json`, which says what is in
them. It appears whole or not at all, and is looked over whole before anything is restored.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bson import json_util
from pymongo import ReplaceOne

from storage import slices
from storage.database import Database, Document

FILE = "archive.json"
VERSION = 1
BATCH = 500
_OPTIONS = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)


class ArchiveError(Exception):
    """An archive that can't be written or read; the message says why and what to do."""


async def write(
    database: Database,
    folder: Path,
    queries: Mapping[str, Document],
    about: Mapping[str, Any],
) -> dict[str, int]:
    """Write the documents that match to `folder`; how many, by collection.

    `about` goes into `archive.json`. Raises ArchiveError if `folder` is there already.
    """
    work = _beside(folder)
    try:
        files = {}
        for collection, query in queries.items():
            files[collection] = await _write_one(database, collection, query, work)
        told = {"archive": VERSION, **about, "collections": files}
        await asyncio.to_thread(_conclude, work, folder, told)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return {collection: file["documents"] for collection, file in files.items()}


def _beside(folder: Path) -> Path:
    """A new folder beside `folder`, which only its owner may enter: citizens' words are in it."""
    if folder.exists():
        raise ArchiveError(f"{folder} is there already; give a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))


def _conclude(work: Path, folder: Path, told: dict[str, Any]) -> None:
    (work / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    work.rename(folder)


async def _write_one(
    database: Database, collection: str, query: Document, folder: Path
) -> dict[str, Any]:
    path = folder / f"{collection}.jsonl.gz"
    count = 0
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("wb"))
        file = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0))

        def put(documents: list[Document]) -> None:
            for document in documents:
                file.write(json_util.dumps(document, json_options=_OPTIONS).encode() + b"\n")

        async for batch in slices.read(database, collection, query):
            await asyncio.to_thread(put, batch)
            count += len(batch)
    return {"documents": count, "sha256": await asyncio.to_thread(_digest, path)}


def read_about(folder: Path) -> dict[str, Any]:
    """What `archive.json` says; raises ArchiveError unless every file is whole."""
    try:
        told: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
        files = told["collections"]
        version = told["archive"]
    except (OSError, ValueError, KeyError) as error:
        raise ArchiveError(f"{folder} is no archive: {FILE} is missing or broken") from error
    if version > VERSION:
        raise ArchiveError(f"{folder} was written by a later Onoo (archive version {version})")
    for collection, file in files.items():
        path = folder / f"{collection}.jsonl.gz"
        if not path.is_file():
            raise ArchiveError(f"{path} is missing")
        if _digest(path) != file["sha256"]:
            raise ArchiveError(f"{path} was damaged: its checksum is not the one it had")
    return told


async def restore(
    database: Database, folder: Path, *, unless: Mapping[str, set[Any]] | None = None
) -> dict[str, int]:
    """Put the documents of an archive (already checked) back; how many, by collection.

    A document that is there already is left as it is. `unless` holds, by collection, values
    of `citizen` that are not to come back.
    """
    told = await asyncio.to_thread(read_about, folder)
    restored: dict[str, int] = {}
    for collection in told["collections"]:
        left_out = (unless or {}).get(collection, set())
        count = 0
        async for batch in _batches(folder / f"{collection}.jsonl.gz"):
            kept = [one for one in batch if one.get("citizen") not in left_out]
            writes = [
                ReplaceOne({"_id": one["_id"]}, one, upsert=True)
                for one in await _missing(database, collection, kept)
            ]
            if writes:
                await database[collection].bulk_write(writes, ordered=False)
            count += len(writes)
        restored[collection] = count
    return restored


async def _missing(
    database: Database, collection: str, documents: list[Document]
) -> list[Document]:
    ids = [one["_id"] for one in documents]
    cursor = database[collection].find({"_id": {"$in": ids}}, {"_id": 1})
    there = {repr(found["_id"]) async for found in cursor}
    return [one for one in documents if repr(one["_id"]) not in there]


async def citizens_in(folder: Path, collections: tuple[str, ...]) -> set[str]:
    """Every citizen named in these collections of an archive."""
    found: set[str] = set()
    for collection in collections:
        path = folder / f"{collection}.jsonl.gz"
        if await asyncio.to_thread(path.exists):
            async for batch in _batches(path):
                found |= {one["citizen"] for one in batch if one.get("citizen")}
    return found


async def _batches(path: Path) -> AsyncIterator[list[Document]]:
    lines = _lines(path)
    while batch := await asyncio.to_thread(lambda: [one for one, _ in zip(lines, range(BATCH))]):  # noqa: B905
        yield batch


def _lines(path: Path) -> Iterator[Document]:
    with gzip.open(path, "rb") as file:
        for line in file:
            yield json_util.loads(line, json_options=_OPTIONS)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
