"""What became of campaign messages, written many at a time: whatever came during the last write."""

from __future__ import annotations

import asyncio
from datetime import datetime

from pymongo import UpdateOne

from storage.database import Database
from storage.outbox import finished

BATCH = 200

Writes = tuple[UpdateOne, UpdateOne | None]


class Outcomes:
    """Final states of messages and of the invitations they carry."""

    def __init__(self, database: Database) -> None:
        self._messages = database.outbox
        self._invitations = database.invitations
        self._waiting: list[tuple[Writes, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def note(
        self, message: str, status: str, reason: str, now: datetime, invitation: UpdateOne | None
    ) -> None:
        """Note that a message in sending came to `status`; returns when that is stored.

        Raises the driver's errors when it was not.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(((finished(message, status, reason, now), invitation), done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            outcome: Exception | None = None
            try:
                await self._write([writes for writes, _ in batch])
            except Exception as error:
                outcome = error
            for _, done in batch:
                if done.done():
                    continue
                if outcome is None:
                    done.set_result(None)
                else:
                    done.set_exception(outcome)

    async def _write(self, batch: list[Writes]) -> None:
        await self._messages.bulk_write([message for message, _ in batch], ordered=False)
        invitations = [one for _, one in batch if one is not None]
        if invitations:
            await self._invitations.bulk_write(invitations, ordered=False)
