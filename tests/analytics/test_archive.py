"""Archives, backups and retention, on a real database."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.archive import archive_campaign, back_up, restore, restore_backup
from storage.archive import ArchiveError
from storage.database import connect
from storage.retention import Rules, enforce
from storage.store import Store
from tests.analytics.forms import CUTOFF, FULL, case
from tests.world.database import KEY

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROOT = Path(__file__).parent.parent.parent


async def everything(store: Store) -> dict[str, list[Any]]:
    names = set(await store.database.list_collection_names()) - {"meta"}
    found = {name: [d async for d in store.database[name].find()] for name in sorted(names)}
    return {name: sorted(d, key=lambda one: str(one["_id"])) for name, d in found.items() if d}


async def fill(store: Store) -> None:
    """A closed campaign of three people."""
    names = ["ann", "bat", "tsend"]
    await store.database.campaigns.insert_one(
        {"_id": "autumn", "status": "closed", "form": "f-1", "title": "Намрын"}
    )
    await store.database.forms.insert_one({"_id": "f-1", "form": "f", "workbook": b"\x00\xff"})
    await store.database.citizens.insert_many([{"_id": name, "locale": "mn"} for name in names])
    for number, name in enumerate(names):
        mine = case(number, "f-1", FULL, citizen=name, campaign="autumn")
        await store.database.cases.insert_one(mine)
        await store.database.events.insert_many(
            [
                {"_id": f"{name}:1:1", "citizen": name, "type": "answered", "case": mine["_id"],
                 "at": NOW},
                {"_id": f"{name}:1:2", "citizen": name, "type": "said", "at": NOW},
            ]
        )  # fmt: skip
        await store.database.invitations.insert_one(
            {"_id": f"autumn:{name}", "citizen": name, "campaign": "autumn", "at": NOW}
        )
    await store.database.cases.insert_one(case(9, "f-1", {}, citizen="ann", campaign="other"))


async def test_a_campaign_goes_into_an_archive_and_comes_back(store: Store, tmp_path: Path) -> None:
    await fill(store)
    before = await everything(store)
    counts = await archive_campaign(store, "autumn", tmp_path / "a", NOW, remove=True)
    assert (counts["cases"], counts["events"], counts["invitations"]) == (3, 3, 3)
    assert [c["campaign"] async for c in store.database.cases.find()] == ["other"]
    assert await store.database.events.count_documents({"type": "said"}) == 3
    await restore(store, tmp_path / "a")
    assert await everything(store) == before
    again = await restore(store, tmp_path / "a")
    assert set(again.values()) == {0}


async def test_the_erased_do_not_come_back(store: Store, tmp_path: Path) -> None:
    await fill(store)
    await archive_campaign(store, "autumn", tmp_path / "a", NOW, remove=True)
    await store.erase("bat", "worker", NOW)
    await restore(store, tmp_path / "a")
    assert {c["citizen"] async for c in store.database.cases.find()} == {"ann", "tsend"}
    assert await store.database.invitations.find_one({"citizen": "bat"}) is None


async def test_a_damaged_archive_is_not_restored(store: Store, tmp_path: Path) -> None:
    await fill(store)
    await archive_campaign(store, "autumn", tmp_path / "a", NOW)
    path = tmp_path / "a" / "cases.jsonl.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    await store.database.cases.delete_many({})
    with pytest.raises(ArchiveError, match=r"cases\.jsonl\.gz was damaged"):
        await restore(store, tmp_path / "a")
    assert await store.database.cases.find_one() is None


@pytest.mark.parametrize(("campaign", "words"), [("none", "no campaign"), ("now", "is running")])
async def test_what_is_not_archived(
    store: Store, tmp_path: Path, campaign: str, words: str
) -> None:
    await store.database.campaigns.insert_one({"_id": "now", "status": "running"})
    with pytest.raises(ArchiveError, match=words):
        await archive_campaign(store, campaign, tmp_path / "a", NOW)


async def test_a_backup_comes_back_in_an_empty_database(
    store: Store, mongodb: str, tmp_path: Path
) -> None:
    await fill(store)
    await store.media.put(b"\x00\x01 picture", "image/png", "x.png")
    key_file = tmp_path / "secret.key"
    key_file.write_bytes(KEY)
    await back_up(store, tmp_path / "b", NOW, KEY, key_file)
    assert (tmp_path / "b" / "secret.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ArchiveError, match="not empty"):
        await restore_backup(store, tmp_path / "b", KEY)
    empty = Store(connect(mongodb, f"test_{uuid.uuid4().hex[:12]}"), KEY)
    with pytest.raises(ArchiveError, match="secret key is another"):
        await restore_backup(empty, tmp_path / "b", b"other")
    await restore_backup(empty, tmp_path / "b", KEY)
    assert await everything(empty) == await everything(store)
    empty.close()


def test_backup_and_restore_are_one_command_each(mongodb: str, tmp_path: Path) -> None:
    def onoo(database: str, data: str, *words: str) -> str:
        environment = {
            **os.environ, "ONOO_MONGODB_URI": mongodb, "ONOO_MONGODB_DATABASE": database,
            "ONOO_DATA_DIR": str(tmp_path / data),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "main.py", *words],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    one, two = (f"test_{uuid.uuid4().hex[:12]}" for _ in range(2))
    folder = str(tmp_path / "b")
    assert "written to" in onoo(one, "one", "backup", folder)
    assert "put back" in onoo(two, "two", "restore", folder)
    key = (tmp_path / "one" / "secret.key").read_bytes()
    assert (tmp_path / "two" / "secret.key").read_bytes() == key


async def test_retention_deletes_what_is_too_old(store: Store) -> None:
    old, new = CUTOFF - timedelta(days=400), CUTOFF - timedelta(days=10)
    events = [
        {
            "_id": f"{kind}{at:%d}",
            "type": kind,
            "at": at,
            "citizen": "c",
            **({"case": "case00000001"} if kind == "answered" else {}),
        }
        for kind in ("heard", "said", "answered")
        for at in (old, new)
    ]
    await store.database.events.insert_many(events)
    await store.database.reports.insert_many(
        [{"_id": n, "reference": n, "at": at} for n, at in (("r1", old), ("r2", new))]
    )
    await store.database.cases.insert_many(
        [case(1, "f", {}, started=old), case(2, "f", {}, started=new)]
    )
    rules = Rules(conversations=365, answers=365, problems=365)
    found = {"conversations": 2, "answers": 1, "problems": 1, "files of nobody": 0}
    assert await enforce(store, rules, CUTOFF, dry_run=True) == found
    assert await store.database.events.count_documents({}) == 6
    assert await enforce(store, rules, CUTOFF) == found
    assert {e["type"] async for e in store.database.events.find()} == {"heard", "said"}
    assert [r["_id"] async for r in store.database.reports.find()] == ["r2"]
    assert [c["_id"] async for c in store.database.cases.find()] == ["case00000002"]
    assert set((await enforce(store, rules, CUTOFF)).values()) == {0}


async def test_files_of_those_who_never_agreed_go(store: Store) -> None:
    await store.database.sessions.insert_one({"_id": "agreed"})
    kept = await store.media.put(b"a photo", "image/jpeg", "a.jpg")
    await store.media.own(kept, "agreed")
    left = await store.media.put(b"a photo", "image/jpeg", "b.jpg")
    await store.media.own(left, "vanished")
    chart = await store.media.put(b"a chart", "image/png", "chart.png")
    now = datetime.now(UTC)
    assert await enforce(store, Rules(), now) == {"files of nobody": 0}, "too early"
    later = now + timedelta(days=3)
    assert await enforce(store, Rules(), later, dry_run=True) == {"files of nobody": 1}
    assert await enforce(store, Rules(), later) == {"files of nobody": 1}
    with pytest.raises(KeyError):
        await store.media.get(left)
    assert not await store.database["media.chunks"].count_documents({"files_id": left})
    for media in (kept, chart):
        assert (await store.media.get(media))[0]


async def test_who_has_long_been_silent_is_forgotten(store: Store) -> None:
    old, new = CUTOFF - timedelta(days=1200), CUTOFF - timedelta(days=10)
    sessions: dict[str, dict[str, Any]] = {
        "silent": {"last_inbound": old}, "lively": {"last_inbound": new},
        "working": {"last_inbound": old, "due": CUTOFF},
    }  # fmt: skip
    for citizen, fields in sessions.items():
        await store.database.sessions.insert_one({"_id": citizen, **fields})
        await store.database.citizens.insert_one({"_id": citizen})
        await store.database.cases.insert_one(
            case(len(citizen), "f", {}, citizen=citizen) | {"_id": citizen}
        )
    await enforce(store, Rules(inactive=1095), CUTOFF)
    for collection in ("sessions", "citizens", "cases"):
        left = {found["_id"] async for found in store.database[collection].find({}, {"_id": 1})}
        assert left == {"lively", "working"}
