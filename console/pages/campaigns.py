"""Campaigns: made, tried on oneself, approved, started, watched, stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from campaigns.audience import Audience
from campaigns.campaign import CHANGEABLE, LONGEST_WORDS, RUNNING, SCHEDULED, Campaign
from campaigns.refusal import Refusal
from campaigns.service import SENDING
from console.access import Right, needs
from console.audience_counts import AUDIENCE_COUNTS
from console.audiences import (
    CHANNELS,
    LANGUAGES,
    REMINDERS,
    blank,
    filled,
    read_audience,
    read_campaign,
    read_words,
    typed,
    within,
)
from console.counting import count_campaign, counts_of
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.invitations import invitations
from console.pages.surveys import title_of
from console.places import groups_for
from console.progress import delivery_problems, dropoff, funnel, places_table
from console.qr import qr
from console.rendering import locale_of, page, seen
from content.response_rates import response_rates

routes = web.RouteTableDef()

Act = Callable[[str, str], Awaitable[Campaign]]


@routes.get("/campaigns")
@needs(Right.SEE)
async def campaigns(request: web.Request) -> web.Response:
    """All that are theirs, the latest first."""
    here = desk(request)
    found = [one for one in await here.campaigns.all() if await is_theirs(request, one)]
    tallies = {one.id: await here.tallies.read(f"campaign:{one.id}") for one in found[:50]}
    lines = [
        {
            "campaign": one,
            "dispositions": ((tallies.get(one.id) or {}).get("counts") or {}).get(
                "dispositions", {}
            ),
        }
        for one in found
    ]
    sending = any(one.status in (RUNNING, SCHEDULED) for one in found)
    return page(request, "campaigns.html", lines=lines, sending=sending)


async def is_theirs(request: web.Request, campaign: Campaign) -> bool:
    """Whether whoever is signed in may see and handle the campaign."""
    access = access_of(request)
    if access.everywhere:
        return True
    facility = await desk(request).facilities.find(campaign.facility)
    return within(campaign, access, facility.place if facility else "")


async def campaign_of(request: web.Request) -> Campaign:
    """The campaign in the address, if it is theirs; else there is none."""
    try:
        found = await desk(request).campaigns.get(request.match_info["campaign"])
    except Refusal:
        raise web.HTTPNotFound from None
    if not await is_theirs(request, found):
        raise web.HTTPNotFound
    return found


# -- the form -----------------------------------------------------------------------------


@routes.get("/campaigns/new")
@needs(Right.WORK)
async def new(request: web.Request) -> web.Response:
    """An empty form."""
    tags = [one.name for one in await desk(request).tags.all()]
    wanted = tuple(one for one in request.query.getall("tag", ()) if one in tags)
    values = blank(desk(request).now(), request.query.get("form", ""), Audience(tags=wanted))
    return await _form(request, values)


@routes.post("/campaigns/new")
@needs(Right.WORK)
async def create(request: web.Request) -> web.Response:
    """Make a draft."""
    fields = await Fields.of(request)
    given = read_campaign(fields, access_of(request))
    await _check_facilities(request, fields, given)
    if fields.errors:
        return await _form(request, typed(fields, given["audience"]), errors=fields.errors)
    try:
        made = await desk(request).campaigns.create(user_of(request).name, **given)
    except Refusal as refusal:
        words = refusal.words(locale_of(request))
        return await _form(request, typed(fields, given["audience"]), problem=words)
    await note(request, "campaign.create", made.id, after={"title": made.title, "form": made.form})
    raise seen(request, f"/campaigns/{made.id}", "campaign_made")


async def _check_facilities(request: web.Request, fields: Fields, given: dict[str, Any]) -> None:
    """Only facilities that exist, and for facilitators only those in their places."""
    here, access = desk(request), access_of(request)
    for code in (given["facility"], *given["audience"].facilities):
        facility = await here.facilities.find(code)
        if code and (facility is None or not access.covers(facility.place)):
            fields.errors["facility"] = "console.form.choice"


@routes.get("/campaigns/{campaign}/edit")
@needs(Right.WORK)
async def edit(request: web.Request) -> web.Response:
    """A draft's form."""
    found = await campaign_of(request)
    return await _form(request, filled(found), found)


