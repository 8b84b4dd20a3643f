"""The web chat: a page on our own site, for those with neither Telegram nor Messenger.

Everything said is kept in a `WebHistory` before anything else happens; open pages are fed
from there alone. So a reload, a second tab, a lost connection and a server that runs in
several processes all come to the same: read on from where you were.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import WSMsgType, web

from bots.channel import Deliver, FetchMedia, Finding, Full, Receipt, Result, StoreMedia
from bots.proxies import client_address
from bots.web import frames, page
from bots.web.allowance import Allowance
from bots.web.crowd import Crowd
from bots.web.files import Files
from bots.web.frames import BadFrame, Entry, error
from bots.web.history import WebHistory
from bots.web.visitors import Visitors, language
from conversations.messages import Incoming, Outgoing
from locales import LOCALES
from settings import Settings

log = structlog.get_logger(__name__)

HEARTBEAT = 25.0
"""Seconds between pings: below the idle limit of common proxies (60 s)."""
MAX_TABS = 8
SLOWEST_POLL = 8.0
SEND_TRIES = 3
NO_COOKIE = 4001
"""WebSocket close code: the browser keeps no cookie, so nobody knows who this is."""


@dataclass(eq=False)
class Tab:
    """One open page: its socket, and how far it has read."""

    socket: web.WebSocketResponse
    read_to: int
    news: asyncio.Event = field(default_factory=asyncio.Event)


class WebChat:
    """The channel "web"; see `bots.channel.Channel`.

    `poll` is how soon (seconds) a page looks for what other processes said; while nothing
    happens it looks less and less often, down to every `SLOWEST_POLL` seconds.
    """

    name = "web"

    def __init__(
        self,
        settings: Settings,
        deliver: Deliver,
        store_media: StoreMedia,
        fetch_media: FetchMedia,
        history: WebHistory,
        *,
        poll: float = 0.25,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._deliver = deliver
        self._history = history
        self._poll = poll
        self._now = now
        self._visitors = Visitors(settings.public_url)
        self._tabs: defaultdict[str, set[Tab]] = defaultdict(set)
        self._frames = Allowance(burst=30, per_second=2)
        self._trusted = settings.trusted_proxies
        self._crowd = Crowd(settings.web_pages_per_address, settings.web_visitors_per_address)
        self._files = Files(
            self._visitors, history, store_media, fetch_media, self._keep, self._wait, now
        )
        self._unsure: dict[tuple[str, Outgoing], str] = {}

    # -- the channel ------------------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        """Serve the page at `/` and everything it needs below `/chat`."""
        app.router.add_get("/", self._page)
        app.router.add_get(page.PREFIX + "/{version}/{name}", self._asset)
        app.router.add_get("/chat/ws", self._socket)
        app.router.add_post("/chat/upload", self._files.upload)
        app.router.add_get("/chat/media/{media}", self._files.serve)

    async def start(self, *, intake: bool = True) -> None:
        """Nothing to connect to: visitors come to us."""

    async def stop(self) -> None:
        """Close all pages' sockets; they come back by themselves."""
        tabs = [tab for tabs in self._tabs.values() for tab in tabs]
        closing = (tab.socket.close(code=1001, message=b"restarting") for tab in tabs)
        await asyncio.gather(*closing, return_exceptions=True)

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        """Keep `message` in the visitor's history and wake their open pages."""
        # After a failed write it is unknown whether it took: the same id makes it once.
        identity = self._unsure.pop((address, message), "") or uuid.uuid4().hex
        entry = frames.said(message, identity, self._now())
        for attempt in range(SEND_TRIES):
            try:
                await self._history.append(address, entry)
            except Exception as fault:
                log.warning("web.history", fault=type(fault).__name__, attempt=attempt)
                await asyncio.sleep(0.05 * 2**attempt)
            else:
                self._wake(address)
                return Receipt(Result.SENT, identity)
        if len(self._unsure) < 10_000:
            self._unsure[address, message] = identity
        return Receipt(Result.RETRY, delay=1.0, reason="history")

    async def forget(self, address: str) -> None:
        """Drop the history; open pages empty themselves."""
        await self._history.erase(address)
        await self._history.append(address, frames.cleared(uuid.uuid4().hex, self._now()))
        self._wake(address)

    async def check(self) -> list[Finding]:
        """The page needs nothing from outside."""
        return []

    async def typing(self, address: str) -> None:
        """Show on the pages open in this process that an answer is coming."""
        for tab in tuple(self._tabs.get(address, ())):
            with suppress(Exception):
                await tab.socket.send_str('{"type":"typing"}')

    # -- the page ---------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        chosen = request.cookies.get("onoo-language", "")
        response = web.Response(
            text=page.html(chosen if chosen in LOCALES else "mn"), content_type="text/html"
        )
        page.guard(response, request.host, self._visitors.encrypted(request))
        self._visitors.remember(request, response)
        response.enable_compression()
        return response

    async def _asset(self, request: web.Request) -> web.Response:
        return page.asset(request)

    # -- the socket -------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if not self._visitors.ours(request):
            raise web.HTTPForbidden(text="The chat can be used from its own page only.")
        address = self._visitors.address(request)
        if len(self._tabs.get(address, ())) >= MAX_TABS:
            raise web.HTTPTooManyRequests(text="Too many chat pages are open in this browser.")
        network = client_address(request, self._trusted)
        if self._crowd.full(network):
            raise web.HTTPTooManyRequests(text="Too many chat pages are open from your network.")
        if address and (wait := await self._wait(request, address)):
            raise web.HTTPTooManyRequests(
                text="Too many new visitors come from your network.",
                headers={"Retry-After": str(int(wait) + 1)},
            )
        with self._crowd.page(network):
            return await self._open(request, address)

    async def _wait(self, request: web.Request, address: str) -> float:
        """How many seconds a new visitor must wait; 0.0 for one who was here before."""
        try:
            if address in self._tabs or await self._history.read(address, 0):
                return 0.0
        except Exception as fault:
            # Nothing can be kept now, whoever comes.
            log.warning("web.history", fault=type(fault).__name__)
            return 0.0
        return self._crowd.newcomer(client_address(request, self._trusted))

    async def _open(self, request: web.Request, address: str) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=frames.MAX_FRAME)
        await socket.prepare(request)
        if not address:
            await socket.close(code=NO_COOKIE, message=b"no cookie")
            return socket
        tab = Tab(socket, _number(request.query.get("after", "")))
        self._tabs[address].add(tab)
        feeding = asyncio.create_task(self._feed(address, tab))
        try:
            await self._listen(address, tab, language(request))
        finally:
            self._tabs[address].discard(tab)
            if not self._tabs[address]:
                del self._tabs[address]
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
        return socket

    async def _listen(self, address: str, tab: Tab, locale: str) -> None:
        async for frame in tab.socket:
            if frame.type is WSMsgType.TEXT:
                answer = await self.receive(address, frame.data, locale)
            else:
                answer = error("malformed", detail="frame: must be text, not binary")
            tab.news.set()
            with suppress(ConnectionError):
                await tab.socket.send_str(json.dumps(answer))

    async def _feed(self, address: str, tab: Tab) -> None:
        """Send `tab` what is in the history: first all it lacks, then whatever comes."""
        replay, pause = True, self._poll
        while not tab.socket.closed:
            tab.news.clear()
            try:
                entries = await self._history.read(address, tab.read_to)
            except Exception as fault:
                log.warning("web.history", fault=type(fault).__name__)
            else:
                if entries or replay:
                    await self._show(tab, entries, replay)
                    replay, pause = False, self._poll
            try:
                await asyncio.wait_for(tab.news.wait(), pause)
                pause = self._poll
            except TimeoutError:
                pause = slower(pause)

    @staticmethod
    async def _show(tab: Tab, entries: list[Entry], replay: bool) -> None:
        frame = {"type": "entries", "replay": replay, "entries": entries}
        await tab.socket.send_str(json.dumps(frame, ensure_ascii=False))
        if entries:
            tab.read_to = max(tab.read_to, entries[-1]["seq"])

    def _wake(self, address: str) -> None:
        for tab in self._tabs.get(address, ()):
            tab.news.set()

    # -- what visitors do -------------------------------------------------------------------

    async def receive(self, address: str, raw: str, locale: str = "") -> dict[str, Any]:
        """Take in one frame from a page; returns the `ack` or `error` frame that answers it."""
        if wait := self._frames.take(address):
            return error("slow", after=wait, retry=True)
        try:
            frame = frames.parse(raw)
        except BadFrame as fault:
            return error(fault.code, detail=str(fault))
        at = self._now()
        kept = await self._keep(address, frame.incoming(at, locale), frames.did(frame, at))
        return {"type": "ack", "id": frame.id} if kept else error("busy", frame.id, retry=True)

    async def _keep(self, address: str, incoming: Incoming, entry: Entry) -> bool:
        """Keep and deliver what a visitor did; False when they must send it again."""
        try:
            # The history first: the answer must never stand before the question.
            await self._history.append(address, entry)
            await self._deliver(self.name, address, incoming)
        except Full:
            return False
        except Exception as fault:
            log.error("web.deliver", fault=type(fault).__name__)
            return False
        self._wake(address)
        return True


def slower(pause: float) -> float:
    """How long (seconds) to wait after nothing came for `pause` seconds."""
    return min(pause * 1.25, SLOWEST_POLL)


def _number(words: str) -> int:
    return int(words) if words.isascii() and words.isdigit() and len(words) < 18 else 0
