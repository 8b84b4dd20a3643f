"""Signing in and out."""

from __future__ import annotations

from urllib.parse import unquote

from aiohttp import web

from console.access import ACCESS, Right, needs
from console.desk import desk
from console.forms import Fields
from console.guard import FRESH, HOME, SIGN_IN, address_of, cookie_name, encrypted, set_token
from console.rendering import COOKIE, LANGUAGES, page, said

routes = web.RouteTableDef()

REFUSED = "signin.refused"


def own_path(path: str) -> str:
    """Where to go after signing in: a page of the console, never another site."""
    plain = unquote(path)
    harmless = plain.startswith(HOME) and "//" not in plain and "\\" not in plain
    return path if harmless and plain.isprintable() else HOME


@routes.get("/signin")
@needs(Right.ANYONE)
async def form(request: web.Request) -> web.Response:
    """The form, with a token of its own against foreign forms."""
    if ACCESS in request:
        raise web.HTTPSeeOther(own_path(request.query.get("next", "")))
    return _form(request, next=own_path(request.query.get("next", "")))


@routes.post("/signin")
@needs(Right.ANYONE)
async def sign_in(request: web.Request) -> web.Response:
    """Check who it is; a right answer starts a sign-in with a token nobody has seen."""
    here = desk(request)
    fields = await Fields.of(request)
    name, code = fields.text("name", longest=100), fields.text("code", longest=20)
    following = own_path(fields.text("next"))
    verdict = await here.doorkeeper.admit(
        name, fields["password"], code, address_of(request), here.now()
    )
    if verdict.wait:
        minutes = -(-verdict.wait // 60)
        problem = said(request, "console.signin.wait", minutes=minutes)
        return _form(request, 429, name=name, next=following, problem=problem)
    if verdict.needs_code:
        return _form(request, name=name, next=following, needs_code=True)
    if verdict.user is None:
        await here.audit.note(here.now(), "", REFUSED, "", after={"from": address_of(request)})
        problem = said(request, "console.signin.wrong")
        return _form(request, 401, name=name, next=following, problem=problem, needs_code=code)
    if old := request.cookies.get(cookie_name(request)):
        await here.signins.end(old)
    token = await here.signins.begin(verdict.user.name, here.now())
    await here.audit.note(here.now(), verdict.user.name, "signin", verdict.user.name)
    response = web.HTTPSeeOther(following)
    set_token(request, response, token)
    raise response


def _form(request: web.Request, status: int = 200, **context: object) -> web.Response:
    values = {"name": "", "next": HOME, "problem": "", "needs_code": False, **context}
    response = page(request, "signin.html", status=status, **values)
    if request.get(FRESH):
        set_token(request, response, request[FRESH])
    asked = request.query.get("l", "")
    if asked in LANGUAGES:
        _remember(request, response, asked)
    return response


def _remember(request: web.Request, response: web.StreamResponse, locale: str) -> None:
    response.set_cookie(
        COOKIE, locale, max_age=365 * 24 * 3600, path="/", httponly=True, samesite="Lax",
        secure=encrypted(request),
    )  # fmt: skip


@routes.post("/signout")
@needs(Right.SIGNED_IN)
async def sign_out(request: web.Request) -> web.Response:
    """End this browser's sign-in."""
    await desk(request).signins.end(request.cookies.get(cookie_name(request), ""))
    response = web.HTTPSeeOther(f"{SIGN_IN}?done=signed_out")
    response.del_cookie(cookie_name(request), path="/")
    raise response


@routes.post("/language")
@needs(Right.SIGNED_IN)
async def language(request: web.Request) -> web.Response:
    """Show the console in another language from now on."""
    fields = await Fields.of(request)
    locale = fields.choice("locale", LANGUAGES, "mn")
    response = web.HTTPSeeOther(own_path(fields.text("back")))
    if locale in LANGUAGES:
        await desk(request).users.change(request[ACCESS].user.name, locale=locale)
        _remember(request, response, locale)
    raise response
