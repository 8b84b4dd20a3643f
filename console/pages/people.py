"""Lists of people: brought in from a file as tags, by which campaigns then choose."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from console.access import Right, needs
from console.counting import recount_tags, tag_lines
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.people import Fault, Line, People, by_tag, read_people, tag_of
from console.rendering import locale_of, page, said, seen
from content.finding import Refused
from locales.told import in_words

routes = web.RouteTableDef()

LARGEST = 5 * 2**20
SUFFIXES = (".csv", ".xlsx")
ROWS_NAMED = 20


@routes.get("/people")
@needs(Right.WORK)
async def people(request: web.Request) -> web.Response:
    """The tags there are, and where a list is uploaded."""
    return await _page(request)


@routes.post("/people")
@needs(Right.WORK)
async def take_in(request: web.Request) -> web.Response:
    """Give a tag to everybody on a list; a list with anything wrong in it changes nothing."""
    here, access = desk(request), access_of(request)
    data = await request.post()
    fields, given = Fields(data), data.get("file")
    if not isinstance(given, web.FileField):
        return await _page(request, problem=said(request, "console.surveys.empty"))
    suffix = Path(given.filename).suffix.lower()
    content = await asyncio.to_thread(given.file.read, LARGEST + 1)
    if suffix not in SUFFIXES or len(content) > LARGEST:
        return await _page(request, problem=said(request, "console.facilities.bad_file"))
    try:
        found = await asyncio.to_thread(_read, content, suffix, here.store.key)
    except Refused as refusal:
        return await _page(request, problem=in_words(refusal.findings[0].what, locale_of(request)))
    tag = tag_of(fields["tag"])
    if not tag and not all(line.tags for line in found.lines):
        fields.errors["tag"] = "console.people.needs_tag"
    if found.faults or fields.errors:
        return await _page(request, faults=found.faults, errors=fields.errors, tag=fields["tag"])
    profiles = await here.store.citizens.of([line.citizen for line in found.lines])
    # Somebody of another place is as unknown here as somebody who never wrote.
    known = {one["_id"] for one in profiles if access.covers(one.get("place", ""))}
    lines = [line for line in found.lines if line.citizen in known]
    await _give(request, by_tag(lines, tag))
    strangers = [line for line in found.lines if line.citizen not in known]
    return await _page(request, taken=len(lines), strangers=strangers)


def _read(content: bytes, suffix: str, key: bytes) -> People:
    with tempfile.TemporaryDirectory(prefix="onoo-people-") as folder:
        path = Path(folder) / f"list{suffix}"
        path.write_bytes(content)
        return read_people(path, key)


async def _give(request: web.Request, groups: dict[str, list[str]]) -> None:
    here = desk(request)
    for tag, citizens in groups.items():
        await here.tags.give(citizens, tag, user_of(request).name, here.now())
        await note(request, "people.tag", tag, after={"people": len(citizens)})
    await recount_tags(here)


@routes.post("/people/untag")
@needs(Right.WORK)
async def untag(request: web.Request) -> web.Response:
    """Take a tag from everybody in one's places."""
    here, fields = desk(request), await Fields.of(request)
    tag = fields["tag"]
    if tag not in {one.name for one in await here.tags.all()}:
        raise web.HTTPNotFound
    taken = await here.tags.take(tag, access_of(request).places)
    await note(request, "people.untag", tag, before={"people": taken})
    await recount_tags(here)
    raise seen(request, "/people", "untagged")


async def _page(
    request: web.Request,
    *,
    problem: str = "",
    faults: Sequence[Fault] = (),
    errors: dict[str, str] | None = None,
    tag: str = "",
    taken: int | None = None,
    strangers: Sequence[Line] = (),
) -> web.Response:
    here, access = desk(request), access_of(request)
    having: Counter[str] = Counter()
    for line in await tag_lines(here):
        if access.covers(line["place"]):
            having[line["tag"]] += line["n"]
    tags: list[dict[str, Any]] = []
    for one in await here.tags.all():
        n = having[one.name]
        # To a facilitator, a tag that nobody in their places has is somebody else's.
        if n or access.everywhere or one.by == user_of(request).name:
            tags.append({"tag": one, "n": n})
    return page(
        request,
        "people.html",
        status=400 if problem or faults or errors else 200,
        problem=problem,
        faults=faults,
        errors=errors or {},
        tag=tag,
        tags=tags,
        taken=taken,
        strangers=[line.row for line in strangers[:ROWS_NAMED]],
        unknown=len(strangers),
    )
