"""Papers to print: posters with codes that lead into a campaign, and scorecards for meetings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from campaigns.poster import SIZES, poster
from campaigns.scorecard import scorecard_pdf, scorecard_png
from console.access import Right, needs
from console.desk import access_of, desk
from console.pages.campaigns import campaign_of
from console.pages.results import ROUND, round_of
from console.pages.surveys import title_of
from console.rendering import LANGUAGES, locale_of
from content.fonts import small_family

routes = web.RouteTableDef()

READY_AFTER = 5.0
"""Seconds, so that nothing else starts later for it."""
TYPES = {"pdf": "application/pdf", "png": "image/png"}


def _language(request: web.Request) -> str:
    asked = request.query.get("locale", "")
    return asked if asked in LANGUAGES else locale_of(request)


def _paper(data: bytes, name: str, kind: str) -> web.Response:
    """`name` is made of codes; whatever else stands in one is not for a header."""
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_"
                   for sign in name)  # fmt: skip
    response = web.Response(body=data, content_type=TYPES[kind])
    response.headers["Content-Disposition"] = f'inline; filename="{safe}.{kind}"'
    return response


@routes.get("/campaigns/{campaign}/poster.pdf")
@needs(Right.SEE)
async def campaign_poster(request: web.Request) -> web.Response:
    """A poster for a campaign, about one facility where one is named."""
    here, found, locale = desk(request), await campaign_of(request), _language(request)
    size = request.query.get("size", "A4")
    if size not in SIZES:
        raise web.HTTPBadRequest
    code = request.query.get("facility", "") or found.facility
    facility = await here.facilities.find(code)
    if code and (facility is None or not access_of(request).covers(facility.place)):
        raise web.HTTPNotFound
    form = await here.store.forms.get(found.form)
    link = await here.campaigns.link(found.id, code)
    name = facility.name if facility else ""
    data = await asyncio.to_thread(poster, link, title_of(form, locale), name, locale, size)
    return _paper(data, f"poster-{found.id}-{code}", "pdf")


@routes.get(ROUND + "/scorecard.{kind:pdf|png}")
@needs(Right.SEE)
async def scorecard(request: web.Request) -> web.Response:
    """One page for the meeting."""
    found, campaign, result = await round_of(request)
    kind = request.match_info["kind"]
    draw = scorecard_pdf if kind == "pdf" else scorecard_png
    promises = await desk(request).commitments.of(found.code)
    data = await asyncio.to_thread(draw, result, found.name, promises, _language(request))
    return _paper(data, f"scorecard-{found.code}-{campaign.id}", kind)


async def drawing_ready(_: web.Application) -> AsyncIterator[None]:
    """Have the first paper be drawn as fast as those after it."""

    async def soon() -> None:
        await asyncio.sleep(READY_AFTER)
        await asyncio.to_thread(small_family)

    task = asyncio.create_task(soon())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
