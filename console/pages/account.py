"""One's own account: password and one-time codes."""

from __future__ import annotations

import asyncio

from aiohttp import web

from console.access import Right, needs
from console.credentials import (
    WeakPassword,
    check_strength,
    code_step,
    enrolment,
    hash_password,
    matches,
    new_secret,
)
from console.desk import desk, note, user_of
from console.forms import Fields
from console.guard import set_token
from console.qr import qr
from console.rendering import page, seen

routes = web.RouteTableDef()


@routes.get("/account")
@needs(Right.SIGNED_IN)
async def account(request: web.Request) -> web.Response:
    """What the account is; with `totp`, a fresh secret to enrol an authenticator app with."""
    secret = new_secret() if request.query.get("totp") and not user_of(request).totp else ""
    return _page(request, secret)


def _page(
    request: web.Request, secret: str = "", errors: dict[str, str] | None = None
) -> web.Response:
    code = qr(enrolment(secret, user_of(request).name)) if secret else ""
    status = 400 if errors else 200
    return page(
        request, "account.html", status=status, qr=code, secret_code=secret, errors=errors or {}
    )


@routes.post("/account/password")
@needs(Right.SIGNED_IN)
async def password(request: web.Request) -> web.Response:
    """Change one's own password; every other browser is signed out."""
    here, user = desk(request), user_of(request)
    fields = await Fields.of(request)
    if not await matches(user.password, fields["old"]):
        return _page(request, errors={"old": "console.account.old_wrong"})
    try:
        check_strength(fields["password"], user.name)
    except WeakPassword as problem:
        return _page(request, errors={"password": problem.key})
    stored = await asyncio.to_thread(hash_password, fields["password"])
    await here.users.change(user.name, password=stored)
    await here.signins.end_all(user.name)
    await note(request, "user.password", user.name)
    response = seen(request, "/account", "password")
    set_token(request, response, await here.signins.begin(user.name, here.now()))
    raise response


@routes.post("/account/totp")
@needs(Right.SIGNED_IN)
async def start_codes(request: web.Request) -> web.Response:
    """Ask for one-time codes from now on, once the app has shown a right one."""
    here, user = desk(request), user_of(request)
    fields = await Fields.of(request)
    secret = fields.text("secret", longest=64)
    if user.totp or not (len(secret) == 32 and secret.isalnum() and secret.isascii()):
        raise web.HTTPBadRequest
    if not code_step(secret, fields.text("code", longest=20), here.now()):
        return _page(request, secret, {"code": "console.account.code_wrong"})
    await here.users.change(user.name, totp=here.seal.close(secret), totp_step=0)
    await note(request, "user.totp", user.name, before={"totp": False}, after={"totp": True})
    raise seen(request, "/account", "totp_on")


@routes.post("/account/totp/off")
@needs(Right.SIGNED_IN)
async def stop_codes(request: web.Request) -> web.Response:
    """Ask for the password alone again; for it now, since a browser may be left unlocked."""
    user = user_of(request)
    fields = await Fields.of(request)
    if not await matches(user.password, fields["password_now"]):
        return _page(request, errors={"password_now": "console.account.old_wrong"})
    await desk(request).users.change(user.name, totp="")
    await note(request, "user.totp", user.name, before={"totp": True}, after={"totp": False})
    raise seen(request, "/account", "totp_off")
