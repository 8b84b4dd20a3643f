"""Forgetting what was kept for a time only, in any collection of `schema.FORGETTING`.

MongoDB would do this by itself for a TTL index. So would the embedded server, but by reading every
document of the collection while all else waits: a second for each 20,000 sessions, once a
minute. So there are no TTL indexes, and this looks up what has expired.
"""

from __future__ import annotations

from datetime import datetime

from storage.database import LONG_AGO, Database, Document
from storage.schema import FORGETTING

AT_ONCE = 100


async def forget_expired(database: Database, now: datetime) -> int:
    """Delete all whose `forget_at` has passed at `now`; how many. Safe to repeat."""
    # Without a lower bound the embedded server would read what lacks the field, too.
    query: Document = {"forget_at": {"$gte": LONG_AGO, "$lte": now}}
    count = 0
    for name in FORGETTING:
        collection = database[name]
        while True:
            found = await collection.find(query, {"_id": 1}).limit(AT_ONCE).to_list(AT_ONCE)
            # What was given a longer life meanwhile stays.
            ids = {"_id": {"$in": [one["_id"] for one in found]}}
            gone = (await collection.delete_many({**ids, **query})).deleted_count if found else 0
            count += gone
            if len(found) < AT_ONCE or not gone:
                break
    return count
