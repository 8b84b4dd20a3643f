"""What people see when something is not right: a page in their language with a way on."""

from __future__ import annotations

import structlog
from aiohttp import web

from console.access import Handler
from console.rendering import page, said
from storage.store import StorageError

log = structlog.get_logger()

KNOWN = {
    403: "console.error.forbidden",
    404: "console.error.not_found",
    405: "console.error.not_found",
    413: "console.error.too_large",
}


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals and faults into pages; what went wrong inside stays in the log."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or error.headers.get("HX-Redirect"):
            raise
        given = error.text or ""
        key = given if given.startswith("console.") else KNOWN.get(error.status, "")
        return _page(request, error.status, key or "console.error.request")
    except StorageError as error:
        log.warning("database away", error=type(error).__name__)
        return _page(request, 503, "console.error.database")
    except Exception:
        log.exception("page failed", handler=str(request.match_info.handler))
        return _page(request, 500, "console.error.fault")


def _page(request: web.Request, status: int, key: str) -> web.Response:
    return page(request, "error.html", status=status, code=status, message=said(request, key))
