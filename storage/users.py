"""The people who work in the console: who they are, what they may do, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from storage.database import Database, Document

ROLES = ("facilitator", "analyst", "admin")
SEALED = "sealed:"
"""How what is sealed begins, to be told from what was stored before sealing."""


class UserExists(Exception):
    """Somebody has this sign-in name already."""


@dataclass(frozen=True, slots=True)
class User:
    """One account. `places` are codes of administrative units, each with all beneath it.

    `password` is an argon2 hash, `totp` the sealed secret of one-time codes ("" while not in use),
    `totp_step` the last time step whose code was used.
    """

    name: str
    full_name: str
    role: str
    password: str
    places: tuple[str, ...] = ()
    locale: str = "mn"
    totp: str = ""
    totp_step: int = 0
    disabled: bool = False
    created: datetime | None = None

    @classmethod
    def from_document(cls, document: Document) -> User:
        """The account as stored."""
        known = {name: document[name] for name in cls.__slots__ if name in document}
        return cls(**{**known, "name": document["_id"], "places": tuple(known.get("places", ()))})

    def described(self) -> Document:
        """What others may see of the account, for pages and the audit log: no secrets."""
        return {
            "full_name": self.full_name,
            "role": self.role,
            "places": list(self.places),
            "locale": self.locale,
            "disabled": self.disabled,
            "totp": bool(self.totp),
        }


class Users:
    """The users collection; `_id` is the sign-in name in lower case."""

    def __init__(self, database: Database) -> None:
        self._users = database.users

    async def add(self, user: User, now: datetime) -> None:
        """Store a new account; raises UserExists."""
        document = {
            **user.described(),
            "_id": user.name.lower(),
            "password": user.password,
            "totp": user.totp,
            "created": now,
        }
        try:
            await self._users.insert_one(document)
        except DuplicateKeyError:
            raise UserExists(user.name) from None

    async def find(self, name: str) -> User | None:
        """The account with this sign-in name, in any case."""
        found = await self._users.find_one({"_id": name.strip().lower()})
        return User.from_document(found) if found else None

    async def all(self) -> list[User]:
        """Every account, by name."""
        return [User.from_document(found) async for found in self._users.find().sort("_id", 1)]

    async def change(self, name: str, **fields: object) -> None:
        """Set fields of an account, named as in `User`."""
        await self._users.update_one({"_id": name}, {"$set": fields})

    async def seal_codes(self, seal: Callable[[str], str]) -> int:
        """Seal the secrets of one-time codes that were stored plain; how many. Safe to repeat."""
        count = 0
        async for found in self._users.find({"totp": {"$gt": ""}}, {"totp": 1}):
            if found["totp"].startswith(SEALED):
                continue
            # Changed meanwhile, it is somebody's new secret, and sealed.
            same = {"_id": found["_id"], "totp": found["totp"]}
            result = await self._users.update_one(same, {"$set": {"totp": seal(found["totp"])}})
            count += result.modified_count
        return count

    async def use_code(self, name: str, step: int) -> bool:
        """Note that the one-time code of `step` was used; False if it, or a later one, was."""
        result = await self._users.update_one(
            {"_id": name, "$or": [{"totp_step": {"$lt": step}}, {"totp_step": {"$exists": False}}]},
            {"$set": {"totp_step": step}},
        )
        return bool(result.modified_count)
