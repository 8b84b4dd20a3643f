"""Problems that citizens reported: what became of one, by its reference number."""

from __future__ import annotations

from storage.database import Database, Document


class Reports:
    """The reports collection; filing adds to it, facilitators change the status."""

    def __init__(self, database: Database) -> None:
        self._reports = database.reports

    async def find(self, reference: str) -> Document | None:
        """`{status, at, changed, note}` of the report, never its text or who sent it."""
        shown = {"_id": 0, "status": 1, "at": 1, "changed": 1, "note": 1}
        return await self._reports.find_one({"reference": reference}, shown)
