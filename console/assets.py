"""The console's static files, kept by browsers for good since their address changes with them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from aiohttp import web

from console.access import Right, needs

HERE = Path(__file__).parent / "assets"
PREFIX = "/console/assets"
TYPES = {".css": "text/css", ".js": "text/javascript"}
YEAR = 365 * 24 * 3600

routes = web.RouteTableDef()


@cache
def files() -> dict[str, bytes]:
    """Every static file by its name."""
    return {path.name: path.read_bytes() for path in HERE.rglob("*") if path.suffix in TYPES}


@cache
def version() -> str:
    """Changes with any of the files."""
    digest = hashlib.blake2b(digest_size=8)
    for name, data in sorted(files().items()):
        digest.update(name.encode() + b"\0" + data)
    return digest.hexdigest()


def url(name: str) -> str:
    """Where a page finds the file; raises KeyError when there is none."""
    if name not in files():
        raise KeyError(f"no such asset of the console: {name}")
    return f"{PREFIX}/{version()}/{name}"


@routes.get("/assets/{version}/{name}")
@needs(Right.ANYONE)
async def asset(request: web.Request) -> web.Response:
    """The file asked for, by name alone: no path is ever made from it."""
    name = request.match_info["name"]
    if name not in files():
        raise web.HTTPNotFound(text="console.error.not_found")
    current = request.match_info["version"] == version()
    response = web.Response(
        body=files()[name], content_type=TYPES[Path(name).suffix], charset="utf-8"
    )
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if current else "no-cache"
    )
    response.enable_compression()
    return response
