"""The chat pane beside a survey: the bot's own engine, nothing stored."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from console.access import Right, needs
from console.forms import Fields
from console.pages.surveys import draft_of, version_of
from console.preview import LONGEST, BadTranscript, Forms, parse, walk
from console.rendering import locale_of, page
from console.workbooks import source_of
from conversations.survey.source import FormSource

routes = web.RouteTableDef()
forms = Forms()


@routes.post("/surveys/drafts/{draft}/preview")
@needs(Right.WORK)
async def of_draft(request: web.Request) -> web.Response:
    """The pane for a draft."""
    source = source_of(await draft_of(request))
    if source is None:
        raise web.HTTPConflict(text="console.surveys.not_passed")
    return await _pane(request, source)


@routes.post("/surveys/versions/{version}/preview")
@needs(Right.SEE)
async def of_version(request: web.Request) -> web.Response:
    """The pane for a published version."""
    return await _pane(request, FormSource.from_document(await version_of(request)))


async def _pane(request: web.Request, source: FormSource) -> web.Response:
    fields = Fields(await request.post())
    try:
        steps = parse(fields["steps"])
    except BadTranscript:
        raise web.HTTPBadRequest(text="console.error.request") from None
    if tapped := fields["tap"][:LONGEST]:
        steps.append(("tap", tapped))
    elif typed := fields.text("text", longest=LONGEST):
        steps.append(("text", typed))
    if fields["restart"]:
        steps = []
    locale = fields.text("speak") or fields.text("locale") or locale_of(request)
    form = await asyncio.to_thread(forms.of, source)
    lines, goes_on = await asyncio.to_thread(walk, form, steps, locale)
    return page(
        request,
        "pane.html",
        lines=lines,
        goes_on=goes_on,
        steps=json.dumps(steps, ensure_ascii=False),
        spoken=locale,
        languages=source.languages,
        pane=request.path,
    )
