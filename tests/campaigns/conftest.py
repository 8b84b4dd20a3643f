"""Campaigns on a real database, with a clock that the test holds and a channel in memory."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bots.channel import Receipt, Result
from bots.senders import CampaignSender
from campaigns.audience import Audience
from campaigns.campaign import Campaign
from campaigns.runner import Runner
from campaigns.service import Campaigns
from content.hours import Hours
from settings import Settings
from storage.addresses import pseudonym
from storage.store import Store
from tests.world.database import KEY
from tests.world.fake_channel import FakeChannel

MORNING = datetime(2026, 11, 24, 3, tzinfo=UTC)
"""11:00 in Ulaanbaatar, 10:00 in Khovd."""
FORM = {"_id": "clinic-000000000001", "form": "clinic", "titles": {"mn": "Эмнэлэг", "en": "Clinic"}}


class Clock:
    """A clock that starts at a moment of the test's choice, and leaps when told."""

    def __init__(self) -> None:
        self.start = MORNING
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self._began))

    def forward(self, **span: float) -> None:
        """Let time pass at once."""
        self.start += timedelta(**span)

    def set(self, moment: datetime) -> None:
        """It is now `moment`."""
        self.start += moment - self()


class TimedChannel(FakeChannel):
    """Notes when each send came, by the test's clock."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name)
        self.clock = clock
        self.times: list[datetime] = []

    async def send(self, address: str, message: Any, last_inbound: float) -> Receipt:
        self.times.append(self.clock())
        return await super().send(address, message, last_inbound)

    async def check(self) -> list[Any]:
        """Nothing to say."""
        return []


@dataclass
class Desk:
    """All that a campaign's test needs."""

    store: Store
    clock: Clock
    settings: Settings
    campaigns: Campaigns
    runner: Runner
    channels: dict[str, TimedChannel] = field(default_factory=dict)

    async def citizen(
        self,
        address: str,
        channel: str = "telegram",
        seen: timedelta = timedelta(0),
        **profile: Any,
    ) -> str:
        """Somebody who agreed and was last heard `seen` ago."""
        [citizen] = await self._settle([address], channel, seen, profile)
        return citizen

    async def crowd(self, size: int, channel: str = "telegram", **profile: Any) -> list[str]:
        """Many who were last heard a day and a half ago (an hour ago on Messenger)."""
        seen = timedelta(hours=1 if channel == "messenger" else 36)
        return await self._settle([f"{channel}{n}" for n in range(size)], channel, seen, profile)

    async def _settle(
        self, addresses: list[str], channel: str, seen: timedelta, profile: dict[str, Any]
    ) -> list[str]:
        when = self.clock() - seen
        ids = {pseudonym(KEY, channel, address): address for address in addresses}
        database = self.store.database
        await database.addresses.insert_many(
            [{"_id": one, "channel": channel, "address": where} for one, where in ids.items()]
        )
        stopped = bool(profile.get("stopped"))
        state = {"consent": "given", "locale": "mn", "stopped": stopped}
        await database.sessions.insert_many(
            [{"_id": one, "version": 1, "state": state, "last_inbound": when} for one in ids]
        )
        shown = {"consent": "given", "locale": "mn", "place": "1101", "channel": channel}
        await database.citizens.insert_many(
            [{"_id": one, "seen_at": when, **shown, **profile} for one in ids]
        )
        return list(ids)

    async def campaign(self, audience: Audience | None = None, **fields: Any) -> Campaign:
        """A campaign that is approved, with a window of a day from now."""
        now = self.clock()
        hours = fields.pop("hours", Hours(now, now + timedelta(days=1)))
        made = await self.campaigns.create(
            "author",
            title="Эмнэлгийн үнэлгээ",
            form=FORM["_id"],
            audience=audience or Audience(),
            hours=hours,
            **fields,
        )
        await self.store.campaigns.set(made.id, tested_at=now)
        await self.campaigns.test(made.id, "author")
        return await self.campaigns.approve(made.id, "second")

    async def launched(self, audience: Audience | None = None, **fields: Any) -> Campaign:
        """A campaign that is running, with its messages in the outbox."""
        made = await self.campaign(audience, **fields)
        await self.campaigns.start(made.id, "author")
        await self.runner.step()
        return await self.campaigns.get(made.id)

    def sender(self, telegram: float = 30.0, **options: Any) -> CampaignSender:
        """A process's sender; `telegram` is messages a second."""
        rates = {"telegram": telegram, "messenger": 40.0}
        return CampaignSender(self.store, self.channels, rates, self.clock, **options)

    async def until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something that senders bring about; raises TimeoutError if they don't."""
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.01)

    async def pass_time(self, true: Callable[[], bool], **span: float) -> None:
        """Let time leap by `span` whenever nothing is left to send, until something is so."""
        async with asyncio.timeout(60):
            while not true():
                before = self.attempts
                await asyncio.sleep(0.4)
                if self.attempts == before:
                    self.clock.forward(**span)

    @property
    def attempts(self) -> int:
        """How often anything was sent or tried."""
        return sum(len(channel.attempts) for channel in self.channels.values())

    async def statuses(self, push: str) -> Counter[str]:
        """How many of a push's messages are in each status."""
        return Counter(await self.store.outbox.counts(push))

    def total(self, channel: str = "telegram") -> int:
        """How many messages arrived on a channel."""
        return sum(len(each) for each in self.channels[channel].sent.values())


@pytest.fixture
async def desk(store: Store) -> Desk:
    clock = Clock()
    settings = Settings(_env_file=None)
    await store.forms.put(dict(FORM), clock())
    desk = Desk(
        store,
        clock,
        settings,
        Campaigns(store, settings, clock),
        Runner(store, settings, clock),
    )
    for name in ("telegram", "messenger", "web"):
        desk.channels[name] = TimedChannel(name, clock)
    return desk


def refused(_: str, __: Any) -> Receipt:
    """An answer of a channel that takes nothing."""
    return Receipt(Result.REFUSED, reason="no_chat")
