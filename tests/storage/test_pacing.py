"""Holding a lane: one process at a time, taken over when it is lost, told what others send."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from storage.pacing import LEASE
from storage.store import Store

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


async def test_one_of_many_holds_a_lane(store: Store) -> None:
    looks = await asyncio.gather(*(store.pacing.look("telegram", f"p{n}", NOW) for n in range(8)))
    assert sum(look.mine for look in looks) == 1
    assert (await store.pacing.look("messenger", "p9", NOW)).mine


async def test_the_holder_keeps_it_by_renewing_and_loses_it_by_silence(store: Store) -> None:
    assert (await store.pacing.look("telegram", "one", NOW)).mine
    for second in range(1, 9):
        now = NOW + timedelta(seconds=second)
        assert (await store.pacing.look("telegram", "one", now)).mine
        other = await store.pacing.look("telegram", "two", now)
        assert not other.mine
        assert other.until == now + LEASE
    late = NOW + timedelta(seconds=8) + LEASE
    assert (await store.pacing.look("telegram", "two", late)).mine
    assert not (await store.pacing.look("telegram", "one", late)).mine


async def test_a_lane_that_is_left_is_free_at_once(store: Store) -> None:
    await store.pacing.look("telegram", "one", NOW)
    await store.pacing.leave("telegram", "two")
    assert not (await store.pacing.look("telegram", "two", NOW)).mine
    await store.pacing.leave("telegram", "one")
    assert (await store.pacing.look("telegram", "two", NOW)).mine


async def test_others_tell_the_holder_of_their_replies(store: Store) -> None:
    await store.pacing.look("telegram", "one", NOW)
    assert (await store.pacing.look("telegram", "two", NOW, 3)).replies == 3
    await store.pacing.look("telegram", "three", NOW, 4)
    assert (await store.pacing.look("telegram", "one", NOW)).replies == 7


async def test_a_pause_is_seen_by_all_and_only_grows(store: Store) -> None:
    long, short = NOW + timedelta(seconds=60), NOW + timedelta(seconds=3)
    await store.pacing.pause("telegram", long)
    await store.pacing.pause("telegram", short)
    for who in ("one", "two"):
        assert (await store.pacing.look("telegram", who, NOW)).paused_until == long
