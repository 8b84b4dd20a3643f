"""What the bot knows: what of it is unverified or old, and what people asked in vain."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from console.access import Right, needs
from console.counting import not_understood
from console.desk import desk
from console.rendering import locale_of, page
from content.checks import STALE
from content.entitlement import Entitlement, entitlements, sources
from content.wording import today

routes = web.RouteTableDef()


@routes.get("/knowledge")
@needs(Right.SEE)
async def knowledge(request: web.Request) -> web.Response:
    """Topics with what is wrong with each, the worst first, and the latest unclear words."""
    here, locale = desk(request), locale_of(request)
    entries = [describe(one, locale, today(here.now())) for one in entitlements().values()]
    entries.sort(key=lambda one: (one["verified"], not one["stale"], -len(one["gaps"])))
    return page(
        request,
        "knowledge.html",
        entries=entries,
        unclear=await not_understood(here),
        stale=STALE.days,
    )


def describe(entry: Entitlement, locale: str, now: date) -> dict[str, Any]:
    """A topic as the page shows it."""
    known = sources()
    keys = {key for item in entry.told for key in item.sources}
    doubtful = sorted(
        known[key].title.in_(locale)
        for key in keys
        if key in known and known[key].confidence == "medium"
    )
    return {
        "title": entry.title.in_(locale),
        "topic": entry.topic,
        "sector": entry.sector,
        "as_of": entry.as_of,
        "stale": now - entry.as_of > STALE,
        "verified": entry.verified is not None,
        "checked": entry.verified.checked if entry.verified else None,
        "gaps": [gap.text.in_(locale) for gap in entry.gaps],
        "doubtful": doubtful,
        "statements": len(entry.statements),
    }