@routes.post("/campaigns/{campaign}/edit")
@needs(Right.WORK)
async def change(request: web.Request) -> web.Response:
    """Change a draft; it must be tried anew then."""
    found = await campaign_of(request)
    fields = await Fields.of(request)
    given = read_campaign(fields, access_of(request))
    await _check_facilities(request, fields, given)
    if fields.errors:
        return await _form(request, typed(fields, given["audience"]), found, fields.errors)
    try:
        changed = await desk(request).campaigns.change(found.id, user_of(request).name, **given)
    except Refusal as refusal:
        words = refusal.words(locale_of(request))
        return await _form(request, typed(fields, given["audience"]), found, problem=words)
    await note(
        request, "campaign.change", found.id,
        before={"title": found.title, "form": found.form},
        after={"title": changed.title, "form": changed.form},
    )  # fmt: skip
    raise seen(request, f"/campaigns/{found.id}", "saved")


async def _form(
    request: web.Request,
    values: dict[str, Any],
    found: Campaign | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
) -> web.Response:
    here, access, locale = desk(request), access_of(request), locale_of(request)
    others = [one for one in await here.campaigns.all() if await is_theirs(request, one)]
    return page(
        request,
        "campaign_form.html",
        status=400 if errors or problem else 200,
        values=values,
        campaign=found,
        errors=errors or {},
        problem=problem,
        forms=[(one["_id"], title_of(one, locale)) for one in await here.store.forms.versions()],
        places=groups_for(access, locale),
        facilities=await here.facilities.within(access.places),
        tags=[one.name for one in await here.tags.all()],
        longest=LONGEST_WORDS,
        others=[(one.id, one.title) for one in others[:50]],
        languages=LANGUAGES,
        channels=CHANNELS,
        reminders=tuple(REMINDERS),
    )


@routes.post("/campaigns/count")
@needs(Right.WORK)
async def count(request: web.Request) -> web.Response:
    """How many the form's audience has now, and what would become of the question."""
    fields = await Fields.of(request)
    return await _counts(request, read_audience(fields, access_of(request)))


async def _counts(request: web.Request, audience: Audience, found: str = "") -> web.Response:
    """The counts, or word that they are being made and the page should ask again."""
    counts = await request.config_dict[AUDIENCE_COUNTS].get(audience, found)
    return page(request, "counts.html", counts=counts, again=request.path, method=request.method)


@routes.post("/campaigns/words")
@needs(Right.WORK)
async def show_words(request: web.Request) -> web.Response:
    """The invitation as the form has it now, in each language."""
    fields = await Fields.of(request)
    try:
        form = await desk(request).store.forms.get(fields.text("form", longest=200))
    except KeyError:
        form = {"titles": {}, "title": "…"}
    return page(request, "words.html", invitations=invitations(form, read_words(fields)))


@routes.get("/campaigns/{campaign}/count")
@needs(Right.WORK)
async def count_draft(request: web.Request) -> web.Response:
    """How many a draft would ask now."""
    found = await campaign_of(request)
    return await _counts(request, found.audience, found.id)


# -- one campaign ---------------------------------------------------------------------------


@routes.get("/campaigns/{campaign}")
@needs(Right.SEE)
async def campaign(request: web.Request) -> web.Response:
    """Where it stands and what may be done next."""
    return await _page(request, await campaign_of(request))


async def _page(request: web.Request, found: Campaign, problem: str = "") -> web.Response:
    here, locale = desk(request), locale_of(request)
    form = await here.store.forms.get(found.form)
    test = await here.campaigns.link(found.id, is_test=True) if _may_test(request, found) else None
    facility = await here.facilities.find(found.facility)
    return page(
        request,
        "campaign.html",
        status=409 if problem else 200,
        campaign=found,
        changeable=found.status in CHANGEABLE,
        form_title=title_of(form, locale),
        facility=facility,
        problem=problem,
        test=test,
        test_qr=qr(next(iter(test.addresses.values()))) if test else "",
        facilities=await _asked_about(request, found),
        invitations=invitations(form, found.words),
        stopped_news=await _stopped_news(request, found),
        **await _progress(request, found),
    )


def _may_test(request: web.Request, found: Campaign) -> bool:
    return found.status in CHANGEABLE and access_of(request).may(Right.WORK)


async def _asked_about(request: web.Request, found: Campaign) -> list[Any]:
    """The facilities that posters can be made for: the campaign's own, or those in its places."""
    here = desk(request)
    if found.facility:
        one = await here.facilities.find(found.facility)
        return [one] if one else []
    places = found.audience.places or access_of(request).places
    return list(await here.facilities.within(places))[:300]


