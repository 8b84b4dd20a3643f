"""Published survey forms: immutable versions, with the workbook each was made from."""

from __future__ import annotations

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document


class Forms:
    """The forms collection: a document a version, `_id` the version, never changed.

    Which version of a form is open to everyone stands in `offers`, one document a form.
    """

    def __init__(self, database: Database) -> None:
        self._forms = database.forms
        self._offers = database.offers

    async def put(self, document: Document, now: datetime) -> bool:
        """Store a version; False if that very version was there already."""
        try:
            await self._forms.insert_one({**document, "published": now})
        except DuplicateKeyError:
            return False
        return True

    async def get(self, version: str) -> Document:
        """A version's document; raises KeyError when there is none."""
        found = await self._forms.find_one({"_id": version})
        if found is None:
            raise KeyError(version)
        return found

    async def offer(self, form_id: str, version: str) -> None:
        """Open `version` to everyone, instead of an earlier one of the same form."""
        await self._offers.update_one({"_id": form_id}, {"$set": {"version": version}}, upsert=True)

    async def withdraw(self, form_id: str) -> None:
        """Close a form to new answers; runs that are under way go on."""
        await self._offers.delete_one({"_id": form_id})

    async def offered(self) -> list[Document]:
        """The versions open to everyone, without their sources, by form id."""
        offers = [offer async for offer in self._offers.find().sort("_id", 1)]
        found = []
        for offer in offers:
            form = await self._forms.find_one(
                {"_id": offer["version"]}, {"xml": 0, "workbook": 0, "files": 0}
            )
            if form is not None:
                found.append(form)
        return found
