"""Reading a whole collection without holding anybody up.

Big collections are read in slices of citizens' ids, which an index serves on every server and
which are keyed hashes, so that slices are alike. The embedded server would otherwise put the
whole answer into its memory first, and let nobody write while it does (100,000 cases: a
second, and half a gigabyte). In no order: whoever needs one sorts what was read.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator
from typing import Any

from storage.database import Database, Document

SLICED = frozenset(("cases", "events", "invitations"))
"""Those that may be big; each has an index that begins with `citizen`."""
BATCH = 500
SLICE = 250
"""Documents in a slice, about: some 30 ms of the embedded server's attention."""
WHOLE = 5_000
"""Documents in one answer: a slice, however uneven."""

_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
"""What citizens' ids are written in (base 32), in the order of their codes."""
_ALL = len(_LETTERS) ** 3
_SAMPLE = _ALL // 256


async def read(
    database: Database, collection: str, query: Document, shown: Document | None = None
) -> AsyncGenerator[list[Document], None]:
    """All documents that match, in lists; `shown` says which fields, as MongoDB has it."""
    if collection not in SLICED:
        cursor = database[collection].find(query, shown, batch_size=BATCH)
        try:
            while batch := await cursor.to_list(BATCH):
                yield batch
        finally:
            await cursor.close()
        return
    found = database[collection]
    sample = await found.find(_between(0, _SAMPLE), {"_id": 1}).to_list(None)
    count = max(1, len(sample) * (_ALL // _SAMPLE) // SLICE)
    bounds = [_ALL * number // count for number in range(count + 1)]
    # The citizen first: the embedded server uses the index of the first condition.
    for part in (*itertools.starmap(_between, itertools.pairwise(bounds)), {"citizen": None}):
        cursor = found.find({**part, **query}, shown, batch_size=WHOLE)
        if documents := await cursor.to_list(None):
            yield documents


def _between(begin: int, end: int) -> Document:
    """Documents of citizens in a part of all ids; the first and the last have no other end."""
    limits: dict[str, Any] = {}
    if begin > 0:
        limits["$gte"] = _bound(begin)
    if end < _ALL:
        limits["$lt"] = _bound(end)
    return {"citizen": limits or {"$gte": ""}}


def _bound(number: int) -> str:
    base = len(_LETTERS)
    return "".join(_LETTERS[number // base**place % base] for place in (2, 1, 0))
