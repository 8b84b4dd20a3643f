"""Files in the web chat: what visitors send, and the pictures and documents they get."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import quote, unquote

import structlog
from aiohttp import web

from bots.channel import FetchMedia, StoreMedia
from bots.web import frames
from bots.web.allowance import Allowance
from bots.web.file_types import INLINE, sniff
from bots.web.frames import Entry, error
from bots.web.history import WebHistory
from bots.web.visitors import Visitors, language
from conversations.messages import Attachment, Incoming, Kind

log = structlog.get_logger(__name__)

MAX_UPLOAD = 10 * 1024 * 1024
"""Bytes of one file."""
MAX_UPLOADS = 20
"""Files on their way into one process at once: what bounds its memory."""
UPLOAD_SECONDS = 300.0

Keep = Callable[[str, Incoming, Entry], Awaitable[bool]]
Wait = Callable[[web.Request, str], Awaitable[float]]


class Files:
    """Takes in and gives out files; `keep` delivers what a visitor sent, `wait` says how long
    a new one must wait.
    """

    def __init__(
        self,
        visitors: Visitors,
        history: WebHistory,
        store_media: StoreMedia,
        fetch_media: FetchMedia,
        keep: Keep,
        wait: Wait,
        now: Callable[[], datetime],
    ) -> None:
        self._visitors = visitors
        self._history = history
        self._store_media = store_media
        self._fetch_media = fetch_media
        self._keep = keep
        self._wait = wait
        self._now = now
        self._allowance = Allowance(burst=10, per_second=0.1)
        self._coming = 0

    async def upload(self, request: web.Request) -> web.Response:
        """Take in a file: the body is its bytes, `X-Event-Id` and `X-File-Name` go with it."""
        address = self._visitors.address(request)
        if not self._visitors.ours(request) or not address:
            return _refuse(403, "cookies", "The chat can be used from its own page only.")
        event = request.headers.get("X-Event-Id", "")
        if not frames.is_event_id(event):
            return _refuse(400, "malformed", "X-Event-Id: must be a UUID in lower case.")
        if (request.content_length or 0) > MAX_UPLOAD:
            return _refuse(413, "too_big", f"A file may have {MAX_UPLOAD} bytes at most.")
        if wait := self._allowance.take(address) or await self._wait(request, address):
            return _refuse(429, "slow", "Too many files at once.", after=wait)
        if self._coming >= MAX_UPLOADS:
            return _refuse(503, "busy", "Too many files are on their way.", after=5.0)
        self._coming += 1
        try:
            return await self._take_file(request, address, event)
        finally:
            self._coming -= 1

    async def _take_file(self, request: web.Request, address: str, event: str) -> web.Response:
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                data = await _body(request)
        except TimeoutError:
            return _refuse(408, "busy", "The file took too long to arrive.")
        if data is None:
            return _refuse(413, "too_big", f"A file may have {MAX_UPLOAD} bytes at most.")
        name = frames.clean(unquote(request.headers.get("X-File-Name", ""), errors="replace"))
        name = name.replace("\\", "/").rpartition("/")[2][-100:]
        if not (mime := sniff(data, name)):
            return _refuse(415, "bad_type", "Only pictures, sound, video, PDF, Word and Excel.")
        try:
            media = await self._media_of(address, event) or await self._store_media(
                data, mime, name
            )
        except Exception as fault:
            log.error("web.media", fault=type(fault).__name__)
            return _refuse(503, "busy", "The file could not be stored; try again.")
        at = self._now()
        attachment = Attachment(media, mime, len(data), name)
        incoming = Incoming(
            event, Kind.ATTACHMENT, at, attachment=attachment, locale_hint=language(request)
        )
        if not await self._keep(address, incoming, frames.sent_file(event, attachment, at)):
            return _refuse(503, "busy", "The file could not be taken in; try again.")
        return web.json_response({"type": "ack", "id": event})

    async def _media_of(self, address: str, event: str) -> str:
        """The file already stored by an earlier try of the same upload, or ""."""
        entries = await self._history.read(address, 0)
        return next((entry.get("media", "") for entry in entries if entry["id"] == event), "")

    async def serve(self, request: web.Request) -> web.Response:
        """A picture or document, to visitors in whose conversation it stands and nobody else."""
        address, media = self._visitors.address(request), request.match_info["media"]
        try:
            entries = await self._history.read(address, 0) if address else []
        except Exception as fault:
            log.warning("web.history", fault=type(fault).__name__)
            raise web.HTTPServiceUnavailable(text="Try again in a moment.") from None
        if not any(
            media in (entry.get("media"), entry.get("picture"), entry.get("document"))
            for entry in entries
        ):
            raise web.HTTPNotFound(text="There is no such file in this conversation.")
        try:
            data, mime, name = await self._fetch_media(media)
        except KeyError:
            raise web.HTTPNotFound(text="This file is no longer kept.") from None
        disposition = "inline" if mime in INLINE else "attachment"
        return web.Response(
            body=data,
            headers={
                "Content-Type": mime,
                "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name or 'file')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cache-Control": "private, max-age=86400",
            },
        )


def _refuse(status: int, code: str, detail: str, after: float = 0.0) -> web.Response:
    retry = status in (408, 429, 503)
    body = error(code, detail=detail, after=after, retry=retry)
    return web.json_response(body, status=status)


async def _body(request: web.Request) -> bytes | None:
    """The request's body, or None as soon as it is larger than a file may be."""
    data = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        data += chunk
        if len(data) > MAX_UPLOAD:
            return None
    return bytes(data)
