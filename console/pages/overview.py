"""The first page: what waits for somebody, and how things stand."""

from __future__ import annotations

from aiohttp import web

from campaigns.campaign import APPROVED, DRAFT, PAUSED, RUNNING, SCHEDULED, TESTED
from console.access import Right, needs
from console.counting import everything
from console.desk import access_of, desk
from console.pages.campaigns import is_theirs
from console.rendering import page

routes = web.RouteTableDef()

UNDER_WAY = (RUNNING, PAUSED, SCHEDULED, APPROVED, TESTED, DRAFT)
LATEST = 6


@routes.get("")
@needs(Right.SEE)
async def overview(request: web.Request) -> web.Response:
    """What waits, and how things stand."""
    here, access = desk(request), access_of(request)
    found = [one for one in await here.campaigns.all(*UNDER_WAY) if await is_theirs(request, one)]
    lines = []
    for one in found[:LATEST]:
        tally = await here.tallies.read(f"campaign:{one.id}")
        counts = (tally or {}).get("counts") or {}
        lines.append({"campaign": one, "dispositions": counts.get("dispositions", {})})
    waiting = await here.reports.waiting(access.places) if access.may(Right.TALK) else 0
    latest = await here.reports.page(access.places) if access.may(Right.TALK) else []
    counts = await everything(here)
    aside = await here.aside.count() if access.may(Right.MANAGE) else 0
    return page(
        request,
        "overview.html",
        counts=counts,
        aside=aside,
        citizens=sum(counts["citizens"].values()),
        waiting=waiting,
        latest=[one for one in latest if one["status"] in ("new", "seen")][:LATEST],
        lines=lines,
        running=sum(1 for one in found if one.status == RUNNING),
    )
