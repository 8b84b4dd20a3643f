"""A channel's campaign messages in the hands of one process."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol

from bots import metrics
from bots.channel import Channel, Receipt
from storage.store import Document


@dataclass
class Batch:
    """A batch in hand: `left` messages are not dealt with; `lost` if another took it."""

    id: str
    left: int
    renewed: datetime
    lost: bool = False


@dataclass(order=True)
class Item:
    """One message, in the order of the moments at which it is due."""

    due: datetime
    order: int
    message: Document = field(compare=False)
    batch: Batch = field(compare=False)


class UtilityChannel(Protocol):
    """A channel that can write at any time by an approved template."""

    async def send_utility(
        self, address: str, language: str, components: list[dict[str, Any]]
    ) -> Receipt:
        """Send the configured template in `language`."""
        ...


class Lane:
    """One channel's messages in hand."""

    def __init__(self, name: str, channel: Channel, *, template: bool) -> None:
        self.name = name
        self.channel = channel
        self.template = template and hasattr(channel, "send_utility")
        self.items: list[Item] = []
        self.batches: dict[str, Batch] = {}
        self.going: set[asyncio.Task[None]] = set()
        self.flying: set[str] = set()
        self.look_again = datetime.min.replace(tzinfo=UTC)
        self._order = count()
        self._replies = self._replied()

    def add(self, message: Document, batch: Batch, due: datetime) -> None:
        """Take a message in hand, for `due`."""
        heapq.heappush(self.items, Item(due, next(self._order), message, batch))

    def lose(self, batch: Batch) -> None:
        """This batch is no more ours: its messages are left alone."""
        batch.lost = True
        self.batches.pop(batch.id, None)

    def ready(self, now: datetime, enough: int) -> int:
        """How many messages are due, up to `enough`."""
        self.items = [item for item in self.items if not item.batch.lost]
        heapq.heapify(self.items)
        return sum(1 for item in heapq.nsmallest(enough, self.items) if item.due <= now)

    def replies_since(self) -> int:
        """How many replies this process sent on this channel since the last call."""
        before, self._replies = self._replies, self._replied()
        return int(self._replies - before)

    def _replied(self) -> float:
        return sum(
            sample.value
            for metric in metrics.SENDS.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
            and sample.labels["channel"] == self.name
            and sample.labels["lane"] == "reply"
        )
