"""Surveys: uploaded, checked in their own rows, mended, tried out, compared, published."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from aiohttp import web

from console.access import Right, needs
from console.desk import access_of, desk, note, user_of
from console.forms import Fields
from console.rendering import locale_of, page, said, seen
from console.workbooks import (
    LARGEST,
    BadWorkbook,
    Checked,
    mend,
    source_of,
    take_in,
    workbook_of,
)
from conversations.survey.comparison import compare_forms
from conversations.survey.source import FormSource

routes = web.RouteTableDef()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL = "cell:"


@routes.get("/surveys")
@needs(Right.SEE)
async def surveys(request: web.Request) -> web.Response:
    """All forms, each with its latest version, and what somebody is working on."""
    here = desk(request)
    whose = "" if access_of(request).may(Right.MANAGE) else user_of(request).name
    drafts = await here.drafts.of(whose) if access_of(request).may(Right.WORK) else []
    return page(request, "surveys.html", forms=await _forms(request), drafts=drafts)


async def _forms(request: web.Request) -> list[dict[str, Any]]:
    """One line a form: title, versions, whether anyone may answer it."""
    here, locale = desk(request), locale_of(request)
    offered = {form["form"]: form["_id"] for form in await here.store.forms.offered()}
    found: dict[str, dict[str, Any]] = {}
    for version in await here.store.forms.versions():
        entry = found.setdefault(version["form"], {"form": version["form"], "versions": []})
        entry["versions"].append(version)
    for form, entry in found.items():
        latest = entry["versions"][0]
        entry["title"] = title_of(latest, locale)
        entry["kind"] = latest.get("kind", "")
        entry["open"] = form in offered
    return sorted(found.values(), key=lambda entry: str(entry["title"]))


def title_of(form: dict[str, Any], locale: str) -> str:
    """The form's title in a language, else in Mongolian, else as it is."""
    titles = form.get("titles") or {}
    return str(titles.get(locale) or titles.get("mn") or form.get("title") or form["form"])


# -- drafts --------------------------------------------------------------------------------


