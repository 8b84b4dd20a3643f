"""Cases: each a survey run with its status and current values in one document."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from storage.database import Database, Document


class Cases:
    """The cases collection."""

    def __init__(self, database: Database) -> None:
        self._cases = database.cases

    async def of_form(self, form_id: str, *, with_tests: bool = False) -> AsyncIterator[Document]:
        """The cases of all versions of a form, in the order of their ids."""
        query: Document = {"form": {"$regex": f"^{re.escape(form_id)}-[0-9a-f]{{12}}$"}}
        if not with_tests:
            query["is_test"] = {"$ne": True}
        async for case in self._cases.find(query).sort("_id", 1):
            yield case
