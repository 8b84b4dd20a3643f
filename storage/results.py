"""Published results: one document a campaign and facility, as everyone may see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.database import Database, Document


class ResultStore:
    """The results and assessments collections.

    Results are published: small cells are already withheld in them. Assessments are what
    others said of the same indicators (the provider, the meeting), and the facilitator's
    themes, kept apart from citizens' answers: `{_id: campaign:facility, meeting, themes}`.
    """

    def __init__(self, database: Database) -> None:
        self._results = database.results
        self._assessments = database.assessments

    async def publish(self, result: Document) -> None:
        """Put a result before everyone, in place of an earlier one of the same round."""
        await self._results.replace_one({"_id": result["_id"]}, result, upsert=True)

    async def withdraw(self, campaign: str, facility: str) -> bool:
        """Take a published result back; False if there is none."""
        done = await self._results.delete_one({"_id": result_id(campaign, facility)})
        return bool(done.deleted_count)

    async def of(self, facility: str) -> list[Document]:
        """A facility's published results, the latest first."""
        found = [one async for one in self._results.find({"facility": facility})]
        return sorted(found, key=lambda one: one["at"], reverse=True)

    async def all(self, facilities: Sequence[str] = ()) -> list[Document]:
        """Every published result, or those of some facilities, the latest first."""
        query = {"facility": {"$in": list(facilities)}} if facilities else {}
        found = [one async for one in self._results.find(query)]
        return sorted(found, key=lambda one: one["at"], reverse=True)

    async def facilities(self) -> list[str]:
        """The facilities of which anything is published."""
        return sorted(await self._results.distinct("facility"))

    async def assessment(self, campaign: str, facility: str) -> Document:
        """What was noted beside the citizens' answers; empty where nothing was."""
        found = await self._assessments.find_one({"_id": result_id(campaign, facility)})
        return found or {}

    async def note(
        self, campaign: str, facility: str, by: str, at: datetime, **fields: Any
    ) -> None:
        """Note the meeting's scores or the themes, with who did so when."""
        await self._assessments.update_one(
            {"_id": result_id(campaign, facility)},
            {
                "$set": {"campaign": campaign, "facility": facility, **fields},
                "$push": {"history": {"by": by, "at": at, "what": sorted(fields)}},
            },
            upsert=True,
        )


def result_id(campaign: str, facility: str) -> str:
    """The id of what stands for one facility in one round."""
    return f"{campaign}:{facility}"
