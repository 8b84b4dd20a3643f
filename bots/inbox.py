"""Taking events in: stored durably, answered or not, before a channel may acknowledge them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from bots import metrics
from bots.channel import Full
from bots.turnstile import Turnstile
from bots.worker import utc_now
from conversations.messages import Incoming
from storage.store import InboxFull, StorageError, Store

Answer = Callable[[str, Incoming, float], Awaitable[bool]]
"""Answers what a citizen sent so many seconds ago and stores both; False if it must go into the
inbox first."""


async def _later(citizen: str, incoming: Incoming, waited: float) -> bool:
    return False


class Inbox:
    """What channels deliver to.

    `answer` is tried first; whatever it does not take is put into the citizen's inbox, and
    `on_new` is told of it. One citizen's events go through one at a time, in order.
    """

    def __init__(
        self,
        store: Store,
        on_new: Callable[[str], None] = lambda _: None,
        clock: Callable[[], datetime] = utc_now,
        answer: Answer = _later,
    ) -> None:
        self._store = store
        self._on_new = on_new
        self._answer = answer
        self._one_at_a_time = Turnstile()
        self._clock = clock

    async def deliver(self, channel: str, address: str, incoming: Incoming) -> bool:
        """Store one event; False if it was there before. See `bots.channel.Deliver`."""
        now = self._clock()
        try:
            citizen = await self._store.addresses.register(channel, address, now)
            new, answered = await self._store_it(citizen, incoming, now)
        except InboxFull as error:
            metrics.EVENTS.labels(channel, "full").inc()
            raise Full(str(error)) from error
        except StorageError:
            metrics.EVENTS.labels(channel, "not stored").inc()
            raise
        metrics.EVENTS.labels(channel, "new" if new else "repeated").inc()
        if new:
            if incoming.attachment and incoming.attachment.media:
                await self._store.media.own(incoming.attachment.media, citizen)
            if not answered:
                self._on_new(citizen)
        return new

    async def _store_it(self, citizen: str, incoming: Incoming, now: datetime) -> tuple[bool, bool]:
        """Whether the event is new, and whether it is answered already."""
        arrived = time.monotonic()
        async with self._one_at_a_time.turn_of(citizen):
            if await self._answer(citizen, incoming, time.monotonic() - arrived):
                return True, True
            new = await self._store.sessions.append(citizen, incoming.to_document(), now)
            return new, False
