"""What became of campaign messages, written many at a time: whatever came during the last write."""

from __future__ import annotations

from datetime import datetime

from pymongo import UpdateOne

from storage.batching import Batches
from storage.database import Database
from storage.outbox import finished

BATCH = 200

Writes = tuple[UpdateOne, UpdateOne | None]


class Outcomes:
    """Final states of messages and of the invitations they carry."""

    def __init__(self, database: Database) -> None:
        self._messages = database.outbox
        self._invitations = database.invitations
        self._batches = Batches(self._write, BATCH)

    async def note(
        self, message: str, status: str, reason: str, now: datetime, invitation: UpdateOne | None
    ) -> None:
        """Note that a message in sending came to `status`; returns when that is stored.

        Raises the driver's errors when it was not.
        """
        await self._batches.put((finished(message, status, reason, now), invitation))

    async def _write(self, batch: list[Writes]) -> None:
        await self._messages.bulk_write([message for message, _ in batch], ordered=False)
        invitations = [one for _, one in batch if one is not None]
        if invitations:
            await self._invitations.bulk_write(invitations, ordered=False)
