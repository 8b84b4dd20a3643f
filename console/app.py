"""Mounting the console and the public pages into the platform's web server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from aiohttp import web

from console import assets, guard, live, rendering
from console.audience_counts import AUDIENCE_COUNTS, AudienceCounts, audience_counts
from console.counting import counting
from console.desk import DESK, Desk
from console.errors import errors
from console.exporting import EXPORTER, Exporter, exporting
from console.pages import (
    account,
    audit,
    campaigns,
    commitments,
    exports,
    facilities,
    knowledge,
    overview,
    papers,
    people,
    policy,
    preview,
    privacy,
    problems,
    public,
    results,
    setaside,
    signin,
    surveys,
    tokens,
    users,
)

if TYPE_CHECKING:
    from bots.platform import Platform

PAGES = (
    assets,
    signin,
    account,
    overview,
    preview,
    surveys,
    people,
    campaigns,
    live,
    problems,
    facilities,
    results,
    papers,
    commitments,
    policy,
    knowledge,
    exports,
    users,
    tokens,
    setaside,
    audit,
)


def mount(app: web.Application, platform: Platform) -> None:
    """Add everything below `/console` to the platform's application."""
    add_console(app, Desk.build(platform.settings, platform.store, platform))


def add_console(app: web.Application, desk: Desk) -> None:
    """Add the console that works with `desk`."""
    console = web.Application(middlewares=[guard.headers, errors, guard.identity])
    console[DESK] = desk
    console[AUDIENCE_COUNTS] = AudienceCounts(desk.campaigns)
    console[EXPORTER] = Exporter(desk)
    rendering.set_up(console)
    live.set_up(console)
    console.cleanup_ctx.extend(
        [_sealed, counting, audience_counts, exporting, papers.drawing_ready]
    )
    for module in PAGES:
        console.add_routes(module.routes)
    app.add_subapp(guard.HOME, console)
    app.add_subapp(public.HOME, _open_pages(desk, public.routes))
    app.add_subapp(privacy.HOME, _open_pages(desk, privacy.routes))


async def _sealed(app: web.Application) -> AsyncIterator[None]:
    """Seal what an earlier Onoo stored plain."""
    here = app[DESK]
    await here.users.seal_codes(here.seal.close)
    yield


def _open_pages(desk: Desk, routes: web.RouteTableDef) -> web.Application:
    """What anyone may see, without cookies."""
    pages = web.Application(middlewares=[guard.headers, errors])
    pages[DESK] = desk
    rendering.set_up(pages)
    pages.add_routes(routes)
    return pages
