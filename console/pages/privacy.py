"""The privacy policy, for everybody: what is kept, for how long, and how to have it deleted."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from bots.web.visitors import language
from console.access import Right, needs
from console.desk import desk
from console.rendering import page
from locales import LOCALES, text

routes = web.RouteTableDef()

HOME = "/privacy"
KEPT = "public, max-age=300"
SECTIONS = ("consent", "kept", "not_kept", "who", "abroad", "long", "rights", "law")


@routes.get("")
@needs(Right.ANYONE)
async def privacy(request: web.Request) -> web.Response:
    """The policy in the language asked for, the browser's, or Mongolian."""
    asked = request.query.get("l", "")
    locale = asked if asked in LOCALES else language(request) or "mn"
    settings = desk(request).settings
    response = page(
        request,
        "privacy.html",
        locale=locale,
        t=partial(text, locale),
        locales=LOCALES,
        names={one: text(one, "language.name") for one in LOCALES},
        sections=[
            (
                one,
                text(locale, f"privacy.page.{one}"),
                text(locale, f"privacy.page.{one}_means"),
            )
            for one in SECTIONS
        ],
        terms=_terms(request, locale),
        operator=settings.operator,
        contact=settings.contact,
        address="mailto:" if "@" in settings.contact else "",
    )
    response.headers["Cache-Control"] = KEPT
    response.headers["Vary"] = "Accept-Language"
    return response


def _terms(request: web.Request, locale: str) -> list[str]:
    """How long things are kept, as it is configured."""
    settings = desk(request).settings
    kept = (
        ("conversations", settings.retention_conversations_days),
        ("answers", settings.retention_answers_days),
        ("problems", settings.retention_problems_days),
        ("inactive", settings.retention_inactive_days),
    )
    said = [text(locale, "privacy.page.term.no_consent")]
    for name, days in kept:
        if days:
            said.append(text(locale, f"privacy.page.term.{name}", days=days))
        elif name != "inactive":
            said.append(text(locale, f"privacy.page.term.{name}_always"))
    return said
