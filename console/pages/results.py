"""What came of a round at one facility: scores, groups, themes, the meeting, the scorecard."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from campaigns.campaign import Campaign
from campaigns.refusal import Refusal
from campaigns.results import FacilityResult
from console.access import Right, needs
from console.charts import Bar
from console.counting import counts_of
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.pages.campaigns import campaign_of
from console.pages.facilities import facility_of
from console.rendering import locale_of, page, seen
from content.facilities import Facility

routes = web.RouteTableDef()

ROUND = "/facilities/{facility}/rounds/{campaign}"
SCALE = (1, 5)


def titled(titles: dict[str, str], locale: str) -> str:
    """The words in a language, else in Mongolian, else in whichever there is."""
    return titles.get(locale) or titles.get("mn") or next(iter(titles.values()), "")


@routes.get("/campaigns/{campaign}/results")
@needs(Right.SEE)
async def results(request: web.Request) -> web.Response:
    """The facilities that were answered about in a round."""
    here, found = desk(request), await campaign_of(request)
    answers = {one["facility"]: one["n"] for one in (await counts_of(here, found.id))["facilities"]}
    lines = [
        (one, answers[one.code])
        for one in await here.facilities.within(access_of(request).places)
        if one.code in answers
    ]
    return page(request, "results.html", campaign=found, lines=lines)


@routes.get("/facilities/{facility}")
@needs(Right.SEE)
async def facility(request: web.Request) -> web.Response:
    """A facility: its rounds, what was promised, and where the public page is."""
    here, found = desk(request), await facility_of(request)
    rounds = []
    for code in await here.store.cases.campaigns_of(found.code):
        try:
            rounds.append(await here.campaigns.get(code))
        except Refusal:
            continue
    published = await here.results.published(found.code)
    return page(
        request,
        "facility.html",
        facility=found,
        rounds=sorted(rounds, key=lambda one: one.created, reverse=True),
        published={one.campaign: one for one in published},
        trend=trend(published),
        commitments=await here.commitments.of(found.code),
    )


def trend(published: list[FacilityResult]) -> list[tuple[str, float]]:
    """The mean over all indicators, round by round, the oldest first."""
    points = []
    for one in reversed(published):
        if one.mean is not None:
            points.append((f"{one.at:%Y-%m}", one.mean))
    return points[-6:]


async def round_of(request: web.Request) -> tuple[Facility, Campaign, FacilityResult]:
    """The facility, the round and its result in the address; only where they answered about it."""
    here, found = desk(request), await facility_of(request)
    try:
        campaign = await here.campaigns.get(request.match_info["campaign"])
    except Refusal:
        raise web.HTTPNotFound from None
    if campaign.id not in await here.store.cases.campaigns_of(found.code):
        raise web.HTTPNotFound
    result = await here.results.of_facility(campaign.id, found.code)
    return found, campaign, result


@routes.get(ROUND)
@needs(Right.SEE)
async def one_round(request: web.Request) -> web.Response:
    """All that may be known of a round at a facility; small cells are left out beforehand."""
    return await _page(request)


async def _page(
    request: web.Request, problem: str = "", errors: dict[str, str] | None = None
) -> web.Response:
    here, locale = desk(request), locale_of(request)
    found, campaign, result = await round_of(request)
    published = {one.campaign for one in await here.results.published(found.code)}
    return page(
        request,
        "round.html",
        status=409 if problem else 400 if errors else 200,
        facility=found,
        campaign=campaign,
        problem=problem,
        errors=errors or {},
        is_published=campaign.id in published,
        commitments=await here.commitments.of(found.code),
        **shown(result, locale),
    )


def shown(result: FacilityResult, locale: str) -> dict[str, Any]:
    """A result as the console's and the public page show it."""
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "label": titled(one.label, locale),
            "n": one.n,
            "mean": one.mean,
            "change": one.change,
            "provider": one.provider,
            "meeting": one.meeting,
            "levels": sorted(one.distribution, key=int),
            "counts": [one.distribution[level] for level in sorted(one.distribution, key=int)],
            "whole": all(n is not None for n in one.distribution.values()),
        }
        for one in result.indicators
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for group in result.groups:
        groups.setdefault(group.dimension, []).append(
            {"label": titled(group.label, locale), "n": group.n, "mean": group.mean}
        )
    return {
        "result": result,
        "title": titled(result.title, locale),
        "rows": rows,
        "mean_bars": [
            Bar(row["label"], row["mean"], mark=row["meeting"] or row["provider"]) for row in rows
        ],
        "groups": groups,
    }


@routes.post(ROUND + "/themes")
@needs(Right.WORK)
async def themes(request: web.Request) -> web.Response:
    """What people said in their own words, as the facilitator puts it together."""
    found, campaign, result = await round_of(request)
    fields = await Fields.of(request)
    lines = [line.strip() for line in fields.text("themes").splitlines() if line.strip()]
    by = user_of(request).name
    try:
        await desk(request).results.themes(campaign.id, found.code, lines, by)
    except Refusal as refusal:
        return await _page(request, refusal.words(locale_of(request)))
    await note(request, "meeting.save", f"{campaign.id}/{found.code}",
               before={"themes": list(result.themes)}, after={"themes": lines})  # fmt: skip
    raise seen(request, f"/facilities/{found.code}/rounds/{campaign.id}", "saved")


@routes.post(ROUND + "/meeting")
@needs(Right.WORK)
async def meeting(request: web.Request) -> web.Response:
    """The scores that citizens and provider agreed on at the table."""
    found, campaign, result = await round_of(request)
    fields = await Fields.of(request)
    held = fields.day("held", required=True)
    scores = {}
    for one in result.indicators:
        score = fields.whole(f"score:{one.name}", *SCALE)
        if score is not None:
            scores[one.name] = score
    if fields.errors or held is None:
        return await _page(request, errors=fields.errors)
    by, words = user_of(request).name, fields.text("note", longest=1000)
    try:
        await desk(request).results.meeting(
            campaign.id, found.code, scores, by, f"{held.isoformat()}: {words}"
        )
    except Refusal as refusal:
        return await _page(request, refusal.words(locale_of(request)))
    await note(request, "meeting.save", f"{campaign.id}/{found.code}",
               after={"held": held.isoformat(), "scores": len(scores)})  # fmt: skip
    raise seen(request, f"/facilities/{found.code}/rounds/{campaign.id}", "meeting")


@routes.post(ROUND + "/publish")
@needs(Right.WORK)
async def publish(request: web.Request) -> web.Response:
    """Put the result on the public page."""
    found, campaign, _ = await round_of(request)
    try:
        await desk(request).results.publish(campaign.id, found.code, user_of(request).name)
    except Refusal as refusal:
        return await _page(request, refusal.words(locale_of(request)))
    await note(request, "results.publish", f"{campaign.id}/{found.code}")
    raise seen(request, f"/facilities/{found.code}/rounds/{campaign.id}", "result_published")


@routes.post(ROUND + "/announce")
@needs(Right.WORK)
async def announce(request: web.Request) -> web.Response:
    """Tell everybody who took part what came of it, in their chat."""
    here = desk(request)
    found, campaign, _ = await round_of(request)
    try:
        told = await here.announcer.result(campaign.id, found.code)
    except Refusal as refusal:
        return await _page(request, refusal.words(locale_of(request)))
    await note(request, "results.send", f"{campaign.id}/{found.code}", after={"people": told})
    raise seen(request, f"/facilities/{found.code}/rounds/{campaign.id}", "announced")
