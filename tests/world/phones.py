"""Phones on the stand-in platforms, for robot citizens; both deliver until acknowledged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.bots.messenger_events import batch, event, said
from tests.world.emulator import Citizen, EmulatedTelegram, serving
from tests.world.graph import FakeGraph, signature

REDELIVERY = 0.3
"""Seconds a platform waits before it delivers again; the real ones take longer."""


@dataclass(frozen=True)
class Shown:
    """A message on the screen and what can be pressed below it."""

    text: str
    payloads: tuple[str, ...]


class EmulatorPhone:
    """A phone in the Bot API emulator."""

    def __init__(self, citizen: Citizen) -> None:
        self._citizen = citizen
        self.address = citizen.address
        self.sent: list[str] = []
        """The ids of the updates that the emulator took."""

    @property
    def changed(self) -> asyncio.Condition:
        """Notified of every message in the emulator."""
        return self._citizen.emulator.changed

    @property
    def screen(self) -> list[Shown]:
        """What the bot has sent."""
        return [
            Shown(message.text, tuple(payload for _, payload in message.buttons))
            for message in self._citizen.received()
        ]

    async def join(self) -> None:
        """Press Start."""
        await self.write("/start")

    async def write(self, text: str) -> None:
        """Send a text."""
        self.sent.append(str(await self._citizen.write(text)))

    async def tap(self, payload: str) -> None:
        """Press a button."""
        self.sent.append(str(await self._citizen.tap(payload)))


@asynccontextmanager
async def redelivering(telegram: EmulatedTelegram) -> AsyncIterator[None]:
    """The emulator brings again what the webhook did not acknowledge."""

    async def bring_again() -> None:
        while True:
            await asyncio.sleep(REDELIVERY)
            await telegram.emulator.deliver_updates(token=telegram.token)

    task = asyncio.create_task(bring_again())
    try:
        yield
    finally:
        task.cancel()


@dataclass
class MessengerPhone:
    """A phone on the fake Messenger."""

    platform: FakeMessenger
    address: str
    screen: list[Shown] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    sent: list[str] = field(default_factory=list)
    """The message ids that the webhook acknowledged."""

    async def join(self) -> None:
        """Press Get started."""
        mid = self._mid()
        postback = {"title": "Эхлэх", "payload": "get_started", "mid": mid}
        await self.platform.deliver(batch(event(self.address, postback=postback)))
        self.sent.append(mid)

    async def write(self, text: str) -> None:
        """Send a text."""
        mid = self._mid()
        await self.platform.deliver(batch(said(text, mid, self.address)))
        self.sent.append(mid)

    async def tap(self, payload: str) -> None:
        """Press a quick reply."""
        mid = self._mid()
        reply = {"quick_reply": {"payload": payload}}
        await self.platform.deliver(batch(said("…", mid, self.address, **reply)))
        self.sent.append(mid)

    def _mid(self) -> str:
        return f"m_{self.address}_{next(self.platform.numbers)}"


class FakeMessenger(FakeGraph):
    """The fake Graph server together with the phones it serves."""

    def __init__(self) -> None:
        super().__init__()
        self.webhook = ""
        self.numbers = count(1)
        self.phones: dict[str, MessengerPhone] = {}
        self._client: ClientSession | None = None

    def phone(self, address: str) -> MessengerPhone:
        """The phone of this page-scoped id."""
        return self.phones.setdefault(address, MessengerPhone(self, address))

    async def deliver(self, body: dict[str, Any]) -> None:
        """Post to the webhook, signed, until it is acknowledged."""
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **signature(raw)}
        assert self._client is not None
        while True:
            try:
                async with self._client.post(self.webhook, data=raw, headers=headers) as answer:
                    if answer.status == 200:
                        return
            except (ClientError, TimeoutError):
                pass
            await asyncio.sleep(REDELIVERY)

    async def _messages(self, request: web.Request) -> web.Response:
        response = await super()._messages(request)
        body = await request.json()
        if response.status == 200 and "message" in body:
            await self._show(body["recipient"]["id"], body["message"])
        return response

    async def _show(self, address: str, message: dict[str, Any]) -> None:
        replies = message.get("quick_replies", [])
        template = message.get("attachment", {}).get("payload", {})
        buttons = [*replies, *template.get("buttons", [])]
        for card in template.get("elements", []):
            buttons += card.get("buttons", [])
        phone = self.phone(address)
        async with phone.changed:
            payloads = tuple(each["payload"] for each in buttons if "payload" in each)
            phone.screen.append(Shown(message.get("text", template.get("text", "")), payloads))
            phone.changed.notify_all()


@asynccontextmanager
async def fake_messenger() -> AsyncIterator[FakeMessenger]:
    """Runs on a free loopback port."""
    platform = FakeMessenger()
    async with (
        serving(platform.app()) as address,
        ClientSession(timeout=ClientTimeout(total=15)) as client,
    ):
        platform.address = address
        platform._client = client
        yield platform
