"""Both platforms, which take the campaign's messages with faults, and replies without."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.world.quick_telegram import QuickTelegram

RATES = {"telegram": 30, "messenger": 15}
PAGE_PAUSE = 60.0
"""Seconds for which the page is backed off where Graph does not say how long."""
RETRY_AFTER = 3.0


@dataclass
class Arrivals:
    """What reached a platform of the campaign, and when: seconds of the machine's clock that
    only ever moves forward.
    """

    times: list[float] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    """From when until when it asked everyone to wait."""

    def note(self, address: str, answer: str, pause: float = 0.0) -> None:
        """One request came, and was answered so."""
        now = time.monotonic()
        self.times.append(now)
        self.answered[answer] += 1
        self.first.setdefault(address, now)
        if answer in ("ok", "silence"):
            self.taken[address] += 1
        if pause:
            self.pauses.append((now, now + pause))


class Platforms(QuickTelegram):
    """Both platforms; citizens chat on the Telegram side."""

    def __init__(self) -> None:
        super().__init__()
        self.campaign = {"telegram": Arrivals(), "messenger": Arrivals()}
        self.replies: list[float] = []
        self.tried: defaultdict[str, int] = defaultdict(int)

    async def handle(self, request: web.Request) -> web.Response:
        """A call of the Bot API: the campaign's messages may fail, replies don't."""
        if request.match_info["method"] != "sendMessage":
            return await super().handle(request)
        fields = await request.post()
        if "inv:go:" not in str(fields.get("reply_markup", "")):
            self.replies.append(time.monotonic())
            return await super().handle(request)
        return await self._invited(str(fields["chat_id"]))

    async def _invited(self, chat: str) -> web.Response:
        number, arrivals = int(chat), self.campaign["telegram"]
        self.tried[chat] += 1
        if number % 100 == 1:
            arrivals.note(chat, "403")
            return _telegram(403, "Forbidden: bot was blocked by the user")
        if number % 100 == 2 and self.tried[chat] == 1:
            arrivals.note(chat, "502")
            return web.Response(status=502, body=b"<html>")
        if number % 400 == 3:
            arrivals.note(chat, "silence")
            await asyncio.sleep(40)
            return _telegram(500, "too late")
        if number % 2500 == 4 and self.tried[chat] == 1:
            arrivals.note(chat, "429", RETRY_AFTER)
            waits = {"retry_after": int(RETRY_AFTER)}
            return _telegram(429, "Too Many Requests: retry after 3", waits)
        arrivals.note(chat, "ok")
        where = {"id": number, "type": "private"}
        result = {"message_id": next(self.numbers), "date": 1, "chat": where, "text": "…"}
        return web.json_response({"ok": True, "result": result})

    async def graph(self, request: web.Request) -> web.Response:
        """A call of the Send API."""
        body = await request.json()
        if "message" not in body:
            return web.json_response({"result": "success"})
        person = body["recipient"]["id"]
        number, arrivals = int(person), self.campaign["messenger"]
        self.tried[person] += 1
        faults = {1: (551, 1545041), 2: (10, 2018278), 3: (100, 2018001)}
        if number % 100 in faults:
            code, subcode = faults[number % 100]
            arrivals.note(person, f"{code}/{subcode}")
            return _graph(code, subcode)
        if number % 100 == 4 and self.tried[person] == 1:
            arrivals.note(person, "2")
            return _graph(2, 0)
        if number % 2000 == 5 and self.tried[person] == 1:
            arrivals.note(person, "613", PAGE_PAUSE)
            return _graph(613, 0, {"X-Business-Use-Case-Usage": "{}"})
        if number % 400 == 6:
            arrivals.note(person, "silence")
            if request.transport is not None:
                request.transport.abort()
            return _graph(1, 0)
        arrivals.note(person, "ok")
        return web.json_response({"recipient_id": person, "message_id": f"m{person}"})


def _telegram(code: int, words: str, parameters: dict[str, Any] | None = None) -> web.Response:
    body = {"ok": False, "error_code": code, "description": words}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=code)


def _graph(code: int, subcode: int, headers: dict[str, str] | None = None) -> web.Response:
    error = {"message": f"(#{code})", "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    return web.json_response({"error": error}, status=400, headers=headers)
