"""Who is behind a pseudonym: channel addresses, kept apart from everything else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

from storage.database import Database

CACHED = 50_000
FORGET_AFTER = timedelta(days=1)
"""How long an address without consent is known after the last message."""


def pseudonym(key: bytes, channel: str, address: str) -> str:
    """The citizen's id: a keyed hash (HMAC-SHA256, 130 bits) of the channel and address."""
    digest = hmac.new(key, f"{channel}:{address}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:26].lower()


class Addresses:
    """The addresses collection: pseudonym to channel and address, with a cache in front."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._addresses = database.addresses
        self._key = key
        self._cache: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._fresh: OrderedDict[str, datetime] = OrderedDict()

    async def register(self, channel: str, address: str, now: datetime) -> str:
        """The citizen's id; on first sight the address is stored (forgotten after a day).

        `keep` makes it last, once the citizen has given consent.
        """
        citizen = pseudonym(self._key, channel, address)
        if self._fresh.get(citizen, now) <= now:
            stored = await self._addresses.update_one(
                {"_id": citizen},
                {
                    "$set": {"channel": channel, "address": address},
                    "$setOnInsert": {"forget_at": now + FORGET_AFTER},
                },
                upsert=True,
            )
            if stored.upserted_id is None:
                await self._addresses.update_one(
                    {"_id": citizen, "forget_at": {"$lt": now + FORGET_AFTER}},
                    {"$set": {"forget_at": now + FORGET_AFTER}},
                )
            self._fresh[citizen] = now + FORGET_AFTER / 2
            if len(self._fresh) > CACHED:
                self._fresh.popitem(last=False)
        return citizen

    async def of(self, citizen: str) -> tuple[str, str] | None:
        """The citizen's (channel, address), or None if it is not known any more."""
        if citizen in self._cache:
            return self._cache[citizen]
        found = await self._addresses.find_one({"_id": citizen})
        if found is None:
            return None
        self._remember(citizen, (found["channel"], found["address"]))
        return self._cache[citizen]

    async def look_up(self, citizens: Iterable[str]) -> None:
        """Look these up together, for `of` to find at hand."""
        unknown = [citizen for citizen in citizens if citizen not in self._cache]
        if unknown:
            async for found in self._addresses.find({"_id": {"$in": unknown}}):
                self._remember(found["_id"], (found["channel"], found["address"]))

    async def keep(self, citizen: str) -> None:
        """The citizen agreed to be remembered: the address stays."""
        await self._addresses.update_one({"_id": citizen}, {"$unset": {"forget_at": ""}})

    async def move(self, citizen: str, address: str) -> None:
        """The platform gave this citizen another address; the pseudonym stays."""
        await self._addresses.update_one({"_id": citizen}, {"$set": {"address": address}})
        self._cache.pop(citizen, None)

    async def forget(self, citizen: str) -> None:
        """Remove the address, so that the pseudonym leads to nobody."""
        await self._addresses.delete_one({"_id": citizen})
        self._cache.pop(citizen, None)
        self._fresh.pop(citizen, None)

    def _remember(self, citizen: str, where: tuple[str, str]) -> None:
        self._cache[citizen] = where
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
