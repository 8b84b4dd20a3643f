"""Reads and compare-and-sets that share a command: each caller hears what became of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, DocumentTooLarge

from storage.grouping import Changes, Reads
from storage.store import Document, Store


@pytest.fixture
async def people(store: Store) -> Any:
    """Twenty documents of version 1."""
    collection = store.database.people
    await collection.insert_many([{"_id": f"p{n}", "version": 1} for n in range(20)])
    return collection


def step(n: int, version: int, **fields: Any) -> tuple[Document, Document, str]:
    """Take document `n` from `version` to the next, by writer `n`."""
    who = f"p{n}"
    change = {"$set": {"version": version + 1, "by": {"who": f"w{n}"}, **fields}}
    return {"_id": who, "version": version}, change, f"w{n}"


class Counting:
    """A collection that notes which commands it was given."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection
        self.commands: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.commands.append(name)
        return getattr(self._collection, name)


async def test_each_hears_whether_its_own_change_was_made(people: Any) -> None:
    await people.update_many({"_id": {"$in": ["p3", "p7"]}}, {"$set": {"version": 2}})
    counting = Counting(people)
    changes = Changes(counting, "by", "who")
    made = await asyncio.gather(*(changes.make(*step(n, 1)) for n in range(20)))
    assert [n for n in range(20) if not made[n]] == [3, 7]
    assert counting.commands == ["bulk_write", "find"]
    assert [one["_id"] async for one in people.find({"by": {"$exists": False}})] == ["p3", "p7"]


async def test_those_who_come_together_share_one_command(people: Any) -> None:
    counting = Counting(people)
    changes = Changes(counting, "by", "who")
    made = await asyncio.gather(*(changes.make(*step(n, 1)) for n in range(20)))
    assert all(made)
    assert counting.commands == ["bulk_write"]
    assert await people.count_documents({"version": 2}) == 20


async def test_of_two_who_want_the_same_one_is_made(people: Any) -> None:
    changes = Changes(people, "by", "who")
    first, *rest = await asyncio.gather(
        changes.make(*step(9, 1)),
        *(
            changes.make(
                {"_id": "p0", "version": 1},
                {"$set": {"version": 2, "by": {"who": f"x{n}"}}},
                f"x{n}",
            )
            for n in range(5)
        ),
    )
    assert first
    assert sum(rest) == 1


async def test_a_change_that_cannot_be_stored_fails_alone(people: Any) -> None:
    changes = Changes(people, "by", "who")
    told = await asyncio.gather(
        *(changes.make(*step(n, 1, words="x" * (17_000_000 if n == 4 else 9))) for n in range(10)),
        return_exceptions=True,
    )
    assert isinstance(told[4], DocumentTooLarge)
    assert [n for n in range(10) if told[n] is True] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert await people.count_documents({"version": 2}) == 9


async def test_where_the_answer_is_lost_everyone_is_told(people: Any) -> None:
    class Lost(Counting):
        async def bulk_write(self, *args: Any, **options: Any) -> None:
            await self._collection.bulk_write(*args, **options)
            raise AutoReconnect("gone")

    changes = Changes(Lost(people), "by", "who")
    told = await asyncio.gather(
        *(changes.make(*step(n, 1)) for n in range(5)), return_exceptions=True
    )
    assert {type(one) for one in told} == {AutoReconnect}


async def test_everyone_reads_their_own_as_it_stands(people: Any) -> None:
    counting = Counting(people)
    reads = Reads(counting, {"by": 0})
    await people.update_one({"_id": "p2"}, {"$set": {"by": "me"}})
    asked = ["p1", "p2", "nobody", "p2", "p5"]
    found = await asyncio.gather(*map(reads.read, asked))
    one = [{"_id": who, "version": 1} if who != "nobody" else None for who in asked]
    assert found == one
    assert counting.commands == ["find"]
    assert await reads.read("p5") == one[-1]
    assert counting.commands == ["find", "find_one"]
