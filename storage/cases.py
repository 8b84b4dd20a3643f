"""Cases: each a survey run with its status and current values in one document."""

from __future__ import annotations

from collections.abc import Sequence

from storage.database import Database, Document


class Cases:
    """The cases collection."""

    def __init__(self, database: Database) -> None:
        self._cases = database.cases

    async def citizens_of(
        self, *, facility: Sequence[str] = (), campaign: Sequence[str] = ()
    ) -> set[str]:
        """Who answered about one of these facilities, or in one of these campaigns."""
        query: Document = {"is_test": {"$ne": True}}
        if facility:
            query["facility"] = {"$in": list(facility)}
        if campaign:
            query["campaign"] = {"$in": list(campaign)}
        cursor = self._cases.find(query, {"citizen": 1, "_id": 0})
        return {case["citizen"] async for case in cursor}

    async def of_campaign(
        self, campaign: str, statuses: Sequence[str], facility: str | None = None
    ) -> list[Document]:
        """A campaign's cases in these statuses (about one facility), tests aside."""
        # Of several indexes the embedded server takes the wrong one: it is given one alone.
        query = {"campaign": campaign} if facility is None else {"facility": facility}
        return [
            case
            async for case in self._cases.find(query)
            if case.get("campaign") == campaign
            and case["status"] in statuses
            and not case.get("is_test")
        ]

    async def about(self, facility: str) -> list[Document]:
        """Every case about a facility, of all forms and rounds, tests aside."""
        cursor = self._cases.find({"facility": facility})
        return [case async for case in cursor if not case.get("is_test")]

    async def campaigns_of(self, facility: str) -> list[str]:
        """The campaigns in which somebody answered about a facility."""
        found = await self._cases.distinct("campaign", {"facility": facility})
        return sorted(campaign for campaign in found if campaign)

    async def completes(self, campaign: str) -> list[Document]:
        """`{place, facility}` of every complete case of a campaign, for its quotas."""
        query = {"campaign": campaign, "status": "complete"}
        shown = {"place": 1, "facility": 1, "is_test": 1}
        found = [case async for case in self._cases.find(query, shown)]
        return [case for case in found if not case.get("is_test")]

    async def facilities_of(self, citizen: str) -> set[str]:
        """The facilities a citizen answered about."""
        cursor = self._cases.find({"citizen": citizen}, {"facility": 1, "_id": 0})
        return {case["facility"] async for case in cursor if case.get("facility")}
