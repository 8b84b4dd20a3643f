"""Who is signed in to the console: one document a browser, known by a hash of its token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Database

LASTS = timedelta(hours=12)
"""A working day: after that everybody signs in again."""
IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=1)


def hashed(token: str) -> str:
    """What is stored of a token: it can't be used by whoever reads the database."""
    return hashlib.sha256(f"onoo-signin:{token}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser that is signed in as `user` until `until`."""

    id: str
    user: str
    until: datetime


class SignIns:
    """The signins collection."""

    def __init__(self, database: Database) -> None:
        self._signins = database.signins

    async def begin(self, user: str, now: datetime) -> str:
        """Sign `user` in; the token (256 random bits) for the browser's cookie."""
        token = secrets.token_urlsafe(32)
        await self._signins.insert_one(
            {
                "_id": hashed(token),
                "user": user,
                "since": now,
                "seen": now,
                "forget_at": now + LASTS,
            }
        )
        return token

    async def find(self, token: str, now: datetime) -> SignIn | None:
        """Who holds `token`, unless it is over: by time, by idleness, or ended."""
        found = await self._signins.find_one({"_id": hashed(token)})
        if found is None or found["forget_at"] <= now or found["seen"] + IDLE <= now:
            return None
        if found["seen"] + SEEN_EVERY <= now:
            await self._signins.update_one({"_id": found["_id"]}, {"$set": {"seen": now}})
        return SignIn(found["_id"], found["user"], found["forget_at"])

    async def end(self, token: str) -> None:
        """Sign this browser out."""
        await self._signins.delete_one({"_id": hashed(token)})

    async def end_all(self, user: str) -> None:
        """Sign `user` out everywhere: after a new password, and when disabled."""
        await self._signins.delete_many({"user": user})
