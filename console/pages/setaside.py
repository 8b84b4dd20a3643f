"""What citizens did and Onoo failed at: tried again or thrown away, by admins."""

from __future__ import annotations

from aiohttp import web

from console.access import Right, needs
from console.desk import desk, note
from console.rendering import page, seen
from storage.setaside import Aside, Gone
from storage.store import InboxFull

routes = web.RouteTableDef()


@routes.get("/setaside")
@needs(Right.MANAGE)
async def set_aside(request: web.Request) -> web.Response:
    """The latest, each with what went wrong; not what was written."""
    return page(request, "setaside.html", lines=await desk(request).aside.all())


@routes.post("/setaside/{name}/replay")
@needs(Right.MANAGE)
async def replay(request: web.Request) -> web.Response:
    """Try again, as if the citizen had done it now."""
    here = desk(request)
    try:
        found, citizen = await here.aside.replay(request.match_info["name"], here.now())
    except KeyError:
        raise web.HTTPNotFound from None
    except Gone:
        raise web.HTTPConflict(text="console.setaside.gone") from None
    except InboxFull:
        raise web.HTTPConflict(text="console.setaside.full") from None
    if here.platform is not None:
        here.platform.worker.wake(citizen)
    await note(request, "aside.replay", found.name, before=_described(found))
    raise seen(request, "/setaside", "replayed")


@routes.post("/setaside/{name}/drop")
@needs(Right.MANAGE)
async def drop(request: web.Request) -> web.Response:
    """Throw it away for good."""
    try:
        found = await desk(request).aside.drop(request.match_info["name"])
    except KeyError:
        raise web.HTTPNotFound from None
    await note(request, "aside.drop", found.name, before=_described(found))
    raise seen(request, "/setaside", "dropped")


def _described(found: Aside) -> dict[str, str]:
    return {"kind": found.kind, "error": found.error, "at": found.at.isoformat()}
