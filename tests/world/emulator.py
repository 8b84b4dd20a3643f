"""The Telegram side of the tests: lo-bot-api-emulator with citizens who write and tap.

The emulator's own journal holds no texts, so this one also remembers what each chat got.
It runs in the test's event loop on a free loopback port; the bot may be in any process.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator

TOKEN = "4200:emulated-token"
_MEDIA = ("photo", "document")
_FIELDS: web.RequestKey[dict[str, Any]] = web.RequestKey("fields", dict)


@dataclass(frozen=True)
class Received:
    """One message as it stands on the citizen's screen."""

    message_id: int
    text: str
    buttons: tuple[tuple[str, str], ...] = ()  # (label, payload) of the inline keyboard
    rows: tuple[int, ...] = ()  # how many buttons stand side by side, row by row
    keyboard: tuple[str, ...] = ()  # labels of the reply keyboard
    removes_keyboard: bool = False
    media: str = ""  # "photo" or "document"


class RecordingEmulator(LoBotApiEmulator):
    """The emulator, remembering the messages it accepted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(enable_control=True, allow_insecure_loopback_webhooks=True, **options)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.chats: dict[int, list[Received]] = {}
        self.changed = asyncio.Condition()
        self.refuses = 0
        """The status with which everything that is sent is refused, while it is set."""

    async def read_request(self, request: web.Request) -> tuple[dict[str, Any], dict[str, Any]]:
        fields, uploads = await super().read_request(request)
        request[_FIELDS] = dict(fields)
        return fields, uploads

    async def handle(self, request: web.Request) -> web.Response:
        if self.refuses and request.match_info["method"].startswith("send"):
            return _refusal(self.refuses)
        response: web.Response = await super().handle(request)
        method, fields = request.match_info["method"], request.get(_FIELDS, {})
        if response.status == 200 and method != "getUpdates":
            async with self.changed:
                self.calls.append((method, fields))
                if method.startswith("send") and method != "sendChatAction":
                    answer = json.loads(response.body)["result"]  # type: ignore[arg-type]
                    received = _received(fields, answer)
                    self.chats.setdefault(int(fields["chat_id"]), []).append(received)
                self.changed.notify_all()
        return response

    async def wait_for_call(self, method: str, seconds: float = 10) -> dict[str, Any]:
        """The fields of the latest call of `method`, waiting for the first one."""

        def made() -> list[dict[str, Any]]:
            return [fields for name, fields in self.calls if name == method]

        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(made)
        return made()[-1]


def _refusal(status: int) -> web.Response:
    if status != 429:
        return web.Response(status=status, text="<html>", content_type="text/html")
    words = "Too Many Requests: retry after 3"
    body = {"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": 3}}
    return web.json_response(body, status=429)


def _received(fields: dict[str, Any], answer: dict[str, Any]) -> Received:
    markup = fields.get("reply_markup") or "{}"
    markup = json.loads(markup) if isinstance(markup, str) else markup
    rows = markup.get("inline_keyboard", [])
    return Received(
        message_id=answer["message_id"],
        text=fields.get("text") or fields.get("caption") or "",
        buttons=tuple(
            (each["text"], each.get("callback_data", "")) for row in rows for each in row
        ),
        rows=tuple(len(row) for row in rows),
        keyboard=tuple(each["text"] for row in markup.get("keyboard", []) for each in row),
        removes_keyboard=markup.get("remove_keyboard", False),
        media=next((kind for kind in _MEDIA if kind in answer), ""),
    )


@dataclass
class Citizen:
    """Somebody with Telegram on their phone."""

    emulator: RecordingEmulator
    id: int
    language: str = "mn"
    token: str = TOKEN
    _messages: int = field(default=1000)

    @property
    def address(self) -> str:
        return str(self.id)

    def received(self) -> list[Received]:
        """All the bot has sent so far, oldest first."""
        return list(self.emulator.chats.get(self.id, ()))

    async def wait_for(self, count: int, seconds: float = 10) -> list[Received]:
        """What was received, once that is at least `count` messages."""
        async with asyncio.timeout(seconds), self.emulator.changed:
            await self.emulator.changed.wait_for(lambda: len(self.received()) >= count)
        return self.received()

    async def write(self, text: str) -> int:
        """Send a text; returns the update's id."""
        return await self.send(text=text)

    async def share_location(self, latitude: float, longitude: float) -> int:
        """Send a place; returns the update's id."""
        return await self.send(location={"latitude": latitude, "longitude": longitude})

    async def tap(self, payload: str, message_id: int = 1) -> int:
        """Press the button with `payload`; returns the update's id."""
        query = {
            "id": f"{self.id}{self._next()}",
            "from": self._person(),
            "chat_instance": "1",
            "message": {"message_id": message_id, "date": 1, "chat": self._chat(), "text": "…"},
            "data": payload,
        }
        return await self._enqueue({"callback_query": query})

    async def send(self, **content: Any) -> int:
        """Send a message of any content; returns the update's id."""
        message = {
            "message_id": self._next(),
            "date": 1_760_000_000,
            "chat": self._chat(),
            "from": self._person(),
            **content,
        }
        return await self._enqueue({"message": message})

    async def _enqueue(self, update: dict[str, Any]) -> int:
        identity: int = await self.emulator.enqueue_update(update, token=self.token)
        return identity

    def _next(self) -> int:
        self._messages += 1
        return self._messages

    def _chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": "Бат"}

    def _person(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": "Бат",
            "language_code": self.language,
        }


@dataclass
class EmulatedTelegram:
    """A running emulator and where it is."""

    emulator: RecordingEmulator
    address: str
    token: str = TOKEN

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point the bot here."""
        return {
            "telegram_token": self.token,
            "telegram_base_url": f"{self.address}/bot",
            "telegram_base_file_url": f"{self.address}/file/bot",
        }

    def citizen(self, identity: int, language: str = "mn") -> Citizen:
        return Citizen(self.emulator, identity, language, self.token)


@asynccontextmanager
async def emulated_telegram(**options: Any) -> AsyncIterator[EmulatedTelegram]:
    """Runs the emulator on a free loopback port; `options` are LoBotApiEmulator's."""
    emulator = RecordingEmulator(**options)
    async with serving(emulator.app()) as address:
        yield EmulatedTelegram(emulator, address)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serves `app` on a free loopback port and gives its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
