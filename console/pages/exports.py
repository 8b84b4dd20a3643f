"""Data out, for analysts: chosen on a form, made beside everything else, fetched when ready."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from analytics.datasets import NAMES
from analytics.request import Format, Multiple, Profile, Request, RequestError, request_of
from console.access import Right, needs
from console.desk import access_of, desk, user_of
from console.exporting import EXPORTER, MOST_WAITING
from console.forms import Fields
from console.pages.surveys import title_of
from console.places import groups_for
from console.rendering import local_stamp, locale_of, page, seen
from locales.told import arrived
from storage.exports import READY, RUNNING

routes = web.RouteTableDef()

NEED_FORM = ("answers", "paradata", "scorecards")
PUBLIC = ("answers", "scorecards")
LANGUAGES = ("", "mn", "en")
PLAIN: dict[str, Any] = {
    "dataset": "answers", "form": "", "campaign": "", "format": "csv", "profile": "restricted",
    "language": "", "multiple": "single", "started_from": "", "started_to": "", "fields": "",
    "where": "", "places": [], "labels": "", "long": "", "tests": "", "media": "",
}  # fmt: skip
"""The form as it stands before anybody touched it."""
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@routes.get("/exports")
@needs(Right.EXPORT)
async def exports(request: web.Request) -> web.Response:
    """The form, and what was asked for lately."""
    return await _page(request, PLAIN)


@routes.post("/exports")
@needs(Right.EXPORT)
async def start(request: web.Request) -> web.Response:
    """Begin an export."""
    here, user = desk(request), user_of(request)
    fields = await Fields.of(request)
    given = await _given(request, fields)
    typed = {name: fields.several(name) if name == "places" else fields[name] for name in PLAIN}
    under_way = [one for one in await here.exports.of(user.name, here.now())
                 if one["status"] == RUNNING]  # fmt: skip
    if len(under_way) >= MOST_WAITING:
        return await _page(request, typed, {"form": "console.exports.too_many"}, status=429)
    if fields.errors:
        return await _page(request, typed, fields.errors)
    try:
        asked = request_of(given)
    except RequestError as error:
        return await _page(request, typed, problem=error.words(locale_of(request)))
    await request.config_dict[EXPORTER].start(asked, user.name, _name(asked, here.now()))
    raise seen(request, "/exports", "export")


async def _given(request: web.Request, fields: Fields) -> dict[str, Any]:
    """What the form asks for; what can't be is noted in `fields.errors`."""
    here, access = desk(request), access_of(request)
    dataset = fields.choice("dataset", NAMES)
    profile = fields.choice("profile", tuple(Profile), Profile.RESTRICTED)
    form = fields.text("form", longest=200)
    known = {one["form"] for one in await here.store.forms.versions()}
    if form not in known and (form or dataset in NEED_FORM):
        fields.errors["form"] = "console.exports.needs_form"
    places = access.covered(fields.several("places")) or list(access.places or ())
    if profile == Profile.PUBLIC:
        _check_public(fields, dataset, held_to_places=access.places is not None)
    return {
        "dataset": dataset,
        "form": form,
        "campaign": fields.text("campaign", longest=60),
        "format": fields.choice("format", tuple(Format), Format.CSV),
        "profile": profile,
        "language": fields.choice("language", LANGUAGES),
        "multiple": fields.choice("multiple", tuple(Multiple), Multiple.SINGLE),
        "started_from": fields.moment("started_from"),
        "started_to": fields.moment("started_to"),
        "fields": _listed(fields, "fields"),
        "where": _conditions(fields),
        "places": tuple(places),
        **{name: bool(fields[name]) for name in ("labels", "long", "tests", "media")},
        "cutoff": here.now(),
    }


def _check_public(fields: Fields, dataset: str, *, held_to_places: bool) -> None:
    """The public profile is of few data sets, and is never narrowed."""
    narrowing = ("started_from", "started_to", "where", "long", "tests", "media")
    if dataset not in PUBLIC:
        fields.errors["profile"] = "console.exports.not_public"
    elif held_to_places or fields.several("places") or any(fields[name] for name in narrowing):
        fields.errors["profile"] = "console.exports.not_narrowed"


