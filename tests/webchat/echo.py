"""A web chat with a simple bot behind it in place of the engine, all in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bots.channel import Full
from bots.webchat import WebChat
from conversations.messages import Choice, Incoming, Kind, Outgoing
from settings import Settings

Reply = Callable[[Incoming], list[Outgoing]]

SCORES = tuple(Choice(f"{face} {n}", f"score:{n}") for n, face in enumerate("😞🙁😐🙂😀", 1))


class MemoryHistory:
    """The history as `WebHistory` promises it, in memory."""

    def __init__(self) -> None:
        self.entries: dict[str, list[dict[str, Any]]] = {}
        self.last: dict[str, int] = {}
        self.broken = 0

    async def append(self, address: str, entry: dict[str, Any]) -> None:
        if self.broken:
            self.broken -= 1
            raise ConnectionError("the database is away")
        kept = self.entries.setdefault(address, [])
        if any(each["id"] == entry["id"] for each in kept):
            return
        self.last[address] = self.last.get(address, 0) + 1
        kept.append({**entry, "seq": self.last[address]})

    async def read(self, address: str, after: int) -> list[dict[str, Any]]:
        return [entry for entry in self.entries.get(address, []) if entry["seq"] > after]


def echo(incoming: Incoming) -> list[Outgoing]:
    """Answer each kind of event in a way a test can tell."""
    match incoming.kind:
        case Kind.JOIN:
            return [Outgoing(f"Сайн байна уу! {incoming.payload}".strip(), SCORES, columns=5)]
        case Kind.TAP:
            return [Outgoing(f"Та {incoming.payload} гэж хариуллаа.")]
        case Kind.LOCATION:
            return [Outgoing(f"Та энд байна: {incoming.latitude}, {incoming.longitude}")]
        case Kind.ATTACHMENT:
            assert incoming.attachment
            return [Outgoing("Зургийг хүлээн авлаа.", picture=incoming.attachment.media)]
        case _ if incoming.text == "хаана":
            return [Outgoing("Та хаана байна вэ?", wants="location")]
        case _:
            return [Outgoing(f"Хариу: {incoming.text}")]


@dataclass
class Bot:
    """Stores what is delivered once, and answers it as `reply` says.

    The next `full` deliveries find no room; the next `trip` are stored but seem to fail.
    """

    history: MemoryHistory = field(default_factory=MemoryHistory)
    reply: Reply = echo
    delivered: list[Incoming] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    full: int = 0
    trip: int = 0
    silent: bool = False
    media: dict[str, tuple[bytes, str, str]] = field(default_factory=dict)
    channel: WebChat = field(init=False)

    def __post_init__(self) -> None:
        self.channel = self.another_process()

    def another_process(self, settings: Settings | None = None) -> WebChat:
        """One more channel on the same storage, as a second process would have it."""
        return WebChat(
            settings or Settings(_env_file=None),  # type: ignore[call-arg]
            self.deliver,
            self.store_media,
            self.fetch_media,
            self.history,
            poll=0.05,
        )

    async def deliver(self, channel: str, address: str, incoming: Incoming) -> bool:
        assert channel == "web"
        if self.full:
            self.full -= 1
            raise Full
        if self.trip:
            self.trip -= 1
            await self._store(address, incoming)
            raise ConnectionError("the answer of the database got lost")
        return await self._store(address, incoming)

    async def _store(self, address: str, incoming: Incoming) -> bool:
        if any(each.id == incoming.id for each in self.delivered):
            return False
        self.delivered.append(incoming)
        self.addresses.append(address)
        if not self.silent:
            await self.channel.typing(address)
            for message in self.reply(incoming):
                await self.channel.send(address, message, time.time())
        return True

    async def store_media(self, data: bytes, mime: str, name: str) -> str:
        media = f"m{len(self.media)}"
        self.media[media] = (data, mime, name)
        return media

    async def fetch_media(self, media: str) -> tuple[bytes, str, str]:
        return self.media[media]

    async def serve(self, port: int = 0) -> TestServer:
        """A web server with this chat, on a free loopback port unless one is given."""
        app = web.Application()
        self.channel.add_routes(app)
        server = TestServer(app, port=port or None)
        await server.start_server()
        return server

    def texts(self) -> list[str]:
        """What visitors typed, in the order of delivery."""
        return [each.text for each in self.delivered if each.kind is Kind.TEXT]
