"""A visitor of the web chat: a browser's cookies, its socket and its uploads."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    CookieJar,
)
from aiohttp.test_utils import TestServer


class Visitor:
    """A browser's part of the protocol, by hand."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.http = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.origin = str(server.make_url("/")).rstrip("/")

    async def open(self) -> None:
        async with self.http.get(self.server.make_url("/")) as response:
            assert response.status == 200

    async def connect(self, after: int = 0, **headers: str) -> ClientWebSocketResponse:
        return await self.http.ws_connect(
            self.server.make_url(f"/chat/ws?after={after}"),
            headers={"Origin": self.origin, **headers},
        )

    async def upload(
        self, data: bytes, name: str = "a.png", event: str = "", **headers: str
    ) -> Any:
        async with self.http.post(
            self.server.make_url("/chat/upload"),
            data=data,
            headers={
                "Origin": self.origin,
                "X-Event-Id": event or str(uuid.uuid4()),
                "X-File-Name": name,
                **headers,
            },
        ) as response:
            return response.status, await response.json()


@asynccontextmanager
async def visiting(server: TestServer) -> AsyncIterator[Visitor]:
    visitor = Visitor(server)
    try:
        await visitor.open()
        yield visitor
    finally:
        await visitor.http.close()


def typed(words: str, event: str = "") -> dict[str, str]:
    return {"type": "text", "id": event or str(uuid.uuid4()), "text": words}


async def until(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of `kind`, passing over others."""
    while True:
        frame: dict[str, Any] = await socket.receive_json(timeout=5)
        if frame["type"] == kind:
            return frame


async def entries_until(socket: ClientWebSocketResponse, words: str) -> list[dict[str, Any]]:
    """All entries up to the one that says `words`."""
    seen: list[dict[str, Any]] = []
    while not any(entry.get("text") == words for entry in seen):
        seen += (await until(socket, "entries"))["entries"]
    return seen


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
