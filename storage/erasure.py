"""Erasing a citizen: everything kept about them, in every collection, at once."""

from __future__ import annotations

from storage.database import Database

KEPT_BY_CITIZEN = ("cases", "events", "outbox", "reports", "poisoned", "invitations")
"""Collections whose documents name their citizen in `citizen`."""
NAMED_IN_LISTS = (("campaigns", "testers"), ("campaigns", "audience.citizens"))
"""Lists in which citizens may stand."""


async def erase(database: Database, citizen: str) -> None:
    """Delete all that is stored about `citizen` but the session, which its worker blanks.

    What a channel itself keeps is the channel's to forget (`Channel.forget`).

    Safe to repeat: a worker that is killed half-way starts again from the session.
    """
    for collection in KEPT_BY_CITIZEN:
        await database[collection].delete_many({"citizen": citizen})
    async for stored in database["media.files"].find({"metadata.citizen": citizen}, {"_id": 1}):
        await database["media.chunks"].delete_many({"files_id": stored["_id"]})
        await database["media.files"].delete_one({"_id": stored["_id"]})
    for collection, field in NAMED_IN_LISTS:
        await database[collection].update_many({field: citizen}, {"$pull": {field: citizen}})
    await database.commitments.update_many(
        {"disputes.citizen": citizen}, {"$pull": {"disputes": {"citizen": citizen}}}
    )
    await database.citizens.delete_one({"_id": citizen})


async def known_about(database: Database, citizen: str) -> dict[str, int]:
    """How many documents of each kind are kept about `citizen`."""
    return {
        collection: await database[collection].count_documents({"citizen": citizen})
        for collection in ("cases", "events", "reports")
    }
