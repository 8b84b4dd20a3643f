"""The first page: what waits for somebody, and how things stand."""

from __future__ import annotations

from aiohttp import web

from console.access import Right, needs
from console.rendering import page

routes = web.RouteTableDef()


@routes.get("")
@needs(Right.SEE)
async def overview(request: web.Request) -> web.Response:
    """What waits, and how things stand."""
    return page(request, "overview.html")
