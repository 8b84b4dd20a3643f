"""Closed campaigns into archives and back; the whole platform into a backup and back."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from storage import archive
from storage.archive import ArchiveError
from storage.database import Document
from storage.store import Store

__all__ = ["ArchiveError", "archive_campaign", "back_up", "restore", "restore_backup"]

WITH_CITIZENS = ("cases", "events", "invitations")
KEY_FILE = "secret.key"


async def archive_campaign(
    store: Store, campaign: str, folder: Path, now: datetime, *, remove: bool = False
) -> dict[str, int]:
    """Write a closed campaign to `folder`; with `remove` take its cases out of the database.

    The archive is read back whole before anything is removed. Raises ArchiveError.
    """
    found = await store.database.campaigns.find_one({"_id": campaign})
    if found is None:
        raise ArchiveError(f"there is no campaign {campaign!r}")
    if found.get("status") != "closed":
        raise ArchiveError(
            f"campaign {campaign!r} is {found.get('status')}: only closed ones are archived"
        )
    cases = [c["_id"] async for c in store.database.cases.find({"campaign": campaign}, {"_id": 1})]
    queries: dict[str, Document] = {
        "campaigns": {"_id": campaign},
        "forms": {"_id": found.get("form")},
        "links": {"campaign": campaign},
        "invitations": {"campaign": campaign},
        "cases": {"campaign": campaign},
        "events": {"case": {"$in": cases}},
        "results": {"campaign": campaign},
        "commitments": {"campaign": campaign},
    }
    about = {"kind": "campaign", "campaign": campaign, "at": now.isoformat()}
    counts = await archive.write(store.database, folder, queries, about)
    archive.read_about(folder)
    if remove:
        await store.database.events.delete_many({"case": {"$in": cases}})
        await store.database.invitations.delete_many({"campaign": campaign})
        await store.database.cases.delete_many({"campaign": campaign})
    return counts


async def back_up(
    store: Store, folder: Path, now: datetime, key: bytes, key_file: Path | None
) -> dict[str, int]:
    """Write every collection to `folder`, and the secret key if it is kept in a file.

    Sessions come first: what they have not yet filed is then filed again after a restore,
    under the same ids. Best taken while nobody writes.
    """
    names = {*await store.database.list_collection_names(), "meta"}
    ordered = sorted(names, key=lambda name: (name != "sessions", name))
    queries: dict[str, Document] = {name: {} for name in ordered if not name.startswith("system.")}
    about = {"kind": "backup", "at": now.isoformat(), "key": fingerprint(key)}
    counts = await archive.write(store.database, folder, queries, about)
    if key_file is not None:
        copy_key(key_file, folder / KEY_FILE)
    return counts


def copy_key(source: Path, target: Path) -> None:
    """Copy the secret key, if there is one and none is at `target`; for its owner's eyes."""
    if source.exists() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(0o600)
        shutil.copyfile(source, target)


def fingerprint(key: bytes) -> str:
    """Tells two secret keys apart without giving them away."""
    return hmac.new(key, b"backup", hashlib.sha256).hexdigest()[:16]


async def restore(store: Store, folder: Path) -> dict[str, int]:
    """Put an archived campaign back; people who were erased meanwhile do not come back.

    Raises ArchiveError for what is no campaign's archive.
    """
    about = archive.read_about(folder)
    if about.get("kind") != "campaign":
        raise ArchiveError(f"{folder} is a {about.get('kind')}: use the command for those")
    named = await archive.citizens_in(folder, WITH_CITIZENS)
    known: set[Any] = set()
    ordered = sorted(named)
    for start in range(0, len(ordered), 500):
        some = ordered[start : start + 500]
        cursor = store.database.citizens.find({"_id": {"$in": some}}, {"_id": 1})
        known |= {found["_id"] async for found in cursor}
    gone = named - known
    return await archive.restore(store.database, folder, unless=dict.fromkeys(WITH_CITIZENS, gone))


async def restore_backup(store: Store, folder: Path, key: bytes) -> dict[str, int]:
    """Put a backup into an empty database; raises ArchiveError if it is not empty.

    The secret key must be the one of the backup, or nobody would be recognised.
    """
    about = archive.read_about(folder)
    if about.get("kind") != "backup":
        raise ArchiveError(f"{folder} is no backup of the whole platform")
    if about["key"] != fingerprint(key):
        raise ArchiveError(
            f"the secret key is another than the backup's: put {folder / KEY_FILE} into the data "
            "folder, or set ONOO_SECRET_KEY to what it was"
        )
    for name in await store.database.list_collection_names():
        if name != "meta" and await store.database[name].find_one({}) is not None:
            raise ArchiveError(f"the database is not empty ({name}): restore into a new one")
    counts = await archive.restore(store.database, folder)
    await store.prepare()
    return counts
