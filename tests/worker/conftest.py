"""A worker on a real database, with a channel and a clock that the test holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bots.facts import Facts
from bots.inbox import Inbox
from bots.worker import Worker
from conversations.facts import Known, KnownAboutMe, OpenInvitation, OpenSurveys, Understand
from conversations.messages import Incoming, Kind
from nlu.understanding import Understanding
from storage.store import Store
from tests.world.fake_channel import FakeChannel


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class World:
    """All that a worker's test needs."""

    store: Store
    channel: FakeChannel
    clock: Clock
    facts: Facts
    worker: Worker
    inbox: Inbox
    numbers: count[int]

    async def hear(self, address: str, text: str = "", payload: str = "", **more: Any) -> bool:
        """The citizen at `address` writes `text` or presses `payload`."""
        kind = more.pop("kind", Kind.TAP if payload else Kind.TEXT)
        name = more.pop("id", str(next(self.numbers)))
        incoming = Incoming(name, kind, self.clock(), text=text, payload=payload, **more)
        return await self.inbox.deliver(self.channel.name, address, incoming)

    async def citizen(self, address: str) -> str:
        """The pseudonym of `address`."""
        return await self.store.addresses.register(self.channel.name, address, self.clock())

    async def idle(self, address: str) -> None:
        """Attend to the citizen until nothing is left that can be done now."""
        await self.worker.attend(await self.citizen(address))

    def texts(self, address: str) -> list[str]:
        """What the citizen has on the screen."""
        return [message.text for message in self.channel.sent[address]]


def plain_facts() -> Facts:
    """Facts with no survey and no understanding."""

    async def no_surveys(_: OpenSurveys, __: str) -> tuple[()]:
        return ()

    async def no_invitation(_: OpenInvitation, __: str) -> str:
        return ""

    async def nothing_known(_: KnownAboutMe, __: str) -> Known:
        return Known()

    async def not_understood(_: Understand, __: str) -> Understanding:
        return Understanding("out_of_scope", 0.9)

    facts = Facts()
    facts.register(OpenSurveys, no_surveys)
    facts.register(OpenInvitation, no_invitation)
    facts.register(KnownAboutMe, nothing_known)
    facts.register(Understand, not_understood)
    return facts


@pytest.fixture
def world(store: Store) -> World:
    channel, clock, facts = FakeChannel(), Clock(), plain_facts()
    worker = Worker(store, {channel.name: channel}, facts, clock)
    return World(store, channel, clock, facts, worker, Inbox(store, clock=clock), count(1))
