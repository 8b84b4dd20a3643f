"""Live updates: the browser is told that a topic has news, and fetches the part it shows."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from aiohttp import web

from console.access import Access, Right, needs
from console.counting import campaign_tally
from console.desk import access_of, desk
from storage.store import StorageError

log = structlog.get_logger()
routes = web.RouteTableDef()

LOOK_EVERY = 1.0
MOST_TOPICS = 8
MOST_OPEN = 200
"""Connections of one process; browsers come back by themselves when there is room."""
LASTS = 300.0
"""Seconds: then the browser comes back, and whoever was signed out is not let in."""
CLOSING = web.AppKey("closing", asyncio.Event)
OPEN = web.AppKey("open", set[asyncio.Task[None]])


def set_up(app: web.Application) -> None:
    """Let open streams end when the server does."""
    app[CLOSING], app[OPEN] = asyncio.Event(), set()

    async def close(_: web.Application) -> None:
        app[CLOSING].set()

    app.on_shutdown.append(close)


@routes.get("/live")
@needs(Right.SEE)
async def live(request: web.Request) -> web.StreamResponse:
    """`news` events, each naming its topic, until the page is left.

    A topic may be followed by "@" and the version that the page shows already.
    """
    asked = request.query.getall("topic", [])[:MOST_TOPICS]
    topics = {name: seen for name, _, seen in (one.partition("@") for one in asked)}
    streams = request.config_dict[OPEN]
    task = asyncio.current_task()
    if len(streams) >= MOST_OPEN or task is None:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"})
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    streams.add(task)
    with suppress(ConnectionError, TimeoutError):
        try:
            async with asyncio.timeout(LASTS):
                await _watch(request, response, topics)
        finally:
            streams.discard(task)
    return response


async def _watch(
    request: web.Request, response: web.StreamResponse, topics: dict[str, str]
) -> None:
    closing = request.config_dict[CLOSING]
    known = {topic: seen or await _version(request, topic) for topic, seen in topics.items()}
    await response.write(b": open\n\n")
    quiet = 0
    while not closing.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), LOOK_EVERY)
        quiet += 1
        for topic in topics:
            version = await _version(request, topic)
            if version != known[topic]:
                known[topic] = version
                quiet = 0
                await response.write(f"event: news\ndata: {topic}\n\n".encode())
        if quiet >= 15:
            quiet = 0
            await response.write(b": still here\n\n")


async def _version(request: web.Request, topic: str) -> str:
    """Something that changes when the topic does; "" for one that is none of theirs."""
    here, access = desk(request), access_of(request)
    kind, _, name = topic.partition(":")
    try:
        if kind == "campaign":
            found = await here.tallies.read(campaign_tally(name))
            return str((found or {}).get("changed"))
        if kind == "status":
            stored = await here.store.campaigns.find(name)
            return str((stored or {}).get("version"))
        if kind == "exports" and access.may(Right.EXPORT):
            found_now = await here.exports.of(access.user.name, here.now())
            return str([(one["_id"], one["status"], one["done"], one["rows"]) for one in found_now])
        if kind == "problem" and access.may(Right.TALK):
            return await _problem_version(request, access, name)
    except (StorageError, KeyError) as error:
        log.warning("no news to be had", error=type(error).__name__)
    return ""


async def _problem_version(request: web.Request, access: Access, reference: str) -> str:
    found = await desk(request).reports.get(reference)
    if not access.covers(found.get("place", "")):
        return ""
    passed = sum(1 for line in found.get("thread", ()) if line.get("passed"))
    return f"{found.get('changed')}/{len(found.get('thread', ()))}/{passed}/{found['status']}"
