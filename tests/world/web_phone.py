"""A visitor of the web chat, over its real socket."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar


@dataclass(frozen=True)
class Shown:
    """A message of Onoo's on the page."""

    text: str
    payloads: tuple[str, ...]


class WebPhone:
    """One browser; `screen` is what Onoo has said."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.changed = asyncio.Condition()
        self.screen: list[Shown] = []
        self._socket = socket

    async def join(self) -> None:
        """Open the chat for the first time."""
        await self._do(type="join", payload="")

    async def write(self, text: str) -> None:
        """Send a text."""
        await self._do(type="text", text=text)

    async def tap(self, payload: str) -> None:
        """Press a button."""
        await self._do(type="tap", payload=payload)

    async def _do(self, **what: str) -> None:
        await self._socket.send_json({"id": str(uuid.uuid4()), **what})

    async def read(self) -> None:
        """Put on the screen whatever comes, until the socket closes."""
        async for frame in self._socket:
            told = frame.json()
            for entry in told.get("entries", ()):
                if entry["from"] == "onoo":
                    async with self.changed:
                        payloads = tuple(choice["payload"] for choice in entry["choices"])
                        self.screen.append(Shown(entry["text"], payloads))
                        self.changed.notify_all()


@asynccontextmanager
async def web_phone(address: str) -> AsyncIterator[WebPhone]:
    """A new visitor of the chat at `address`."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        async with http.get(address) as page:
            assert page.status == 200
        async with http.ws_connect(f"{address}/chat/ws", headers={"Origin": address}) as socket:
            phone = WebPhone(socket)
            reading = asyncio.create_task(phone.read())
            yield phone
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
