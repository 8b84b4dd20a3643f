"""The chat's page: its words in each language, its files, and the headers that guard it."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import jinja2
from aiohttp import web

from bots.web.files import MAX_UPLOAD
from bots.web.frames import MAX_TEXT
from locales import LOCALES, text

HERE = Path(__file__).parent / "assets"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PREFIX = "/chat/assets"
YEAR = 365 * 24 * 3600

WORDS = (
    "title",
    "tagline",
    "connecting",
    "offline",
    "busy",
    "input",
    "send",
    "attach",
    "location",
    "location_mine",
    "location_finding",
    "location_denied",
    "location_failed",
    "not_sent",
    "too_long",
    "too_big",
    "bad_type",
    "refused",
    "cookies",
    "noscript",
    "you",
    "onoo",
    "newer",
    "log",
    "picture",
    "document",
    "file",
    "today",
)


@cache
def assets() -> dict[str, bytes]:
    """Every static file of the page by name."""
    return {path.name: path.read_bytes() for path in HERE.iterdir() if path.suffix in TYPES}


@cache
def version() -> str:
    """Changes whenever any asset does, so that browsers may keep them for good."""
    digest = hashlib.blake2b(digest_size=8)
    for name, data in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + data)
    return digest.hexdigest()


def asset_url(name: str) -> str:
    """Where the page finds the asset `name`; raises KeyError when there is none."""
    if name not in assets():
        raise KeyError(f"no such asset of the web chat: {name}")
    return f"{PREFIX}/{version()}/{name}"


@cache
def words(locale: str) -> dict[str, str]:
    """All words of the page in `locale`."""
    return {key: text(locale, f"web.{key}") for key in WORDS}


@cache
def html(locale: str) -> str:
    """The page in `locale`, with the other languages' words at hand for a change."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("index.html").render(
        locale=locale,
        words=words(locale),
        every={each: words(each) for each in LOCALES},
        asset_url=asset_url,
        max_text=MAX_TEXT,
        max_upload=MAX_UPLOAD,
    )


def asset(request: web.Request) -> web.Response:
    """The static file asked for; for good if it is of this version."""
    name = request.match_info["name"]
    if name not in assets():
        raise web.HTTPNotFound(text="There is no such file.")
    current = request.match_info["version"] == version()
    response = web.Response(
        body=assets()[name], content_type=TYPES[Path(name).suffix], charset="utf-8"
    )
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if current else "no-cache"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.enable_compression()
    return response


def guard(response: web.StreamResponse, host: str, encrypted: bool) -> None:
    """Add the headers that keep foreign scripts, frames and sniffing away from the page."""
    # Browsers before 2022 do not count a WebSocket to the own host as 'self'.
    known = re.fullmatch(r"[A-Za-z0-9.\-\[\]:]{1,255}", host)
    sockets = f" ws://{host} wss://{host}" if known else ""
    response.headers.update(
        {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'self'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
            "Cache-Control": "no-store",
        }
    )
    if encrypted:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
