"""Counts made in the background, so that every page is there at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from campaigns.campaign import RUNNING
from console.desk import DESK, Desk
from console.places import above, groups
from console.policy import line_of
from content.entitlement import entitlements
from nlu.masking import mask
from storage.store import StorageError

log = structlog.get_logger()

LOOK_EVERY = 1.0
PAUSE = 20
"""Counting leaves the database alone for so many times as long as it took."""
CAMPAIGN, OVERVIEW = timedelta(seconds=2), timedelta(seconds=60)
UNCLEAR = timedelta(minutes=10)
WHOLE, WORDS, POLICY, TAGS = "overview", "unclear", "policy", "tags"
PATIENCE = 0.4
"""Seconds that somebody who changed something waits for it to be counted."""
UNSURE = 0.5
"""Confidence below which words are worth a look."""


def campaign_tally(campaign: str) -> str:
    """The name under which a campaign's counts stand."""
    return f"campaign:{campaign}"


async def count_campaign(desk: Desk, campaign: str) -> dict[str, Any]:
    """Count a campaign's progress now, and keep it."""
    outbox = desk.store.outbox
    counts = await desk.tallies.count_campaign(campaign)
    counts["reasons"] = [
        {"kind": push["kind"], "reason": reason, "n": n}
        for push in await outbox.pushes_of(campaign)
        for reason, n in (await outbox.reasons(push["_id"])).items()
    ]
    await desk.tallies.write(campaign_tally(campaign), counts, desk.now())
    return counts


async def count_everything(desk: Desk) -> dict[str, Any]:
    """Count what the overview shows, and keep it."""
    counts = await desk.tallies.count_everything(desk.now())
    await desk.tallies.write(WHOLE, counts, desk.now())
    return counts


async def counts_of(desk: Desk, campaign: str) -> dict[str, Any]:
    """A campaign's counts as they stand; counted now if nobody has."""
    found = await desk.tallies.read(campaign_tally(campaign))
    if found is None or "counts" not in found:
        return await count_campaign(desk, campaign)
    counts: dict[str, Any] = found["counts"]
    return counts


async def everything(desk: Desk) -> dict[str, Any]:
    """The overview's counts as they stand; counted now if nobody has."""
    found = await desk.tallies.read(WHOLE)
    if found is None or "counts" not in found:
        return await count_everything(desk)
    counts: dict[str, Any] = found["counts"]
    return counts


async def find_unclear(desk: Desk) -> list[dict[str, Any]]:
    """The latest words that were not understood, without what points to a person."""
    found = await desk.tallies.unclear(UNSURE)
    shown = [{**one, "text": mask(one["text"])} for one in found]
    await desk.tallies.write(WORDS, {"words": shown}, desk.now())
    return shown


async def not_understood(desk: Desk) -> list[dict[str, Any]]:
    """The words that were not understood, as last looked for."""
    found = await desk.tallies.read(WORDS)
    if found is None or "counts" not in found:
        return await find_unclear(desk)
    words: list[dict[str, Any]] = found["counts"]["words"]
    return words


async def put_together(desk: Desk) -> dict[str, Any]:
    """All that was published, and how many commitments stand where, for the policy view."""
    facilities = {one.code: one for one in await desk.facilities.within(None)}
    lines, met = [], set()
    for result in await desk.results.all_published():
        if facility := facilities.get(result.facility):
            lines.append(line_of(facility, result, result.facility not in met))
            met.add(result.facility)
    sums: dict[tuple[str, str, str], int] = {}
    for promise in await desk.commitments.all():
        if facility := facilities.get(promise.facility):
            key = (facility.sector, above(facility.place), promise.status)
            sums[key] = sums.get(key, 0) + 1
    promises = [
        {"sector": sector, "aimag": aimag, "status": status, "n": n}
        for (sector, aimag, status), n in sorted(sums.items())
    ]
    counts = {"lines": lines, "promises": promises}
    await desk.tallies.write(POLICY, counts, desk.now())
    return counts


async def published_lines(desk: Desk) -> dict[str, Any]:
    """What the policy view shows, as last put together."""
    found = await desk.tallies.read(POLICY)
    if found is None or "counts" not in found:
        return await put_together(desk)
    counts: dict[str, Any] = found["counts"]
    return counts


async def count_tags(desk: Desk) -> list[dict[str, Any]]:
    """Count who has which tag, by place, and keep it."""
    lines = await desk.tags.count_by_place()
    await desk.tallies.write(TAGS, {"lines": lines}, desk.now())
    return lines


async def recount_tags(desk: Desk) -> None:
    """Count who has which tag after a change; what takes long is left to the background."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await count_tags(desk)


async def tag_lines(desk: Desk) -> list[dict[str, Any]]:
    """How many have each tag in each place, as last counted."""
    found = await desk.tallies.read(TAGS)
    if found is None or "counts" not in found:
        return await count_tags(desk)
    lines: list[dict[str, Any]] = found["counts"]["lines"]
    return lines


async def look(desk: Desk) -> None:
    """Count whatever is due."""
    for campaign in await desk.campaigns.all(RUNNING):
        await _in_turn(desk, campaign_tally(campaign.id), CAMPAIGN, count_campaign, campaign.id)
    await _in_turn(desk, WHOLE, OVERVIEW, count_everything)
    await _in_turn(desk, POLICY, OVERVIEW, put_together)
    await _in_turn(desk, TAGS, OVERVIEW, count_tags)
    await _in_turn(desk, WORDS, UNCLEAR, find_unclear)


async def _in_turn(
    desk: Desk, name: str, every: timedelta, count: Callable[..., Awaitable[Any]], *of: str
) -> None:
    """Count if it is time; what takes long is done seldom, so that others have the database."""
    if not await desk.tallies.claim(name, desk.now(), every):
        return
    began = time.monotonic()
    await count(desk, *of)
    taken = timedelta(seconds=time.monotonic() - began)
    await desk.tallies.put_off(name, desk.now() + max(every, PAUSE * taken))


async def _keep_counting(desk: Desk) -> None:
    while True:
        try:
            await look(desk)
        except StorageError as error:
            log.warning("database away", error=type(error).__name__)
        except Exception:
            log.exception("counting failed")
        await asyncio.sleep(LOOK_EVERY)


def _warm() -> None:
    entitlements()
    for locale in ("mn", "en"):
        groups(locale)


async def counting(app: web.Application) -> AsyncIterator[None]:
    """Count while the server runs; what takes long to read is read before anybody waits."""
    await asyncio.to_thread(_warm)
    task = asyncio.create_task(_keep_counting(app[DESK]))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
