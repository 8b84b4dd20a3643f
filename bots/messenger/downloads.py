"""Fetching what citizens sent from Meta's servers, and from nowhere else.

The address comes in an event, so it must never make us call a host of somebody's choosing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from bots.arrivals import RemoteFile
from bots.media import MAX_BYTES

MAX_REDIRECTS = 3


class Forbidden(Exception):
    """An address we don't fetch from, or a file too big to keep."""


class Downloader:
    """Fetches files by https from the allowed hosts and those below them.

    An entry with a scheme ("http://127.0.0.1:8080") allows exactly that origin.
    """

    def __init__(self, allowed: str) -> None:
        """`allowed` lists hosts, separated by spaces or commas."""
        entries = allowed.replace(",", " ").split()
        self._origins = {entry for entry in entries if "://" in entry}
        self._hosts = tuple(entry.lower() for entry in entries if "://" not in entry)
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, file: RemoteFile) -> bytes:
        """The file's bytes; raises Forbidden, aiohttp.ClientError or TimeoutError."""
        url = file.source
        for _ in range(MAX_REDIRECTS):
            if not self.allows(url):
                raise Forbidden("host")
            if self._session is None:
                self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308):
                    url = response.headers.get("Location", "")
                    continue
                response.raise_for_status()
                return await _limited(response.content)
        raise Forbidden("redirects")

    def allows(self, url: str) -> bool:
        """Whether this address is one of Meta's."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or "\\" in url:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self._origins:
            return True
        below = any(host == allowed or host.endswith(f".{allowed}") for allowed in self._hosts)
        return parts.scheme == "https" and port in (None, 443) and below

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _limited(content: aiohttp.StreamReader) -> bytes:
    data = bytearray()
    async for chunk in content.iter_any():
        data += chunk
        if len(data) > MAX_BYTES:
            raise Forbidden("size")
    return bytes(data)
