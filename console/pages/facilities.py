"""Schools, clinics and the like: found by name and place, brought in from a file."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from aiohttp import web

from console.access import Right, needs
from console.desk import access_of, desk, note
from console.places import groups_for, known
from console.rendering import locale_of, page, said, seen
from content.facilities import SECTOR_OF, Facility
from content.facility_import import read_facilities
from content.finding import Finding, Refused

routes = web.RouteTableDef()

LARGEST = 5 * 2**20
SUFFIXES = (".csv", ".xlsx")
SHOWN = 200


@routes.get("/facilities")
@needs(Right.SEE)
async def facilities(request: web.Request) -> web.Response:
    """Those in one's places, narrowed by place, kind and name."""
    here, access, locale = desk(request), access_of(request), locale_of(request)
    place, kind = request.query.get("place", ""), request.query.get("kind", "")
    wanted = " ".join(request.query.get("q", "").split()).casefold()[:100]
    places = [place] if known(place) and access.covers(place) else access.places
    found = [
        one
        for one in await here.facilities.within(places)
        if (not kind or one.kind == kind) and wanted in f"{one.name} {one.code}".casefold()
    ]
    return page(
        request,
        "facilities.html",
        facilities=found[:SHOWN],
        total=len(found),
        places=groups_for(access, locale),
        kinds=tuple(SECTOR_OF),
        chosen={"place": place, "kind": kind, "q": request.query.get("q", "")[:100]},
    )


async def facility_of(request: web.Request) -> Facility:
    """The facility in the address, if it is in their places; else there is none."""
    found = await desk(request).facilities.find(request.match_info["facility"])
    if found is None or not access_of(request).covers(found.place):
        raise web.HTTPNotFound
    return found


@routes.get("/facilities/import")
@needs(Right.MANAGE)
async def import_form(request: web.Request) -> web.Response:
    """Where a list is uploaded."""
    return _form(request)


@routes.post("/facilities/import")
@needs(Right.MANAGE)
async def import_list(request: web.Request) -> web.Response:
    """Take in a whole list, or nothing of it and say what is wrong in which row."""
    here = desk(request)
    given = (await request.post()).get("file")
    if not isinstance(given, web.FileField):
        return _form(request, problem=said(request, "console.surveys.empty"))
    suffix = Path(given.filename).suffix.lower()
    data = await asyncio.to_thread(given.file.read, LARGEST + 1)
    if suffix not in SUFFIXES or len(data) > LARGEST:
        return _form(request, problem=said(request, "console.facilities.bad_file"))
    try:
        found = await asyncio.to_thread(_read, data, suffix)
    except Refused as refusal:
        return _form(request, findings=refusal.findings)
    before = len(await here.facilities.codes())
    await here.facilities.store(found)
    after = len(await here.facilities.codes())
    await note(request, "facility.import", str(len(found)),
               before={"facilities": before}, after={"facilities": after})  # fmt: skip
    raise seen(request, "/facilities", "imported")


def _read(data: bytes, suffix: str) -> list[Facility]:
    with tempfile.TemporaryDirectory(prefix="onoo-facilities-") as folder:
        path = Path(folder) / f"list{suffix}"
        path.write_bytes(data)
        return read_facilities(path)


def _form(
    request: web.Request, problem: str = "", findings: list[Finding] | None = None
) -> web.Response:
    wrong = bool(problem or findings)
    return page(
        request, "facility_import.html", status=400 if wrong else 200, problem=problem,
        findings=findings or [], kinds=tuple(SECTOR_OF),
    )  # fmt: skip
