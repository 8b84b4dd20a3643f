"""Commitments: who promised what by when, how it goes, and telling those who asked for it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from campaigns.commitments import STATUSES
from campaigns.refusal import Refusal
from console.access import Right, needs
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.pages.facilities import facility_of
from console.rendering import locale_of, page, seen
from content.wording import today

routes = web.RouteTableDef()


@routes.get("/commitments")
@needs(Right.SEE)
async def commitments(request: web.Request) -> web.Response:
    """All in their places; what is overdue first."""
    here, access = desk(request), access_of(request)
    status = request.query.get("status", "")
    facilities = {one.code: one for one in await here.facilities.within(access.places)}
    now = today(here.now())
    lines: list[dict[str, Any]] = []
    for one in await here.commitments.all():
        facility = facilities.get(one.facility)
        if facility is not None and (not status or one.status == status):
            lines.append({"commitment": one, "facility": facility, "overdue": one.overdue(now)})
    lines.sort(key=lambda line: (not line["overdue"], str(line["commitment"].due)))
    return page(request, "commitments.html", lines=lines, statuses=STATUSES, chosen=status)


@routes.get("/facilities/{facility}/commitments/new")
@needs(Right.WORK)
async def new(request: web.Request) -> web.Response:
    """The form for a promise."""
    values = {"issue": "", "action": "", "who": "", "due": ""}
    return await _form(request, values)


@routes.post("/facilities/{facility}/commitments/new")
@needs(Right.WORK)
async def add(request: web.Request) -> web.Response:
    """Write a promise down."""
    here, found = desk(request), await facility_of(request)
    fields = await Fields.of(request)
    values = {name: fields.text(name, required=True, longest=500) for name in
              ("issue", "action", "who")}  # fmt: skip
    due = fields.day("due", required=True)
    campaign = fields.text("campaign", longest=60)
    if fields.errors or due is None:
        return await _form(request, {**values, "due": fields["due"]}, fields.errors)
    try:
        made = await here.commitments.add(
            found.code, campaign, values["issue"], values["action"], values["who"], due,
            user_of(request).name,
        )  # fmt: skip
    except Refusal as refusal:
        return await _form(
            request, {**values, "due": fields["due"]}, problem=refusal.words(locale_of(request))
        )
    after = {**values, "due": due.isoformat()}
    await note(request, "commitment.add", made.id, after=after)
    raise seen(request, f"/facilities/{found.code}/commitments/{made.id}", "commitment")


async def _form(
    request: web.Request,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    problem: str = "",
) -> web.Response:
    here, found = desk(request), await facility_of(request)
    rounds = [
        (one.id, one.title)
        for one in await here.campaigns.all()
        if one.id in await here.store.cases.campaigns_of(found.code)
    ]
    return page(
        request, "commitment_form.html", status=400 if errors or problem else 200,
        facility=found, values=values, errors=errors or {}, problem=problem, rounds=rounds,
    )  # fmt: skip


async def _commitment(request: web.Request) -> tuple[Any, Any]:
    here, found = desk(request), await facility_of(request)
    wanted = request.match_info["commitment"]
    for one in await here.commitments.of(found.code):
        if one.id == wanted:
            return found, one
    raise web.HTTPNotFound


@routes.get("/facilities/{facility}/commitments/{commitment}")
@needs(Right.SEE)
async def commitment(request: web.Request) -> web.Response:
    """One promise with its history."""
    return await _page(request)


async def _page(request: web.Request, problem: str = "") -> web.Response:
    found, one = await _commitment(request)
    return page(
        request, "commitment.html", status=409 if problem else 200, facility=found,
        commitment=one, statuses=STATUSES, problem=problem,
    )  # fmt: skip


@routes.post("/facilities/{facility}/commitments/{commitment}")
@needs(Right.WORK)
async def change(request: web.Request) -> web.Response:
    """How it goes: a status, evidence for it, and a note."""
    here, (found, one) = desk(request), await _commitment(request)
    fields = await Fields.of(request)
    status = fields.choice("status", STATUSES)
    given = {name: fields.text(name, longest=1000) for name in ("evidence", "note")}
    if fields.errors:
        raise web.HTTPBadRequest
    try:
        await here.commitments.change(one.id, user_of(request).name, status=status, **given)
    except Refusal as refusal:
        return await _page(request, refusal.words(locale_of(request)))
    await note(request, "commitment.change", one.id, before={"status": one.status},
               after={"status": status})  # fmt: skip
    raise seen(request, f"/facilities/{found.code}/commitments/{one.id}", "saved")


@routes.post("/facilities/{facility}/commitments/{commitment}/announce")
@needs(Right.WORK)
async def announce(request: web.Request) -> web.Response:
    """Tell everybody who took part how the promise goes."""
    here, (found, one) = desk(request), await _commitment(request)
    try:
        told = await here.announcer.commitment(one)
    except Refusal as refusal:
        return await _page(request, refusal.words(locale_of(request)))
    await note(request, "results.send", one.id, after={"people": told})
    raise seen(request, f"/facilities/{found.code}/commitments/{one.id}", "announced")
