"""A durable inbox as the adapters see it: what they deliver, and media in and out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bots.channel import Full
from conversations.messages import Incoming

JPEG = b"\xff\xd8\xff\xe0 a photo"


@dataclass
class Inbox:
    """Stores by address and event id, once each.

    Fails while `full`, for those in `full_for`, and once for each event in `fail_once`.
    """

    stored: dict[tuple[str, str, str], Incoming] = field(default_factory=dict)
    attempts: int = 0
    full: bool = False
    full_for: set[str] = field(default_factory=set)
    fail_once: set[str] = field(default_factory=set)
    media: dict[str, tuple[bytes, str, str]] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def deliver(self, channel: str, address: str, incoming: Incoming) -> bool:
        self.attempts += 1
        if self.full or address in self.full_for:
            raise Full
        if incoming.id in self.fail_once:
            self.fail_once.remove(incoming.id)
            raise ConnectionError("the database went away")
        key = (channel, address, incoming.id)
        async with self.changed:
            new = key not in self.stored
            self.stored.setdefault(key, incoming)
            self.changed.notify_all()
        return new

    async def store_media(self, data: bytes, mime: str, name: str) -> str:
        identity = f"media{len(self.media) + 1}"
        self.media[identity] = (data, mime, name)
        return identity

    async def fetch_media(self, identity: str) -> tuple[bytes, str, str]:
        return self.media[identity]

    def all(self) -> list[Incoming]:
        return list(self.stored.values())

    def of(self, address: str) -> list[Incoming]:
        return [each for (_, where, _), each in self.stored.items() if where == address]

    async def wait_for(self, count: int, seconds: float = 10) -> list[Incoming]:
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: len(self.stored) >= count)
        return self.all()
