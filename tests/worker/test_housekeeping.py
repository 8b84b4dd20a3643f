"""Retention runs by itself beside the workers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bots.housekeeping import keeping_house
from bots.worker import utc_now
from settings import Settings
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
