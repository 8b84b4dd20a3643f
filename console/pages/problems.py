"""Reported problems: who looks after which, and answering the citizen in their chat."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from console.access import Right, needs
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.rendering import page, seen
from conversations.messages import Incoming, Kind
from storage.reports import STATUSES

routes = web.RouteTableDef()

LONGEST_REPLY = 1500


@routes.get("/problems")
@needs(Right.TALK)
async def problems(request: web.Request) -> web.Response:
    """Those in one's places, the latest first."""
    here, access = desk(request), access_of(request)
    status, mine = request.query.get("status", ""), request.query.get("mine", "")
    found = await here.reports.page(
        access.places,
        status=status if status in STATUSES else "",
        assigned=access.user.name if mine else "",
        before=_moment(request.query.get("before", "")),
    )
    return page(
        request, "problems.html", problems=found, chosen=status, mine=mine, statuses=STATUSES,
        users=await _names(request),
    )  # fmt: skip


def _moment(iso: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def _names(request: web.Request) -> dict[str, str]:
    return {user.name: user.full_name for user in await desk(request).users.all()}


async def _problem(request: web.Request) -> dict[str, Any]:
    """The one in the address; one outside their places might as well not be."""
    try:
        found = await desk(request).reports.get(request.match_info["reference"])
    except KeyError:
        raise web.HTTPNotFound from None
    if not access_of(request).covers(found.get("place", "")):
        raise web.HTTPNotFound
    return found


@routes.get("/problems/{reference}")
@needs(Right.TALK)
async def problem(request: web.Request) -> web.Response:
    """What was reported, what was said since, and what can be done."""
    found = await _problem(request)
    if found["status"] == "new":
        await desk(request).reports.change(
            found["reference"], {"status": "seen"}, desk(request).now()
        )
        found["status"] = "seen"
    return await _page(request, found)


async def _page(
    request: web.Request, found: dict[str, Any], errors: dict[str, str] | None = None
) -> web.Response:
    here = desk(request)
    facility = await here.facilities.find(found.get("facility", ""))
    names = await _names(request)
    access = access_of(request)
    helpers = [
        (user.name, user.full_name)
        for user in await here.users.all()
        if not user.disabled and access_of_user(user.role)
    ]
    return page(
        request,
        "problem.html",
        status=400 if errors else 200,
        problem=found,
        facility=facility,
        names=names,
        helpers=helpers,
        statuses=STATUSES,
        errors=errors or {},
        failed=await here.store.filing.unsent(found["citizen"], found["at"]),
        mine=access.user.name,
        longest=LONGEST_REPLY,
    )


def access_of_user(role: str) -> bool:
    """Whether somebody in this role may answer citizens."""
    return role in ("facilitator", "admin")


@routes.post("/problems/{reference}/assign")
@needs(Right.TALK)
async def assign(request: web.Request) -> web.Response:
    """Say who looks after it; "" for nobody."""
    here, found = desk(request), await _problem(request)
    fields = await Fields.of(request)
    name = fields.text("assigned")
    user = await here.users.find(name) if name else None
    if name and (user is None or user.disabled or not access_of_user(user.role)):
        raise web.HTTPBadRequest
    await here.reports.change(found["reference"], {"assigned": name}, here.now())
    before = {"assigned": found.get("assigned", "")}
    await note(request, "problem.assign", found["reference"], before=before,
               after={"assigned": name})  # fmt: skip
    raise seen(request, f"/problems/{found['reference']}", "assigned")


@routes.post("/problems/{reference}/status")
@needs(Right.TALK)
async def status(request: web.Request) -> web.Response:
    """Change where it stands; the citizen reads it when they ask by the number."""
    here, found = desk(request), await _problem(request)
    fields = await Fields.of(request)
    new = fields.choice("status", STATUSES)
    if fields.errors:
        raise web.HTTPBadRequest
    await here.reports.change(found["reference"], {"status": new}, here.now())
    await note(request, "problem.status", found["reference"],
               before={"status": found["status"]}, after={"status": new})  # fmt: skip
    raise seen(request, f"/problems/{found['reference']}", "saved")


@routes.post("/problems/{reference}/reply")
@needs(Right.TALK)
async def reply(request: web.Request) -> web.Response:
    """Words that the citizen reads in their chat."""
    found = await _problem(request)
    fields = await Fields.of(request)
    words = fields.text("text", required=True, longest=LONGEST_REPLY)
    if fields.errors:
        return await _page(request, found, fields.errors)
    await _tell(request, found, "reply", words, {"status": "answered", "note": words})
    raise seen(request, f"/problems/{found['reference']}", "replied")


@routes.post("/problems/{reference}/{act:take|back}")
@needs(Right.TALK)
async def take_over(request: web.Request) -> web.Response:
    """Answer the citizen in person, or hand them back to the bot; both are said to them."""
    found, act = await _problem(request), request.match_info["act"]
    me = user_of(request).name
    fields = {"handover": me, "assigned": me} if act == "take" else {"handover": ""}
    await _tell(request, found, act, "", fields)
    raise seen(request, f"/problems/{found['reference']}", "taken" if act == "take" else "handed")


async def _tell(
    request: web.Request, found: dict[str, Any], act: str, words: str, fields: dict[str, Any]
) -> None:
    """Into the thread, and through the citizen's inbox to their chat; once, whatever dies.

    The thread comes first: what stands there unpassed is seen, what was passed and not noted
    would not be.
    """
    here, reference, now = desk(request), found["reference"], desk(request).now()
    entry = f"staff-{uuid.uuid4().hex}"
    line = {"id": entry, "at": now, "by": user_of(request).name, "text": words, "act": act}
    await here.reports.say(reference, line, {**fields, "unread": False})
    payload = f"{act}:{reference}:{user_of(request).full_name}"
    incoming = Incoming(entry, Kind.STAFF, now, text=words, payload=payload)
    if not await here.store.sessions.tell(found["citizen"], incoming.to_document(), now):
        raise web.HTTPConflict(text="console.problems.gone")
    if here.platform is not None:
        here.platform.worker.wake(found["citizen"])
    actions = {"reply": "problem.reply", "take": "problem.take", "back": "problem.hand_back"}
    await note(request, actions[act], reference, after={"text": words} if words else {})


@routes.get("/problems/{reference}/thread")
@needs(Right.TALK)
async def thread(request: web.Request) -> web.Response:
    """The talk alone, for live updates."""
    found = await _problem(request)
    return page(request, "thread.html", problem=found, names=await _names(request))
