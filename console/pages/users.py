"""Accounts: who works here, in which role, in which places."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

from aiohttp import web

from console.access import Right, needs
from console.credentials import hash_password
from console.desk import desk, note, user_of
from console.forms import Fields
from console.places import groups, known
from console.rendering import LANGUAGES, locale_of, page, seen
from storage.users import ROLES, User, UserExists

routes = web.RouteTableDef()

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,60}")


@routes.get("/users")
@needs(Right.MANAGE)
async def users(request: web.Request) -> web.Response:
    """Everybody."""
    return page(request, "users.html", users=await desk(request).users.all())


@routes.get("/users/new")
@needs(Right.MANAGE)
async def new(request: web.Request) -> web.Response:
    """The form for a new account."""
    values = {"name": "", "full_name": "", "role": "facilitator", "places": (), "locale": "mn"}
    return _page(request, None, values)


@routes.post("/users/new")
@needs(Right.MANAGE)
async def create(request: web.Request) -> web.Response:
    """Create it; the password is shown to the admin once."""
    fields = await Fields.of(request)
    name = fields.text("name", required=True, longest=61).lower()
    values = _values(fields)
    if not NAME.fullmatch(name):
        fields.errors["name"] = "console.users.bad_name"
    if fields.errors:
        return _page(request, None, {**values, "name": name}, fields.errors)
    password = secrets.token_urlsafe(12)
    stored = await asyncio.to_thread(hash_password, password)
    user = User(name=name, password=stored, **values)
    try:
        await desk(request).users.add(user, desk(request).now())
    except UserExists:
        taken = {"name": "console.users.taken"}
        return _page(request, None, {**values, "name": name}, taken)
    await note(request, "user.add", name, after=user.described())
    return _page(request, user, values, password=password)


@routes.get("/users/{name}")
@needs(Right.MANAGE)
async def user(request: web.Request) -> web.Response:
    """One account."""
    found = await _found(request)
    return _page(request, found, found.described())


@routes.post("/users/{name}")
@needs(Right.MANAGE)
async def change(request: web.Request) -> web.Response:
    """Change name, role, places and language; nobody takes the admin's role from themselves."""
    found = await _found(request)
    fields = await Fields.of(request)
    values = _values(fields)
    if found.name == user_of(request).name and values["role"] != "admin":
        fields.errors["role"] = "console.users.not_yourself"
    if fields.errors:
        return _page(request, found, values, fields.errors)
    before = found.described()
    changed = {key: value for key, value in values.items() if before[key] != value}
    if changed:
        await desk(request).users.change(found.name, **changed)
        old = {key: before[key] for key in changed}
        await note(request, "user.change", found.name, before=old, after=changed)
    raise seen(request, f"/users/{found.name}", "saved")


@routes.post("/users/{name}/password")
@needs(Right.MANAGE)
async def new_password(request: web.Request) -> web.Response:
    """A new password, shown once; the old one and all open sign-ins end."""
    found = await _found(request)
    password = secrets.token_urlsafe(12)
    stored = await asyncio.to_thread(hash_password, password)
    await desk(request).users.change(found.name, password=stored)
    await desk(request).signins.end_all(found.name)
    await note(request, "user.password", found.name)
    return _page(request, found, found.described(), password=password)


@routes.post("/users/{name}/totp")
@needs(Right.MANAGE)
async def drop_codes(request: web.Request) -> web.Response:
    """For somebody who lost their phone."""
    found = await _found(request)
    await desk(request).users.change(found.name, totp="")
    await note(request, "user.totp", found.name, before={"totp": True}, after={"totp": False})
    raise seen(request, f"/users/{found.name}", "totp_off")


@routes.post("/users/{name}/{act:disable|enable}")
@needs(Right.MANAGE)
async def disable(request: web.Request) -> web.Response:
    """Shut somebody out at once, or let them in again."""
    found = await _found(request)
    off = request.match_info["act"] == "disable"
    if found.name == user_of(request).name:
        raise web.HTTPForbidden(text="console.users.not_yourself")
    await desk(request).users.change(found.name, disabled=off)
    if off:
        await desk(request).signins.end_all(found.name)
    before, after = {"disabled": found.disabled}, {"disabled": off}
    await note(request, "user.disable" if off else "user.enable", found.name,
               before=before, after=after)  # fmt: skip
    raise seen(request, f"/users/{found.name}", "disabled" if off else "enabled")


async def _found(request: web.Request) -> User:
    found = await desk(request).users.find(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    return found


def _values(fields: Fields) -> dict[str, Any]:
    role = fields.choice("role", ROLES)
    places = [code for code in fields.several("places") if known(code)]
    if role == "facilitator" and not places:
        fields.errors["places"] = "console.users.needs_place"
    return {
        "full_name": fields.text("full_name", required=True, longest=120),
        "role": role,
        "places": places,
        "locale": fields.choice("locale", LANGUAGES, "mn"),
    }


def _page(
    request: web.Request,
    found: User | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    password: str = "",
) -> web.Response:
    return page(
        request,
        "user.html",
        status=400 if errors else 200,
        user=found,
        values=values,
        errors=errors or {},
        password=password,
        roles=ROLES,
        places=groups(locale_of(request)),
    )
