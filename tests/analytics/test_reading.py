"""What exports read: everything once, whatever citizens' ids look like."""

from __future__ import annotations

import base64
import random
from collections import Counter

import pytest

from storage.exporting import Exporting
from storage.slices import SLICE
from storage.store import Store


def citizen(chance: random.Random) -> str:
    """An id as `storage.addresses` makes them."""
    return base64.b32encode(chance.randbytes(17)).decode()[:26].lower()


async def test_every_document_is_read_once_in_small_lists(store: Store) -> None:
    chance = random.Random(7)
    ids = [citizen(chance) for _ in range(4 * SLICE)]
    strange: list[object] = ["", None, "222", "zzz", "Ө", "a"]
    documents = [
        {"_id": f"i{number}", "citizen": one, "campaign": "autumn"}
        for number, one in enumerate([*ids, *strange])
    ]
    await store.database.invitations.insert_many(
        [*documents, {"_id": "none", "campaign": "autumn"}]
    )
    await store.database.invitations.insert_one({"_id": "x", "citizen": ids[0], "campaign": "no"})
    reading = Exporting(store.database).batches("invitations", {"campaign": "autumn"}, ("via",))
    batches = [batch async for batch in reading]
    found = Counter(str(one["_id"]) for batch in batches for one in batch)
    assert found == Counter([*(str(one["_id"]) for one in documents), "none"])
    assert max(map(len, batches)) < 2 * SLICE
    assert set(batches[0][0]) == {"_id"}


async def test_reading_may_be_given_up(store: Store) -> None:
    chance = random.Random(8)
    await store.database.cases.insert_many(
        [{"_id": f"c{number}", "citizen": citizen(chance)} for number in range(3 * SLICE)]
    )
    reading = Exporting(store.database).batches("cases", {})
    assert await anext(reading)
    await reading.aclose()  # type: ignore[attr-defined]
    with pytest.raises(StopAsyncIteration):
        await anext(reading)


async def test_what_exports_have_no_business_with_is_not_read(store: Store) -> None:
    with pytest.raises(ValueError, match="exports don't read addresses"):
        await anext(Exporting(store.database).batches("addresses", {}))
