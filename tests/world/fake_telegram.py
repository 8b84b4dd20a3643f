"""A small Bot API that answers with Telegram's documented errors, which no emulator injects.

Bodies as described at https://core.telegram.org/bots/api#making-requests and
https://core.telegram.org/bots/api#responseparameters.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.world.emulator import serving

TOKEN = "4300:fake-token"


@dataclass(frozen=True)
class Fault:
    """An answer other than success; `drop` closes the connection without any answer."""

    status: int = 200
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    drop: bool = False


BLOCKED = Fault(403, "Forbidden: bot was blocked by the user")
DEACTIVATED = Fault(403, "Forbidden: user is deactivated")
NOT_FOUND = Fault(400, "Bad Request: chat not found")
NOT_MODIFIED = Fault(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message",
)
STALE_QUERY = Fault(
    400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
)
UNAUTHORIZED = Fault(401, "Unauthorized")
CONFLICT = Fault(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running",
)
TOO_LARGE = Fault(413, "Request Entity Too Large")
BAD_GATEWAY = Fault(502, raw=b"<html><h1>502 Bad Gateway</h1></html>")
GARBLED = Fault(200, raw=b"<html>ok?</html>")
DROPPED = Fault(drop=True)
FINE = Fault()


def too_many(retry_after: int) -> Fault:
    """429 with the seconds to wait."""
    description = f"Too Many Requests: retry after {retry_after}"
    return Fault(429, description, {"retry_after": retry_after})


def migrated(chat: int) -> Fault:
    """The group became a supergroup with another id."""
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return Fault(400, description, {"migrate_to_chat_id": chat})


class FakeTelegram:
    """Records calls, and fails the next ones as told."""

    def __init__(self) -> None:
        self.address = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.updates: list[Any] = []
        self.offsets: list[int] = []
        self.webhook: dict[str, Any] = {}
        self.commands: list[dict[str, str]] = []
        self.groups = {"can_join_groups": False, "can_read_all_group_messages": False}
        self.changed = asyncio.Condition()
        self._faults: dict[tuple[str, str], list[Fault]] = {}
        self._message_id = 0

    def fail(self, method: str, *faults: Fault, chat: int | str = "") -> None:
        """The next calls of `method` (only to `chat`, where given) end in `faults`, in turn."""
        self._faults.setdefault((method, str(chat)), []).extend(faults)

    def fail_after(self, method: str, successes: int, *faults: Fault) -> None:
        """As `fail`, but `successes` calls go well before."""
        self._faults.setdefault((method, ""), []).extend([FINE] * successes + list(faults))

    def made(self, method: str) -> list[dict[str, Any]]:
        """The fields of every call of `method` so far."""
        return [fields for name, fields in self.calls if name == method]

    async def wait_for(self, method: str, count: int = 1, seconds: float = 10) -> None:
        """Wait until `method` was called `count` times."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: len(self.made(method)) >= count)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        return app

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point the bot here."""
        return {
            "telegram_token": TOKEN,
            "telegram_base_url": f"{self.address}/bot",
            "telegram_base_file_url": f"{self.address}/file/bot",
        }

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fields = dict(await request.post())
        async with self.changed:
            self.calls.append((method, fields))
            self.changed.notify_all()
        if request.match_info["token"] != TOKEN:
            return _answer(UNAUTHORIZED)
        chat = str(fields.get("chat_id", ""))
        for key in ((method, chat), (method, "")):
            if pending := self._faults.get(key):
                fault = pending.pop(0)
                if fault is FINE:
                    break
                if fault.drop and request.transport is not None:
                    request.transport.abort()
                return _answer(fault)
        result = await self._result(method, fields)
        return web.json_response({"ok": True, "result": result})

    async def _result(self, method: str, fields: dict[str, Any]) -> Any:
        if method == "getMe":
            me = {"id": 1, "is_bot": True, "first_name": "Оноо", "username": "onoo_test_bot"}
            return {**me, **self.groups}
        if method == "getUpdates":
            return await self._get_updates(int(fields.get("offset", 0)))
        if method == "setWebhook":
            self.webhook = fields
            return True
        if method == "setMyCommands" and "language_code" not in fields:
            self.commands = json.loads(fields["commands"])
            return True
        if method == "getMyCommands":
            return self.commands
        if method == "getWebhookInfo":
            allowed = json.loads(self.webhook.get("allowed_updates", "[]"))
            return {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": 0,
                "allowed_updates": allowed,
            }
        if method == "getFile":
            return {"file_id": fields["file_id"], "file_unique_id": "u", "file_path": "f/1"}
        if method in ("sendMessage", "sendPhoto", "sendDocument"):
            self._message_id += 1
            chat = {"id": int(fields["chat_id"]), "type": "private"}
            return {"message_id": self._message_id, "date": 1, "chat": chat}
        return True

    async def _get_updates(self, offset: int) -> list[Any]:
        self.offsets.append(offset)
        pending = [
            update
            for update in self.updates
            if not isinstance(update, dict) or update.get("update_id", offset) >= offset
        ]
        if not pending:
            await asyncio.sleep(0.02)  # a short long poll, so that the poller doesn't spin
        return pending

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=b"\xff\xd8\xff\xe0 a photo")


def _answer(fault: Fault) -> web.Response:
    if fault.raw is not None:
        return web.Response(status=fault.status, body=fault.raw, content_type="text/html")
    body = {"ok": False, "error_code": fault.status, "description": fault.description}
    if fault.parameters:
        body["parameters"] = fault.parameters
    return web.json_response(body, status=fault.status)


@asynccontextmanager
async def fake_telegram() -> AsyncIterator[FakeTelegram]:
    """Runs the fake on a free loopback port."""
    fake = FakeTelegram()
    async with serving(fake.app()) as address:
        fake.address = address
        yield fake
