"""Taking events in: stored durably before a channel may acknowledge them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bots import metrics
from bots.channel import Full
from bots.worker import utc_now
from conversations.messages import Incoming
from storage.store import InboxFull, StorageError, Store


class Inbox:
    """What channels deliver to; `on_new` is told of each citizen with something new."""

    def __init__(
        self,
        store: Store,
        on_new: Callable[[str], None] = lambda _: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._on_new = on_new
        self._clock = clock

    async def deliver(self, channel: str, address: str, incoming: Incoming) -> bool:
        """Store one event; False if it was there before. See `bots.channel.Deliver`."""
        now = self._clock()
        try:
            citizen = await self._store.addresses.register(channel, address, now)
            new = await self._store.sessions.append(citizen, incoming.to_document(), now)
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
            self._on_new(citizen)
        return new
