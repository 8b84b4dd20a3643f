"""Who a visitor is: a random token in a cookie, and only its hash everywhere else."""

from __future__ import annotations

import hashlib
import re
import secrets
from urllib.parse import urlsplit

from aiohttp import web

from locales import LOCALES

YEAR = 365 * 24 * 3600
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


class Visitors:
    """Tells visitors apart, and pages of this site from foreign ones.

    `public_url` is where the chat is reached from outside ("" when only by its own host).
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""

    def token(self, request: web.Request) -> str:
        """The visitor's token, or "" when their browser brought none that we gave out."""
        token = request.cookies.get(self._cookie(request), "")
        return token if _TOKEN.fullmatch(token) else ""

    def address(self, request: web.Request) -> str:
        """The visitor's address on this channel: a hash that does not give the token away."""
        token = self.token(request)
        return hashlib.sha256(f"onoo-web:{token}".encode()).hexdigest()[:32] if token else ""

    def remember(self, request: web.Request, response: web.StreamResponse) -> None:
        """Give the visitor a token (128 random bits) for a year, or prolong the one they have."""
        response.set_cookie(
            self._cookie(request),
            self.token(request) or secrets.token_urlsafe(16),
            max_age=YEAR,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self.encrypted(request),
        )

    def encrypted(self, request: web.Request) -> bool:
        """Whether the visitor reaches us by HTTPS (our own proxy may speak HTTP to us)."""
        return self._origin.startswith("https:") and not self._local(request)

    def ours(self, request: web.Request) -> bool:
        """Whether the request comes from a page of this site, not from a foreign one."""
        origin = request.headers.get("Origin", "").lower()
        if self._origin and origin == self._origin:
            return True
        if self._origin and not self._local(request):
            return False
        return origin in (f"http://{request.host}".lower(), f"https://{request.host}".lower())

    @staticmethod
    def _local(request: web.Request) -> bool:
        try:
            return urlsplit(f"//{request.host}").hostname in LOOPBACK
        except ValueError:
            return False

    def _cookie(self, request: web.Request) -> str:
        # The prefix makes browsers refuse this cookie from any other host.
        return "__Host-onoo" if self.encrypted(request) else "onoo-visitor"


def language(request: web.Request) -> str:
    """The browser's first language if Onoo speaks it, otherwise ""."""
    first = request.headers.get("Accept-Language", "")[:2].lower()
    return first if first in LOCALES else ""