def _listed(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", fields.text(name)) if word)


def _conditions(fields: Fields) -> dict[str, tuple[str, ...]]:
    """COLUMN=VALUE, a line each; several values of one column are or'ed."""
    found: dict[str, tuple[str, ...]] = {}
    for line in fields.text("where").splitlines():
        column, equals, value = (part.strip() for part in line.partition("="))
        if line.strip() and not (column and equals):
            fields.errors["where"] = "console.exports.bad_where"
        elif column:
            found[column] = (*found.get(column, ()), value)
    return found


def _name(asked: Request, now: Any) -> str:
    """What the file is called."""
    parts = (asked.dataset, asked.form or asked.campaign, asked.profile, local_stamp(now))
    return "-".join(UNSAFE.sub("_", str(part)) for part in parts if part) + ".zip"


async def _page(
    request: web.Request,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 0,
) -> web.Response:
    here, access, locale = desk(request), access_of(request), locale_of(request)
    titles = {one["form"]: title_of(one, locale)
              for one in reversed(await here.store.forms.versions())}  # fmt: skip
    return page(
        request,
        "exports.html",
        status=status or (400 if errors or problem else 200),
        values=values,
        errors=errors or {},
        problem=problem,
        datasets=NAMES,
        formats=tuple(Format),
        forms=sorted(titles.items(), key=lambda one: one[1]),
        campaigns=[(one.id, one.title) for one in await here.campaigns.all()][:200],
        places=groups_for(access, locale),
        lines=await _lines(request),
    )


async def _lines(request: web.Request) -> list[dict[str, Any]]:
    """What was asked for, with why it could not be in the reader's language."""
    here, locale = desk(request), locale_of(request)
    found = await here.exports.of(user_of(request).name, here.now())
    return [{**one, "why": _reason(one.get("faults", []), locale)} for one in found]


def _reason(faults: list[Any], locale: str) -> str:
    return RequestError(*(arrived(fault) for fault in faults)).words(locale)


@routes.get("/exports/list")
@needs(Right.EXPORT)
async def listed(request: web.Request) -> web.Response:
    """The exports alone, for live updates."""
    return page(request, "export_list.html", lines=await _lines(request))


async def _export_of(request: web.Request) -> dict[str, Any]:
    """The export in the address, if it is theirs."""
    here = desk(request)
    try:
        found = await here.exports.get(request.match_info["export"], here.now())
    except KeyError:
        raise web.HTTPNotFound from None
    if found["user"] != user_of(request).name:
        raise web.HTTPNotFound
    return found


@routes.get("/exports/{export}/file")
@needs(Right.EXPORT)
async def download(request: web.Request) -> web.StreamResponse:
    """The file, or the rest of it where a download broke off (RFC 9110, ranges)."""
    found = await _export_of(request)
    if found["status"] != READY:
        raise web.HTTPNotFound
    size, etag = found["size"], f'"{found["digest"]}"'
    start, end = _range(request, size, etag)
    partial = (start, end) != (0, size)
    response = web.StreamResponse(status=206 if partial else 200)
    response.content_type = "application/zip"
    response.content_length = end - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Content-Disposition"] = f'attachment; filename="{found["name"]}"'
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    await response.prepare(request)
    if request.method != "HEAD":
        async for piece in desk(request).exports.read(found["_id"], start, end - start):
            await response.write(piece)
    await response.write_eof()
    return response


def _range(request: web.Request, size: int, etag: str) -> tuple[int, int]:
    """From which byte to which; all of them where the file is not the one begun before."""
    if request.headers.get("If-Range", etag) != etag:
        return 0, size
    try:
        wanted = request.http_range
    except ValueError:
        return 0, size
    start, end, _ = wanted.indices(size)
    if start >= end and size:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, end


@routes.post("/exports/{export}/drop")
@needs(Right.EXPORT)
async def drop(request: web.Request) -> web.Response:
    """Throw a file away before its time."""
    found = await _export_of(request)
    await desk(request).exports.drop(found["_id"])
    raise seen(request, "/exports", "export_dropped")
