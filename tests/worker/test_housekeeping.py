"""Retention and forgetting run by themselves beside the workers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bots.housekeeping import keeping_house
from bots.worker import utc_now
from settings import Settings
from storage.forgetting import AT_ONCE
from storage.schema import FORGETTING
from storage.store import Store


async def test_what_is_too_old_goes_without_being_asked(store: Store) -> None:
    said = {"type": "said", "citizen": "c"}
    await store.database.events.insert_many(
        [
            {"_id": "old", "at": utc_now() - timedelta(days=40), **said},
            {"_id": "new", "at": utc_now() - timedelta(days=1), **said},
        ]
    )
    settings = Settings(_env_file=None, retention_conversations_days=30)
    async with keeping_house(store, settings), asyncio.timeout(10):
        while await store.database.events.count_documents({}) > 1:
            await asyncio.sleep(0.01)
    [left] = await store.database.events.find().to_list(10)
    assert left["_id"] == "new"


async def test_what_was_kept_for_a_time_is_forgotten(store: Store) -> None:
    now = utc_now()
    past, future = now - timedelta(seconds=1), now + timedelta(days=1)
    for name in FORGETTING:
        await store.database[name].insert_many(
            [
                *({"_id": f"past{number}", "forget_at": past} for number in range(AT_ONCE + 20)),
                {"_id": "future", "forget_at": future},
                {"_id": "for good"},
            ]
        )
    async with keeping_house(store, Settings(_env_file=None)), asyncio.timeout(60):
        for name in FORGETTING:
            while await store.database[name].find_one({"forget_at": past}):
                await asyncio.sleep(0.05)
    for name in FORGETTING:
        left = {one["_id"] async for one in store.database[name].find()}
        assert left == {"future", "for good"}, name
