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
        self._meta = database.meta
        self._known: dict[str, Document] = {}

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

    async def is_bundled(self, digest: str) -> bool:
        """Whether the workbook with this hash was published when Onoo started before."""
        found = await self._meta.find_one({"_id": "bundled", "digests": digest}, {"_id": 1})
        return found is not None

    async def note_bundled(self, digest: str) -> None:
        """Remember that the workbook with this hash is published."""
        await self._meta.update_one(
            {"_id": "bundled"}, {"$addToSet": {"digests": digest}}, upsert=True
        )

    async def withdraw(self, form_id: str) -> None:
        """Close a form to new answers; runs that are under way go on."""
        await self._offers.delete_one({"_id": form_id})

    async def versions(self, form_id: str = "") -> list[Document]:
        """The versions of a form, or of all, the latest first, without their sources."""
        query = {"form": form_id} if form_id else {}
        cursor = self._forms.find(query, {"xml": 0, "workbook": 0, "files": 0})
        return [found async for found in cursor.sort("published", -1)]

    async def offered(self) -> list[Document]:
        """The versions open to everyone, without their sources, by form id."""
        versions = [offer["version"] async for offer in self._offers.find().sort("_id", 1)]
        if unknown := [version for version in versions if version not in self._known]:
            # A version never changes: it need not be read with each welcome.
            query, shown = {"_id": {"$in": unknown}}, {"xml": 0, "workbook": 0, "files": 0}
            async for form in self._forms.find(query, shown):
                self._known[form["_id"]] = form
        return [self._known[version] for version in versions if version in self._known]
