"""Tokens for programs: analysts have their own, admins see everybody's."""

from __future__ import annotations

from aiohttp import web

from analytics.datasets import NAMES
from console.access import Right, needs
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.places import groups_for, known
from console.rendering import locale_of, page, seen

routes = web.RouteTableDef()

DAYS = ("30", "90", "365")


@routes.get("/tokens")
@needs(Right.EXPORT)
async def tokens(request: web.Request) -> web.Response:
    """Those that hold."""
    return await _page(request)


@routes.post("/tokens")
@needs(Right.EXPORT)
async def issue(request: web.Request) -> web.Response:
    """A new one; its secret is on this page and never again."""
    here = desk(request)
    fields = await Fields.of(request)
    label = fields.text("label", required=True, longest=80)
    days = fields.choice("days", DAYS)
    asked = [code for code in fields.several("places") if known(code)]
    places = access_of(request).covered(asked)
    if len(places) < len(asked):
        fields.errors["places"] = "console.tokens.foreign_place"
    datasets = [name for name in NAMES if name in fields.several("datasets")]
    if not datasets:
        fields.errors["datasets"] = "console.form.choice"
    if fields.errors:
        return await _page(request, errors=fields.errors)
    # All of them, also those to come: no limit.
    narrowed = datasets if len(datasets) < len(NAMES) else []
    secret = await here.tokens.issue(
        user_of(request).name, label, int(days), here.now(), places=places, datasets=narrowed
    )
    await note(request, "token.issue", label,
               after={"days": int(days), "places": places, "datasets": narrowed})  # fmt: skip
    return await _page(request, issued=secret)


@routes.post("/tokens/{token}/revoke")
@needs(Right.EXPORT)
async def revoke(request: web.Request) -> web.Response:
    """End one at once."""
    token = await desk(request).tokens.revoke(request.match_info["token"], _whose(request))
    if token is None:
        raise web.HTTPNotFound
    await note(request, "token.revoke", token.label, before={"user": token.user})
    raise seen(request, "/tokens", "token_revoked")


def _whose(request: web.Request) -> str:
    return "" if access_of(request).may(Right.MANAGE) else user_of(request).name


async def _page(
    request: web.Request, issued: str = "", errors: dict[str, str] | None = None
) -> web.Response:
    found = await desk(request).tokens.of(_whose(request))
    status = 400 if errors else 200
    return page(
        request, "tokens.html", status=status, tokens=found, issued=issued, errors=errors or {},
        datasets=NAMES, places=groups_for(access_of(request), locale_of(request)),
    )  # fmt: skip