async def _progress(request: web.Request, found: Campaign) -> dict[str, Any]:
    here, locale = desk(request), locale_of(request)
    counts = await counts_of(here, found.id)
    form = await here.store.forms.get(found.form)
    return {
        "funnel": funnel(counts["dispositions"]),
        "dispositions": counts["dispositions"],
        "rates": response_rates(counts["dispositions"]),
        "places_rows": places_table(counts["places"], access_of(request)),
        "dropoff": await dropoff(form, counts, locale),
        "problems": delivery_problems(counts["reasons"]),
    }


@routes.get("/campaigns/{campaign}/progress")
@needs(Right.SEE)
async def progress(request: web.Request) -> web.Response:
    """The part that changes while it runs, for live updates."""
    found = await campaign_of(request)
    return page(request, "progress.html", campaign=found, **await _progress(request, found))


@routes.get("/campaigns/{campaign}/head")
@needs(Right.SEE)
async def head(request: web.Request) -> web.Response:
    """The title, where it stands and what may be done next, for live updates."""
    here, found = desk(request), await campaign_of(request)
    form = await here.store.forms.get(found.form)
    return page(
        request,
        "campaign_head.html",
        campaign=found,
        form_title=title_of(form, locale_of(request)),
        facility=await here.facilities.find(found.facility),
    )


ACTS = {
    "test": "campaign.test",
    "approve": "campaign.approve",
    "schedule": "campaign.launch",
    "start": "campaign.launch",
    "pause": "campaign.pause",
    "resume": "campaign.resume",
    "close": "campaign.close",
    "back_to_draft": "campaign.change",
}


@routes.post(
    "/campaigns/{campaign}/{act:test|approve|schedule|start|pause|resume|close|back_to_draft}"
)
@needs(Right.WORK)
async def act(request: web.Request) -> web.Response:
    """One step on, or back; what can't be done is said with what would help."""
    here, found = desk(request), await campaign_of(request)
    name = request.match_info["act"]
    step: Act = getattr(here.campaigns, name)
    try:
        changed = await step(found.id, user_of(request).name)
    except Refusal as refusal:
        return await _page(request, found, refusal.words(locale_of(request)))
    await note(
        request, ACTS[name], found.id,
        before={"status": found.status}, after={"status": changed.status},
    )  # fmt: skip
    await count_campaign(here, found.id)
    raise seen(request, f"/campaigns/{found.id}", f"campaign_{name}")


async def _stopped_news(request: web.Request, found: Campaign) -> int:
    """How many announcements of results and commitments were stopped and wait."""
    pushes = await desk(request).store.outbox.paused_pushes(found.id)
    return sum(1 for push in pushes if not push["kind"].startswith(SENDING))


@routes.post("/campaigns/{campaign}/news")
@needs(Right.WORK)
async def resume_news(request: web.Request) -> web.Response:
    """Go on telling of results and commitments, after everything was stopped."""
    here, found = desk(request), await campaign_of(request)
    resumed = await here.announcer.resume(found.id)
    await note(request, "campaign.resume_news", found.id, after={"announcements": len(resumed)})
    raise seen(request, f"/campaigns/{found.id}", "news_resumed")


@routes.post("/campaigns/{campaign}/copy")
@needs(Right.WORK)
async def copy(request: web.Request) -> web.Response:
    """A draft like it, for the next round, from now on."""
    here, found = desk(request), await campaign_of(request)
    fields = blank(here.now(), found.form)
    hours = read_campaign(Fields(_Plain(fields)), access_of(request))["hours"]
    made = await here.campaigns.copy(found.id, user_of(request).name, hours=hours)
    await note(request, "campaign.create", made.id, after={"copy_of": found.id})
    raise seen(request, f"/campaigns/{made.id}/edit", "campaign_made")


class _Plain(dict[str, Any]):
    """A form's data made here rather than by a browser."""

    def getall(self, name: str, default: list[str]) -> list[str]:
        """As aiohttp's."""
        value = self.get(name)
        return [value] if isinstance(value, str) and value else default


@routes.post("/campaigns/stop")
@needs(Right.WORK)
async def stop(request: web.Request) -> web.Response:
    """Stop everything that is sending: an admin's all, a facilitator's own."""
    here, user = desk(request), user_of(request)
    if access_of(request).everywhere:
        stopped = await here.campaigns.stop_everything(user.name)
    else:
        stopped = []
        for one in await here.campaigns.all(RUNNING, SCHEDULED):
            if await is_theirs(request, one):
                await here.campaigns.pause(one.id, user.name)
                stopped.append(one.id)
    await note(request, "campaign.stop_all", ", ".join(stopped))
    raise seen(request, "/campaigns", "stopped")
