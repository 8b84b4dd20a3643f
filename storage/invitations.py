"""Invitations: who was asked in which campaign, each with one disposition.

The id is made of campaign and citizen, so nobody has two. What is reported later only ever
moves a disposition up (`RANK`), so the order in which it is reported makes no difference:

    {_id, campaign, citizen, channel, place, locale, via, disposition, rank, reason,
     at, moments: {delivered: …, complete: …}, case}

`via` is push or link.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from storage.database import Database, Document

RANK = {
    "waiting": 0,
    "invited": 10,
    "unreachable": 15,
    "delivered": 20,
    "opened": 30,
    "refused": 35,
    "started": 40,
    "partial": 50,
    "complete": 60,
    "ineligible": 70,
}
"""Dispositions, each with its rank; waiting means that nothing was sent yet."""
OF_CASE = {
    "started": "started",
    "partial": "partial",
    "break-off": "partial",
    "refused": "refused",
    "complete": "complete",
}
"""What a survey run's status says about its invitation."""
BULK = 1000
DUPLICATE = 11000


def invitation_id(campaign: str, citizen: str) -> str:
    """The id under which a citizen's invitation to a campaign stands."""
    return f"{campaign}:{citizen}"


def moved_up(
    campaign: str, citizen: str, disposition: str, at: datetime, **fields: Any
) -> UpdateOne:
    """The write that moves an invitation up to `disposition`, made if it is not there.

    Where it stands higher already the upsert meets a duplicate key, which means: leave it.
    """
    rank = RANK[disposition]
    identity = invitation_id(campaign, citizen)
    first = {"campaign": campaign, "citizen": citizen, "at": at, "via": fields.pop("via", "link")}
    return UpdateOne(
        {"_id": identity, "rank": {"$lt": rank}},
        {
            "$set": {
                "disposition": disposition,
                "rank": rank,
                f"moments.{disposition}": at,
                **fields,
            },
            "$setOnInsert": first,
        },
        upsert=True,
    )


def marked(campaign: str, citizen: str, disposition: str, at: datetime, **fields: Any) -> UpdateOne:
    """The write that moves an invitation up to `disposition`, where there is one."""
    rank = RANK[disposition]
    changes = {"disposition": disposition, "rank": rank, f"moments.{disposition}": at, **fields}
    return UpdateOne(
        {"_id": invitation_id(campaign, citizen), "rank": {"$lt": rank}}, {"$set": changes}
    )


class Invitations:
    """The invitations collection."""

    def __init__(self, database: Database) -> None:
        self._invitations = database.invitations

    async def add(self, invitations: Sequence[Document]) -> None:
        """Store invitations, leaving alone those that are there."""
        for start in range(0, len(invitations), BULK):
            try:
                await self._invitations.insert_many(
                    invitations[start : start + BULK], ordered=False
                )
            except BulkWriteError as error:
                failures = error.details.get("writeErrors", [])
                if any(failure.get("code") != DUPLICATE for failure in failures):
                    raise

    async def clear_waiting(self, campaign: str) -> None:
        """Forget those to whom nothing was sent: the audience is drawn anew."""
        await self._invitations.delete_many({"campaign": campaign, "rank": 0})

    async def mark(
        self, campaign: str, citizen: str, disposition: str, at: datetime, **fields: Any
    ) -> bool:
        """Move an invitation up to `disposition`; False if it stands there or higher."""
        write = marked(campaign, citizen, disposition, at, **fields)
        return bool((await self._invitations.bulk_write([write])).modified_count)

    async def note_reminder(self, campaign: str, citizen: str, number: int) -> None:
        """They were reminded `number` times."""
        await self._invitations.update_one(
            {"_id": invitation_id(campaign, citizen)}, {"$max": {"reminded": number}}
        )

    async def of(self, campaign: str, citizen: str) -> Document | None:
        """A citizen's invitation."""
        return await self._invitations.find_one({"_id": invitation_id(campaign, citizen)})

    async def pending_of(self, citizen: str) -> list[Document]:
        """A citizen's invitations that they may still follow, the latest first."""
        cursor = self._invitations.find(
            {
                "citizen": citizen,
                "rank": {"$gte": RANK["invited"], "$lt": RANK["complete"]},
                "disposition": {"$ne": "refused"},
            }
        )
        found = [invitation async for invitation in cursor]
        return sorted(found, key=lambda one: one["at"], reverse=True)

    async def of_campaign(
        self, campaign: str, dispositions: Sequence[str] = ()
    ) -> AsyncIterator[Document]:
        """A campaign's invitations, in any order."""
        query: Document = {"campaign": campaign}
        if dispositions:
            query["disposition"] = {"$in": list(dispositions)}
        async for invitation in self._invitations.find(query, batch_size=5000):
            yield invitation

    async def counts(self, campaign: str) -> dict[str, int]:
        """How many invitations of a campaign stand at each disposition."""
        cursor = self._invitations.aggregate(
            [
                {"$match": {"campaign": campaign}},
                {"$group": {"_id": "$disposition", "n": {"$sum": 1}}},
            ]
        )
        return {found["_id"]: found["n"] async for found in cursor}

    async def asked_since(self, since: datetime) -> list[tuple[str, str]]:
        """(citizen, campaign) of every invitation by push since then, for the cap."""
        return await self._asked({"at": {"$gte": since}}, since)

    async def asked_among(self, citizens: Sequence[str], since: datetime) -> list[tuple[str, str]]:
        """As `asked_since`, of these citizens alone."""
        found: list[tuple[str, str]] = []
        for start in range(0, len(citizens), BULK):
            some = list(citizens[start : start + BULK])
            found += await self._asked({"citizen": {"$in": some}}, since)
        return found

    async def _asked(self, query: Document, since: datetime) -> list[tuple[str, str]]:
        shown = {"citizen": 1, "campaign": 1, "via": 1, "at": 1, "_id": 0}
        return [
            (found["citizen"], found["campaign"])
            async for found in self._invitations.find(query, shown, batch_size=5000)
            if found["via"] == "push" and found["at"] >= since
        ]
