"""The Telegram side for load: posts updates to a webhook and takes what the bot sends.

Only what a load needs, and fast, so that it is the bot that is measured. Delivers again what
was not acknowledged, in order for each chat, as Telegram does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web

from tests.world.emulator import serving

TOKEN = "4400:quick-token"
SECRET = "quick-secret"


@dataclass(frozen=True)
class Shown:
    """One message on a screen: its text, its buttons' payloads, and when it came."""

    text: str
    payloads: tuple[str, ...]
    at: float


@dataclass
class QuickPhone:
    """One citizen's chat."""

    platform: QuickTelegram
    id: int
    screen: list[Shown] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def join(self) -> None:
        """Press Start."""
        await self.write("/start")

    async def write(self, text: str) -> None:
        """Send a text; a command is marked as one, as Telegram does."""
        message = {**self._message(), "text": text}
        if text.startswith("/"):
            length = len(text.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        await self.platform.post({"message": message})

    async def tap(self, payload: str) -> None:
        """Press a button."""
        query = {
            "id": f"{self.id}{next(self.platform.numbers)}",
            "from": self._person(),
            "chat_instance": "1",
            "message": {**self._message(), "text": "…"},
            "data": payload,
        }
        await self.platform.post({"callback_query": query})

    def _person(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": "Бат", "language_code": "mn"}

    def _message(self) -> dict[str, Any]:
        return {
            "message_id": next(self.platform.numbers),
            "date": 1_760_000_000,
            "chat": {"id": self.id, "type": "private", "first_name": "Бат"},
            "from": self._person(),
        }


class QuickTelegram:
    """Chats, a webhook to post to, and how long it took to acknowledge."""

    def __init__(self) -> None:
        self.address = ""
        self.webhook = ""
        self.phones: dict[int, QuickPhone] = {}
        self.numbers = count(1)
        self.updates = count(1)
        self.acknowledged: dict[int, dict[str, Any]] = {}
        self.acknowledged_in: list[float] = []
        self._client: ClientSession | None = None

    def phone(self, identity: int) -> QuickPhone:
        """The chat with this id."""
        return self.phones.setdefault(identity, QuickPhone(self, identity))

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point the bot here."""
        return {
            "telegram_token": TOKEN,
            "telegram_secret": SECRET,
            "telegram_base_url": f"{self.address}/bot",
            "telegram_base_file_url": f"{self.address}/file/bot",
        }

    async def post(self, content: dict[str, Any]) -> None:
        """Deliver an update until it is acknowledged."""
        update = {"update_id": next(self.updates), **content}
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        assert self._client is not None
        began = time.perf_counter()
        while True:
            try:
                async with self._client.post(
                    self.webhook, json=update, headers=headers
                ) as response:
                    if response.status == 200:
                        break
            except (ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)  # the platform's own pause before it delivers again
        self.acknowledged[update["update_id"]] = update
        self.acknowledged_in.append(time.perf_counter() - began)

    async def handle(self, request: web.Request) -> web.Response:
        """A call of the Bot API."""
        if request.match_info["method"] == "getMe":
            me = {"id": 4400, "is_bot": True, "first_name": "Onoo", "username": "OnooTestBot"}
            return web.json_response({"ok": True, "result": me})
        if request.match_info["method"] != "sendMessage":
            return web.json_response({"ok": True, "result": True})
        fields = await request.post()
        chat = int(str(fields["chat_id"]))
        markup = json.loads(str(fields.get("reply_markup") or "{}"))
        rows = markup.get("inline_keyboard", [])
        payloads = tuple(each.get("callback_data", "") for row in rows for each in row)
        phone = self.phone(chat)
        async with phone.changed:
            phone.screen.append(Shown(str(fields["text"]), payloads, time.perf_counter()))
            phone.changed.notify_all()
        result = {
            "message_id": next(self.numbers),
            "date": 1_760_000_000,
            "chat": {"id": chat, "type": "private"},
            "text": "…",
        }
        return web.json_response({"ok": True, "result": result})


@asynccontextmanager
async def quick_telegram() -> AsyncIterator[QuickTelegram]:
    """Runs on a free loopback port."""
    platform = QuickTelegram()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", platform.handle)
    connector = TCPConnector(limit=0)
    async with (
        serving(app) as address,
        ClientSession(timeout=ClientTimeout(total=15), connector=connector) as client,
    ):
        platform.address = address
        platform._client = client
        yield platform
