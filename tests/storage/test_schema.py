"""A database of an earlier version is brought up to date when Onoo starts."""

from __future__ import annotations

from storage.schema import FORGETTING, SCHEMA_VERSION
from storage.store import Store


async def test_ttl_indexes_of_version_2_are_replaced(fresh_store: Store) -> None:
    database = fresh_store.database
    for name in FORGETTING:
        await database[name].drop_index("forget_at_1")
        await database[name].create_index("forget_at", expireAfterSeconds=0)
    await database.events.drop_index("case_1")
    await database.events.create_index("case")
    await database.events.insert_many([{"_id": "a", "case": "k"}, {"_id": "b"}])
    await database.meta.update_one({"_id": "schema"}, {"$set": {"version": 2}})
    for _ in range(2):
        await fresh_store.prepare()
        for name in FORGETTING:
            index = (await database[name].index_information())["forget_at_1"]
            assert index["sparse"], name
            assert "expireAfterSeconds" not in index, name
        assert (await database.events.index_information())["case_1"]["sparse"]
    assert [one["_id"] async for one in database.events.find({"case": "k"})] == ["a"]
    assert await database.meta.find_one({"_id": "schema"}) == {
        "_id": "schema",
        "version": SCHEMA_VERSION,
    }
