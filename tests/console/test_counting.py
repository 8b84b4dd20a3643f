"""Counts made in the background: one process at a time, and news only when they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.store import Store
from storage.tallies import Tallies

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EVERY = timedelta(seconds=10)


async def test_one_of_many_counts_and_again_when_it_is_time(store: Store) -> None:
    tallies = Tallies(store.database)
    assert await tallies.claim("x", NOW, EVERY)
    assert not await tallies.claim("x", NOW + EVERY / 2, EVERY)
    assert await tallies.claim("x", NOW + EVERY, EVERY)


async def test_counts_made_out_of_turn_don_t_end_the_turns(store: Store) -> None:
    tallies = Tallies(store.database)
    await tallies.write("x", {"n": 1}, NOW)
    assert await tallies.claim("x", NOW + EVERY, EVERY)


async def test_only_what_differs_is_news(store: Store) -> None:
    tallies = Tallies(store.database)
    await tallies.write("x", {"n": 1}, NOW)
    await tallies.write("x", {"n": 1}, NOW + EVERY)
    same = await tallies.read("x")
    await tallies.write("x", {"n": 2}, NOW + 2 * EVERY)
    other = await tallies.read("x")
    assert same is not None
    assert other is not None
    assert (same["at"], same["changed"]) == (NOW + EVERY, NOW)
    assert (other["counts"], other["changed"]) == ({"n": 2}, NOW + 2 * EVERY)


async def test_a_campaign_is_counted_by_place_and_by_where_people_stopped(store: Store) -> None:
    database = store.database
    await database.invitations.insert_many(
        [
            {"_id": f"k:{n}", "campaign": "k", "place": place, "disposition": disposition}
            for n, (place, disposition) in enumerate(
                [("650101", "complete"), ("650102", "waiting"), ("650401", "complete")]
            )
        ]
    )
    case = {"campaign": "k", "facility": "H1", "is_test": False}
    await database.cases.insert_many(
        [
            {**case, "_id": "1", "status": "complete", "last_node": ""},
            {**case, "_id": "2", "status": "partial", "last_node": "about.you/$age"},
            {**case, "_id": "3", "status": "complete", "is_test": True},
        ]
    )
    counts = await Tallies(database).count_campaign("k")
    assert counts["places"] == [
        {"place": "6501", "complete": 1, "waiting": 1},
        {"place": "6504", "complete": 1},
    ]
    assert counts["nodes"] == [{"node": "about.you/$age", "n": 1}]
    assert counts["facilities"] == [{"facility": "H1", "n": 1}]
