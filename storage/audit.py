"""The audit log: who did what, when, with what was before and after. Only ever added to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from storage.database import Database, Document

PAGE = 50
SPANS = tuple(timedelta(days=days) for days in (1, 7, 30, 90, 365, 1100))
"""Looked through one after another: the embedded server sorts all that a condition finds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done: `action` such as "survey.publish", `subject` what it was done to.

    `before` and `after` hold the fields that changed, without secrets and addresses.
    """

    at: datetime
    user: str
    action: str
    subject: str
    before: Document = field(default_factory=dict)
    after: Document = field(default_factory=dict)
    id: str = ""


class Audit:
    """The audit collection; nothing here changes or removes what is written."""

    def __init__(self, database: Database) -> None:
        self._audit = database.audit

    async def note(
        self,
        now: datetime,
        user: str,
        action: str,
        subject: str,
        *,
        before: Document | None = None,
        after: Document | None = None,
    ) -> None:
        """Write down that `user` did `action` to `subject`."""
        await self._audit.insert_one(
            {
                "_id": uuid.uuid4().hex,
                "at": now,
                "user": user,
                "action": action,
                "subject": subject,
                "before": before or {},
                "after": after or {},
            }
        )

    async def page(
        self, *, user: str = "", action: str = "", before: datetime | None = None
    ) -> list[Entry]:
        """The latest `PAGE` entries earlier than `before`, of `user` and `action` where given."""
        wanted = {name: what for name, what in (("user", user), ("action", action)) if what}
        until: Document = {} if before is None else {"$lt": before}
        latest = before or datetime.now(UTC)
        for span in SPANS:
            # The time first: the embedded server uses the index of the first condition.
            found = await self._latest({"at": {"$gte": latest - span, **until}, **wanted})
            if len(found) == PAGE:
                return found
        return await self._latest({"at": until, **wanted} if until else wanted)

    async def _latest(self, query: Document) -> list[Entry]:
        cursor = self._audit.find(query).sort("at", -1).limit(PAGE)
        return [Entry(id=found.pop("_id"), **found) async for found in cursor]
