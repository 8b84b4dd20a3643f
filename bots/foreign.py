"""Reading what platforms send: nothing in it can be trusted to have its shape."""

from __future__ import annotations

import hmac
import json
import math
from typing import Any

from aiohttp import web

MAX_BODY = 1 << 20  # bytes; a full batch of either platform is far smaller


async def read_body(request: web.Request, limit: int = MAX_BODY) -> bytes:
    """The raw request body.

    Raises the web error that answers a body above `limit` bytes (413), a compressed one
    (415: no platform sends such, and one badly compressed would end as a server error), and
    one that breaks off (400).
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise web.HTTPUnsupportedMediaType
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > limit:
                raise web.HTTPRequestEntityTooLarge(limit, len(body))
    except (web.RequestPayloadError, ConnectionError) as error:
        raise web.HTTPBadRequest from error
    return bytes(body)


def load(body: bytes) -> object:
    """The JSON in `body`; raises ValueError whatever is wrong with it, also when too deep."""
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, compared in constant time; never when none is expected."""
    return bool(expected) and hmac.compare_digest(
        given.encode("utf-8", "surrogateescape"), expected.encode("utf-8", "surrogateescape")
    )


def mapping(value: object) -> dict[str, Any]:
    """`value` if it is a JSON object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """`value` if it is a JSON array, otherwise an empty one."""
    return value if isinstance(value, list) else []


def string(value: object, limit: int = 4096) -> str:
    """`value` if it is a string, cut to `limit` characters, otherwise "".

    Lone surrogates, which JSON may hold but UTF-8 (and so the database) may not, become "?".
    """
    if not isinstance(value, str):
        return ""
    return value[:limit].encode("utf-8", "replace").decode("utf-8")


def whole(value: object) -> int | None:
    """`value` if it is an integer that fits 64 bits, otherwise None."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 63:
        return None
    return value


def coordinates(latitude: object, longitude: object) -> tuple[float, float] | None:
    """A place on earth in degrees, or None when these two are not one."""
    numbers = (latitude, longitude)
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        return None
    try:
        north, east = float(latitude), float(longitude)  # type: ignore[arg-type]
    except OverflowError:
        return None
    if not (math.isfinite(north) and math.isfinite(east)):
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None
