"""What stands before every handler: headers, who is signed in, CSRF, and rights.

In this order, so that nobody who is not signed in makes us read a body.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlencode, urlsplit

import structlog
from aiohttp import web

from bots.proxies import client_address
from console.access import ACCESS, Access, Handler, Right, needed
from console.desk import desk
from storage.signins import LASTS

log = structlog.get_logger()

HOME = "/console"
SIGN_IN = f"{HOME}/signin"
SAFE = ("GET", "HEAD")
FIELD, HEADER = "csrf", "X-CSRF-Token"
CSRF = web.RequestKey("csrf", str)
"""What forms of the page being made must carry."""
FRESH = web.RequestKey("fresh", str)
"""A token for a browser that has none yet."""
YEAR = 365 * 24 * 3600
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def encrypted(request: web.Request) -> bool:
    """Whether browsers reach us by HTTPS."""
    return desk(request).settings.public_url.startswith("https:")


def cookie_name(request: web.Request) -> str:
    """The prefix makes browsers refuse the cookie from any other host."""
    return "__Host-onoo-console" if encrypted(request) else "onoo-console"


def set_token(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser a token: a new one at every sign-in, so that none can be planted."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=encrypted(request),
    )


def csrf_of(token: str) -> str:
    """What forms carry: it comes from the cookie's token, which other sites can't read."""
    return hashlib.sha256(f"onoo-csrf:{token}".encode()).hexdigest()[:40]


def address_of(request: web.Request) -> str:
    """Where a request comes from; behind our own proxy, what that says."""
    return client_address(request, desk(request).settings.trusted_proxies)


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Headers that keep foreign scripts, frames and sniffing away, also from errors."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        _guard(request, error)
        raise
    if not response.prepared:
        _guard(request, response)
    return response


def _guard(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(security_headers(encrypted(request)))


def security_headers(https: bool) -> dict[str, str]:
    """The headers of every page; a page that others may keep sets its own Cache-Control."""
    found = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if https:
        found["Strict-Transport-Security"] = f"max-age={YEAR}"
    return found


@web.middleware
async def identity(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who is this, and may they? Then, for what changes something: is it their own form?"""
    here = desk(request)
    token = request.cookies.get(cookie_name(request), "")
    signed_in = await here.signins.find(token, here.now()) if token else None
    user = await here.users.find(signed_in.user) if signed_in else None
    if user is not None and not user.disabled:
        request[ACCESS] = Access(user)
    elif signed_in:
        token = ""
    fresh = token or secrets.token_urlsafe(32)
    request[CSRF] = csrf_of(fresh)
    right = needed(request.match_info.handler)
    if request.match_info.http_exception is None:
        _check_rights(request, right)
        if request.method not in SAFE:
            await _check_form(request, token)
    # For the form on the sign-in page: somebody who is not signed in has a token too.
    request[FRESH] = "" if token else fresh
    return await handler(request)


def _check_rights(request: web.Request, right: Right | None) -> None:
    if right is Right.ANYONE:
        return
    access: Access | None = request.get(ACCESS)
    if access is None:
        if request.headers.get("HX-Request"):
            raise web.HTTPUnauthorized(headers={"HX-Redirect": SIGN_IN})
        back = urlencode({"next": request.path_qs}) if request.method in SAFE else ""
        raise web.HTTPSeeOther(f"{SIGN_IN}?{back}" if back else SIGN_IN)
    if right is None or not access.may(right):
        raise web.HTTPForbidden(text="console.error.forbidden")


async def _check_form(request: web.Request, token: str) -> None:
    """Raise 403 for a form that did not come from a page of ours."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="console.error.foreign")
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        public = urlsplit(desk(request).settings.public_url)
        if urlsplit(origin).netloc != public.netloc or not public.netloc:
            raise web.HTTPForbidden(text="console.error.foreign")
    given = request.headers.get(HEADER) or str((await request.post()).get(FIELD, ""))
    if not token or not hmac.compare_digest(given.encode(), csrf_of(token).encode()):
        raise web.HTTPForbidden(text="console.error.csrf")
