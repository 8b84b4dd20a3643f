"""A channel's campaign lane as one process sees it: whether it holds it, and what is in hand."""

from __future__ import annotations

import asyncio
import heapq
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol

from bots import metrics
from bots.channel import Channel, Receipt
from bots.window import SECOND, Monotonic, Window
from conversations.messages import Outgoing
from storage.pacing import LEASE, Look
from storage.store import Document

MARGIN = 0.5
"""So many seconds before its lease ends a holder stops: clocks and processes may lag."""


@dataclass
class Batch:
    """A batch in hand: `left` messages are not dealt with; `lost` if it is in hand no more.

    `due` is what was stored when it was taken: whoever finds another value leaves it alone.
    """

    id: str
    due: datetime
    at: datetime
    span: float
    size: int
    left: int = 0
    lost: bool = False

    def offset(self, number: int) -> timedelta:
        """How long after its batch's start the message of this number is due."""
        return timedelta(seconds=self.span * number / max(1, self.size))


@dataclass(order=True)
class Item:
    """One message, in the order of the moments at which it is due."""

    due: datetime
    order: int
    message: Document = field(compare=False)
    batch: Batch = field(compare=False)
    parts: int = field(default=1, compare=False)
    """As how many messages the platform gets it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Messages whose turn comes next, and their citizens as `Sessions.contacts` tells them."""

    items: list[Item]
    contacts: dict[str, dict[str, Any]]


class UtilityChannel(Protocol):
    """A channel that can write at any time by an approved template."""

    async def send_utility(
        self, address: str, language: str, components: list[dict[str, Any]]
    ) -> Receipt:
        """Send the configured template in `language`."""
        ...


class Lane:
    """One channel's lane: the hold on it, its window, and the messages in hand."""

    def __init__(
        self,
        name: str,
        channel: Channel,
        rate: float,
        monotonic: Monotonic = time.monotonic,
        *,
        template: bool = False,
    ) -> None:
        self.name = name
        self.channel = channel
        self.template = template and hasattr(channel, "send_utility")
        self.window = Window(rate, monotonic)
        self.batches: dict[str, Batch] = {}
        self.going: set[asyncio.Task[None]] = set()
        self.coming = 0
        """Parts of messages that are about to start: they go to sending, and wait for room."""
        self.look_again = datetime.min.replace(tzinfo=UTC)
        self._items: list[Item] = []
        self._order = count()
        self._monotonic = monotonic
        self._held_until = self._begins = float("-inf")
        self._paused_until = self.look_again
        self._others = 0
        self._replies = self._replied()

    def parts(self, message: Outgoing) -> int:
        """As how many messages the channel sends it, one where it doesn't say."""
        count = getattr(self.channel, "parts", None)
        return int(count(message)) if count else 1

    # -- the hold -----------------------------------------------------------------------

    @property
    def held(self) -> bool:
        """Whether this process alone may send here."""
        return self._monotonic() < self._held_until

    def note(self, look: Look, began: float) -> None:
        """What was found when the lane was looked at; `began` is when that was asked."""
        self.pause(look.paused_until)
        if not look.mine:
            self._held_until = float("-inf")
            return
        if not self.held:
            # Whoever held it before may have sent a moment ago.
            self._begins = self._monotonic() + SECOND
            self._others = look.replies
        self.window.others = max(0, look.replies - self._others)
        self._others = look.replies
        self._held_until = began + LEASE.total_seconds() - MARGIN

    def pause(self, until: datetime | None) -> None:
        """The platform wants nothing before `until`."""
        if until is not None:
            self._paused_until = max(self._paused_until, until)

    def may_send(self, now: datetime) -> bool:
        """Whether a send may start, if the window has room."""
        return self.held and self._monotonic() >= self._begins and now >= self._paused_until

    # -- what is in hand ----------------------------------------------------------------

    def add(self, message: Document, batch: Batch, due: datetime) -> None:
        """Take a message in hand, for `due`."""
        heapq.heappush(self._items, Item(due, next(self._order), message, batch))

    def put_back(self, items: list[Item]) -> None:
        """Keep for later what was taken by `take_due`."""
        for item in items:
            if not item.batch.lost:
                heapq.heappush(self._items, item)

    def lose(self, batch: Batch) -> None:
        """This batch is no more in hand: its messages are left alone."""
        batch.lost = True
        self.batches.pop(batch.id, None)
        self._items = [item for item in self._items if item.batch is not batch]
        heapq.heapify(self._items)

    def let_go(self) -> None:
        """Nothing is in hand any more."""
        for batch in self.batches.values():
            batch.lost = True
        self.batches.clear()
        self._items.clear()

    def ready(self, now: datetime, enough: int) -> int:
        """How many messages are due, up to `enough`."""
        return sum(1 for item in heapq.nsmallest(enough, self._items) if item.due <= now)

    def take_due(self, now: datetime, most: int) -> list[Item]:
        """Up to `most` messages that are due, the longest due first."""
        taken: list[Item] = []
        while self._items and self._items[0].due <= now and len(taken) < most:
            taken.append(heapq.heappop(self._items))
        return taken

    # -- replies ------------------------------------------------------------------------

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
