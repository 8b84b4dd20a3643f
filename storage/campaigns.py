"""Campaigns and the links into them, as stored; what may change when is `campaigns`' affair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document


class CampaignStore:
    """The campaigns and links collections."""

    def __init__(self, database: Database) -> None:
        self._campaigns = database.campaigns
        self._links = database.links
        self._meta = database.meta

    async def add(self, campaign: Document) -> bool:
        """Store a new campaign; False if there is one with its id."""
        try:
            await self._campaigns.insert_one(campaign)
        except DuplicateKeyError:
            return False
        return True

    async def find(self, campaign: str) -> Document | None:
        """The campaign as it stands."""
        return await self._campaigns.find_one({"_id": campaign})

    async def all(self, statuses: Sequence[str] = ()) -> list[Document]:
        """Campaigns of these statuses (all where empty), the latest first."""
        query = {"status": {"$in": list(statuses)}} if statuses else {}
        found = [campaign async for campaign in self._campaigns.find(query)]
        return sorted(found, key=lambda one: one["created"], reverse=True)

    async def change(
        self,
        campaign: str,
        version: int,
        fields: Document,
        entry: Document | None = None,
    ) -> bool:
        """Write `fields` and a line of history; False if somebody changed it meanwhile."""
        change: Document = {"$set": {**fields, "version": version + 1}}
        if entry is not None:
            change["$push"] = {"history": entry}
        result = await self._campaigns.update_one({"_id": campaign, "version": version}, change)
        return bool(result.modified_count)

    async def set(self, campaign: str, **fields: Any) -> None:
        """Note something that no person decided (what is planned, which quotas are full)."""
        await self._campaigns.update_one({"_id": campaign}, {"$set": fields})

    # -- links --------------------------------------------------------------------------

    async def put_link(self, link: Document) -> None:
        """Store a link, unless it is there; `_id` is the payload."""
        await self._links.update_one({"_id": link["_id"]}, {"$setOnInsert": link}, upsert=True)

    async def link(self, payload: str) -> Document | None:
        """`{campaign, facility, is_test}` behind a payload."""
        return await self._links.find_one({"_id": payload})

    # -- public names -------------------------------------------------------------------

    async def set_public_name(self, channel: str, name: str) -> None:
        """Under which name a channel is found by people: the bot's, for links."""
        await self._meta.update_one({"_id": "channels"}, {"$set": {channel: name}}, upsert=True)

    async def public_name(self, channel: str) -> str:
        """The name under which people find a channel; "" while it never was connected."""
        found = await self._meta.find_one({"_id": "channels"}) or {}
        name: str = found.get(channel, "")
        return name
