"""Tokens for programs that read through the API: shown once, kept as a hash, revocable."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from storage.database import Database, Document

PREFIX = "onoo_"
"""Lets people and secret scanners recognise one."""
USED_EVERY = timedelta(minutes=1)
PERIOD = 60
"""Seconds over which what a token asks is counted."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: for what it is (`label`), whose rights it has (`user`), how long it lasts.

    `places` and `datasets` narrow those rights; empty, they narrow nothing.
    """

    id: str
    label: str
    user: str
    created: datetime
    until: datetime
    used: datetime | None = None
    places: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


class Tokens:
    """The tokens collection; `_id` is the hash of the secret."""

    def __init__(self, database: Database) -> None:
        self._tokens = database.tokens

    async def issue(
        self,
        user: str,
        label: str,
        days: int,
        now: datetime,
        *,
        places: Sequence[str] = (),
        datasets: Sequence[str] = (),
    ) -> str:
        """A new token with the rights of `user`; the secret is never to be had again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        await self._tokens.insert_one(
            {
                "_id": _hashed(secret),
                "label": label,
                "user": user,
                "created": now,
                "until": now + timedelta(days=days),
                "forget_at": now + timedelta(days=days),
                "places": list(places),
                "datasets": list(datasets),
            }
        )
        return secret

    async def check(self, secret: str, now: datetime) -> Token | None:
        """The token behind `secret`, unless it is unknown, revoked or has run out."""
        found = await self._tokens.find_one({"_id": _hashed(secret), "until": {"$gt": now}})
        if found is None:
            return None
        if found.get("used") is None or found["used"] + USED_EVERY <= now:
            await self._tokens.update_one({"_id": found["_id"]}, {"$set": {"used": now}})
        return _token(found)

    async def spend(self, token_id: str, limit: int, now: datetime) -> int:
        """Count a request against `limit` a minute; 0, or how many seconds to wait.

        Counted where all processes see it: more of them don't make the allowance larger.
        """
        period = int(now.timestamp()) // PERIOD
        for _ in range(3):
            found = await self._tokens.find_one_and_update(
                {"_id": token_id, "period": period},
                {"$inc": {"spent": 1}},
                {"spent": 1},
                return_document=ReturnDocument.AFTER,
            )
            if found is not None:
                over = found["spent"] > limit
                return PERIOD - int(now.timestamp()) % PERIOD if over else 0
            # The first of a minute; of several first ones, one begins it.
            begun = await self._tokens.update_one(
                {"_id": token_id, "period": {"$ne": period}},
                {"$set": {"period": period, "spent": 1}},
            )
            if begun.modified_count:
                return 0
        return 0

    async def of(self, user: str = "") -> list[Token]:
        """The tokens of `user`, or of everybody, the newest first."""
        query = {"user": user} if user else {}
        return [_token(found) async for found in self._tokens.find(query).sort("created", -1)]

    async def revoke(self, token_id: str, user: str = "") -> Token | None:
        """End a token (of `user`, where given); None if there is none such."""
        query = {"_id": token_id, **({"user": user} if user else {})}
        found = await self._tokens.find_one(query)
        if found is None:
            return None
        await self._tokens.delete_one(query)
        return _token(found)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(found: Document) -> Token:
    return Token(
        id=found["_id"],
        used=found.get("used"),
        places=tuple(found.get("places", ())),
        datasets=tuple(found.get("datasets", ())),
        **{name: found[name] for name in ("label", "user", "created", "until")},
    )
