"""What anyone may see: a page per facility and round, to share with a school or a council."""

from __future__ import annotations

from aiohttp import web

from console.access import Right, needs
from console.desk import desk
from console.pages.results import shown, trend
from console.rendering import LANGUAGES, locale_of, page
from content.facilities import Facility

routes = web.RouteTableDef()

KEPT = "public, max-age=300"
HOME = "/open"


async def _facility(request: web.Request) -> Facility:
    found = await desk(request).facilities.find(request.match_info["facility"])
    if found is None:
        raise web.HTTPNotFound
    return found


@routes.get("/{facility}")
@needs(Right.ANYONE)
async def facility(request: web.Request) -> web.Response:
    """The latest published round of a facility."""
    return await _page(request, "")


@routes.get("/{facility}/{campaign}")
@needs(Right.ANYONE)
async def one_round(request: web.Request) -> web.Response:
    """One published round; what was not published is not there."""
    return await _page(request, request.match_info["campaign"])


async def _page(request: web.Request, campaign: str) -> web.Response:
    here, found = desk(request), await _facility(request)
    published = await here.results.published(found.code)
    result = next((one for one in published if not campaign or one.campaign == campaign), None)
    if result is None:
        raise web.HTTPNotFound
    locale = locale_of(request)
    response = page(
        request,
        "public.html",
        facility=found,
        published=published,
        trend=trend(published),
        commitments=await here.commitments.of(found.code),
        other=next(one for one in LANGUAGES if one != locale),
        **shown(result, locale),
    )
    response.headers["Cache-Control"] = KEPT
    return response
