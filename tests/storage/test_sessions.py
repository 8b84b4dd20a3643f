"""The session document: appended once, committed whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.forgetting import forget_expired
from storage.schema import FORGETTING
from storage.sessions import LEASE, ROOM, InboxFull
from storage.store import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def event(name: str) -> dict[str, object]:
    return {"id": name, "kind": "text", "text": name, "at": NOW}


async def test_an_event_is_appended_once(store: Store) -> None:
    assert await store.sessions.append("c", event("1"), NOW)
    assert not await store.sessions.append("c", event("1"), NOW)
    assert await store.sessions.append("c", event("2"), NOW)
    session = await store.sessions.read("c")
    assert session is not None
    assert [entry["id"] for entry in session.inbox] == ["1", "2"]


async def test_events_that_arrive_at_once_are_all_kept_and_none_twice(store: Store) -> None:
    names = [str(n % 20) for n in range(60)]
    results = await asyncio.gather(
        *(store.sessions.append("c", event(name), NOW) for name in names)
    )
    session = await store.sessions.read("c")
    assert session is not None
    assert sum(results) == 20
    assert sorted(entry["id"] for entry in session.inbox) == sorted(set(names))


async def test_a_full_inbox_says_so_and_loses_nothing(store: Store) -> None:
    for number in range(ROOM):
        await store.sessions.append("c", event(str(number)), NOW)
    with pytest.raises(InboxFull):
        await store.sessions.append("c", event("one more"), NOW)
    assert not await store.sessions.append("c", event("5"), NOW)


async def commit(store: Store, session: object, worker: str, done: str) -> bool:
    return await store.sessions.commit(
        session,  # type: ignore[arg-type]
        worker,
        NOW,
        done=done,
        state={"locale": "mn"},
        events=[{"_id": "e", "type": "said"}],
        keep=False,
    )


async def test_a_turn_is_committed_by_one_worker_only(store: Store) -> None:
    await store.sessions.append("c", event("1"), NOW)
    seen_by_a, seen_by_b = await store.sessions.read("c"), await store.sessions.read("c")
    assert await commit(store, seen_by_a, "a", "1")
    assert not await commit(store, seen_by_b, "b", "1")
    session = await store.sessions.read("c")
    assert session is not None
    assert (session.inbox, session.version, len(session.pending)) == ([], 1, 1)
    assert session.leased_to_other("b", NOW)
    assert not session.leased_to_other("b", NOW + LEASE + timedelta(seconds=1))


async def test_an_event_that_comes_during_a_turn_survives_its_commit(store: Store) -> None:
    await store.sessions.append("c", event("1"), NOW)
    session = await store.sessions.read("c")
    await store.sessions.append("c", event("2"), NOW)
    assert await commit(store, session, "a", "1")
    assert session is not None
    assert not await store.sessions.settle(replace(session, version=1), "a"), "there is more to do"
    after = await store.sessions.read("c")
    assert after is not None
    assert [entry["id"] for entry in after.inbox] == ["2"]
    assert after.pending == []


async def test_a_lost_workers_session_is_claimed_by_one(store: Store) -> None:
    await store.sessions.append("c", event("1"), NOW)
    session = await store.sessions.read("c")
    await commit(store, session, "lost", "1")
    later = NOW + LEASE + timedelta(seconds=1)
    assert await store.sessions.due(NOW) == []
    assert await store.sessions.due(later) == ["c"]
    stale = [await store.sessions.read("c") for _ in range(2)]
    claims = [
        await store.sessions.claim(session, worker, later)
        for session, worker in zip(stale, ("x", "y"), strict=True)
        if session is not None
    ]
    assert claims == [True, False]


async def test_letting_go_drops_nothing_of_a_later_turn(store: Store) -> None:
    await store.sessions.append("c", event("1"), NOW)
    session = await store.sessions.read("c")
    assert session is not None
    await commit(store, session, "a", "1")
    assert not await store.sessions.settle(session, "a"), "it was read before that turn"
    after = await store.sessions.read("c")
    assert after is not None
    assert len(after.pending) == 1
    assert await store.sessions.settle(after, "a")


async def test_a_session_without_consent_is_set_to_be_forgotten(store: Store) -> None:
    await store.sessions.append("c", event("1"), NOW)
    await commit(store, await store.sessions.read("c"), "a", "1")
    found = await store.database.sessions.find_one({"_id": "c"})
    assert found is not None
    assert found["forget_at"] == NOW + timedelta(days=1)
    day_after = NOW + timedelta(days=1)
    assert await forget_expired(store.database, day_after - timedelta(seconds=1)) == 0
    assert await forget_expired(store.database, day_after) == 1
    assert await store.sessions.read("c") is None


async def test_nothing_reads_whole_collections_to_forget(store: Store) -> None:
    for name in FORGETTING:
        indexes = await store.database[name].index_information()
        assert indexes["forget_at_1"]["sparse"]
        assert not any("expireAfterSeconds" in index for index in indexes.values()), name