@routes.get("/surveys/new")
@needs(Right.WORK)
async def new(request: web.Request) -> web.Response:
    """Where a workbook is uploaded."""
    return page(request, "survey_new.html", problem="", limit=LARGEST // 2**20)


@routes.post("/surveys/new")
@needs(Right.WORK)
async def upload(request: web.Request) -> web.Response:
    """Take in a workbook and show what its check found."""
    here = desk(request)
    try:
        checked = await _uploaded(request)
    except BadWorkbook as bad:
        problem = said(request, bad.key, **bad.values)
        return page(request, "survey_new.html", status=400, problem=problem, limit=LARGEST // 2**20)
    draft = await here.drafts.add(user_of(request).name, checked.to_document(), here.now())
    await note(request, "survey.upload", checked.name, after={"passed": checked.report.passed})
    raise seen(request, f"/surveys/drafts/{draft}")


async def _uploaded(request: web.Request) -> Checked:
    given = (await request.post()).get("workbook")
    if not isinstance(given, web.FileField):
        raise BadWorkbook("console.surveys.empty")
    data = await asyncio.to_thread(given.file.read, LARGEST + 1)
    return await asyncio.to_thread(take_in, given.filename, data)


async def draft_of(request: web.Request) -> dict[str, Any]:
    """The draft in the address, if it is theirs; else there is none, as far as they can tell."""
    try:
        draft = await desk(request).drafts.get(request.match_info["draft"])
    except KeyError:
        raise web.HTTPNotFound from None
    if draft["user"] != user_of(request).name and not access_of(request).may(Right.MANAGE):
        raise web.HTTPNotFound
    return draft


@routes.get("/surveys/drafts/{draft}")
@needs(Right.WORK)
async def draft(request: web.Request) -> web.Response:
    """The sheets with the findings in their rows, and the chat pane beside."""
    return await _draft_page(request, await draft_of(request))


async def _draft_page(
    request: web.Request, draft: dict[str, Any], problem: str = ""
) -> web.Response:
    book = await asyncio.to_thread(workbook_of, draft)
    wanted = request.query.get("sheet", "")
    sheet = wanted if wanted in book.grids else next(iter(book.grids), "")
    counts = {
        kind: sum(1 for one in draft["findings"] if one["severity"] == kind)
        for kind in ("error", "warning")
    }
    return page(
        request,
        "draft.html",
        status=400 if problem else 200,
        draft=draft,
        book=book,
        sheet=sheet,
        grid=book.grids.get(sheet),
        counts=counts,
        problem=problem,
        pane=f"/console/surveys/drafts/{draft['_id']}/preview",
    )


@routes.post("/surveys/drafts/{draft}/again")
@needs(Right.WORK)
async def upload_again(request: web.Request) -> web.Response:
    """A mended workbook in place of the one before."""
    found = await draft_of(request)
    try:
        checked = await _uploaded(request)
    except BadWorkbook as bad:
        return await _draft_page(request, found, said(request, bad.key, **bad.values))
    await _keep(request, found, checked)
    raise seen(request, f"/surveys/drafts/{found['_id']}", "checked")


@routes.post("/surveys/drafts/{draft}/row")
@needs(Right.WORK)
async def change_row(request: web.Request) -> web.Response:
    """Mend the cells of one row, here on the page."""
    found = await draft_of(request)
    data = await request.post()
    fields = Fields(data)
    sheet, row = fields.text("sheet", longest=100).lower(), fields.whole("row", 1, 20_000) or 0
    names = [key for key in data if key.startswith(CELL)]
    cells = {key.removeprefix(CELL): fields.text(key, longest=5000) for key in names}
    try:
        checked = await asyncio.to_thread(mend, found, sheet, row, cells)
    except BadWorkbook as bad:
        return await _draft_page(request, found, said(request, bad.key, **bad.values))
    await _keep(request, found, checked)
    raise seen(request, f"/surveys/drafts/{found['_id']}?sheet={quote(sheet)}", "checked")


async def _keep(request: web.Request, draft: dict[str, Any], checked: Checked) -> None:
    here = desk(request)
    await here.drafts.change(draft["_id"], checked.to_document(), here.now())
    await note(
        request, "survey.change", checked.name,
        before={"findings": len(draft["findings"])},
        after={"findings": len(checked.report.findings)},
    )  # fmt: skip


@routes.get("/surveys/drafts/{draft}/workbook")
@needs(Right.WORK)
async def download_draft(request: web.Request) -> web.Response:
    """The workbook as it now is."""
    found = await draft_of(request)
    return _file(found["workbook"], found["name"])


def _file(data: bytes, name: str) -> web.Response:
    response = web.Response(body=data, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@routes.post("/surveys/drafts/{draft}/drop")
@needs(Right.WORK)
async def drop(request: web.Request) -> web.Response:
    """Throw a draft away."""
    found = await draft_of(request)
    await desk(request).drafts.drop(found["_id"])
    raise seen(request, "/surveys", "draft_dropped")


@routes.post("/surveys/drafts/{draft}/publish")
@needs(Right.WORK)
async def publish(request: web.Request) -> web.Response:
    """Make it a version that never changes."""
    here, found = desk(request), await draft_of(request)
    source = source_of(found)
    if source is None or not found["passed"]:
        raise web.HTTPConflict(text="console.surveys.not_passed")
    fresh = await here.store.forms.put(source.to_document(), here.now())
    await note(request, "survey.publish", source.version, after={"title": source.title})
    await here.drafts.drop(found["_id"])
    done = "published" if fresh else "published_before"
    raise seen(request, f"/surveys/{source.form_id}", done)


# -- published forms -------------------------------------------------------------------------


@routes.get("/surveys/{form}")
@needs(Right.SEE)
async def form(request: web.Request) -> web.Response:
    """A form's versions, and what changed between the last two."""
    here = desk(request)
    versions = await here.store.forms.versions(request.match_info["form"])
    if not versions:
        raise web.HTTPNotFound
    offered = {one["_id"] for one in await here.store.forms.offered()}
    changes = await _changes(request, versions)
    return page(
        request,
        "survey.html",
        form=versions[0],
        title=title_of(versions[0], locale_of(request)),
        versions=versions,
        offered=offered,
        changes=changes,
        pane=f"/console/surveys/versions/{versions[0]['_id']}/preview",
    )


async def _changes(request: web.Request, versions: list[dict[str, Any]]) -> list[str] | None:
    if len(versions) < 2:
        return None
    here, locale = desk(request), locale_of(request)
    new, old = [await here.store.forms.get(one["_id"]) for one in versions[:2]]
    return await asyncio.to_thread(describe_changes, old, new, locale)


def describe_changes(old: dict[str, Any], new: dict[str, Any], locale: str) -> list[str]:
    """What changed between two stored versions, in words."""
    one, other = (FormSource.from_document(document).compile() for document in (old, new))
    return [change.message(locale) for change in compare_forms(one, other)]


@routes.get("/surveys/drafts/{draft}/diff")
@needs(Right.WORK)
async def diff(request: web.Request) -> web.Response:
    """What publishing the draft would change against the version published last."""
    here, found = desk(request), await draft_of(request)
    source = source_of(found)
    versions = await here.store.forms.versions(source.form_id) if source else []
    changes = None
    if source and versions:
        old = await here.store.forms.get(versions[0]["_id"])
        changes = await asyncio.to_thread(
            describe_changes, old, source.to_document(), locale_of(request)
        )
    return page(request, "diff.html", changes=changes)


@routes.get("/surveys/versions/{version}/workbook")
@needs(Right.SEE)
async def download(request: web.Request) -> web.Response:
    """The workbook that a version was made from."""
    document = await version_of(request)
    return _file(document["workbook"], document["workbook_name"])


async def version_of(request: web.Request) -> dict[str, Any]:
    """The published version in the address."""
    try:
        return await desk(request).store.forms.get(request.match_info["version"])
    except KeyError:
        raise web.HTTPNotFound from None


@routes.post("/surveys/versions/{version}/{act:offer|withdraw}")
@needs(Right.MANAGE)
async def offer(request: web.Request) -> web.Response:
    """Open a version to everyone who writes to the bot, or close it."""
    here, document = desk(request), await version_of(request)
    opening = request.match_info["act"] == "offer"
    if opening:
        await here.store.forms.offer(document["form"], document["_id"])
    else:
        await here.store.forms.withdraw(document["form"])
    await note(request, "survey.offer" if opening else "survey.withdraw", document["_id"])
    raise seen(request, f"/surveys/{document['form']}", "offered" if opening else "withdrawn")
