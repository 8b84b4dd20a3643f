"""The API for analysts: `/api/v1`, read-only, described by `/api/v1/openapi.json`."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from analytics import openapi
from analytics.auditing import note_taken
from analytics.datasets import NAMES
from analytics.request import Format, Request, RequestError, request_of
from analytics.snapshots import Snapshot, Snapshots
from analytics.worker import Build, in_worker
from storage.exporting import Exporting
from storage.store import Store
from storage.tokens import Token, Tokens
from storage.users import Users

ROOT = "/api/v1"
ROLES = ("analyst", "admin")
MOST, USUAL = 10_000, 1000
PER_MINUTE = 120
"""Requests of one token, over all processes."""
FORMATS = {
    "application/json": Format.JSONL,
    "text/csv": Format.CSV,
    "application/vnd.apache.parquet": Format.PARQUET,
}
LISTS = ("fields", "places", "traits")
HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


class Problem(Exception):
    """An answer that says what is wrong, as RFC 9457 has it."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}


class Api:
    """The handlers; `build` makes exports."""

    def __init__(self, store: Store, build: Build) -> None:
        self.store = store
        self.tokens = Tokens(store.database)
        self.users = Users(store.database)
        self.exporting = Exporting(store.database)
        self.snapshots = Snapshots(build)

    # -- who -------------------------------------------------------------------------------

    async def caller(self, request: web.Request) -> tuple[Token, tuple[str, ...]]:
        """The token that asks, and the places it may see (all where empty)."""
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            raise Problem(401, "send a token: Authorization: Bearer onoo_…", _CHALLENGE)
        now = datetime.now(UTC)
        token = await self.tokens.check(secret.strip(), now)
        user = await self.users.find(token.user) if token else None
        if token is None or user is None or user.disabled:
            raise Problem(401, "this token is unknown, was revoked or has run out", _CHALLENGE)
        if user.role not in ROLES:
            raise Problem(403, "this account may not take data out")
        if wait := await self.tokens.spend(token.id, PER_MINUTE, now):
            raise Problem(429, f"too many requests; wait {wait} s", {"Retry-After": str(wait)})
        return token, _within(token.places, user.places)

    # -- what ------------------------------------------------------------------------------

    async def describe(self, request: web.Request) -> web.StreamResponse:
        """The OpenAPI description."""
        return web.json_response(openapi.description(), headers=HEADERS)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The same for people."""
        return web.Response(text=openapi.page(), content_type="text/html", headers=HEADERS)

    async def forms(self, request: web.Request) -> web.StreamResponse:
        """Published forms and their versions."""
        await self.caller(request)
        found = []
        for form in await self.exporting.form_ids():
            versions = [one async for one in self.exporting.form_versions(form)]
            versions.sort(key=lambda one: (one["published"], one["_id"]))
            found.append(
                {
                    "form": form,
                    "title": versions[-1]["title"],
                    "versions": [
                        {"version": one["_id"], "published": one["published"].isoformat()}
                        for one in versions
                    ],
                }
            )
        return web.json_response({"data": found}, headers=HEADERS)

    async def data(self, request: web.Request) -> web.StreamResponse:
        """A data set: pages of JSON, or a whole file."""
        token, places = await self.caller(request)
        dataset = request.match_info["dataset"]
        if dataset not in NAMES:
            raise Problem(404, f"no data set {dataset!r}; there are {', '.join(NAMES)}")
        if token.datasets and dataset not in token.datasets:
            raise Problem(403, f"this token is not for {dataset}")
        wanted = _accepted(request)
        query = {name: request.query.getall(name) for name in request.query}
        cursor = _Cursor.read(query.pop("cursor", [""])[0])
        limit = _limit(query.pop("limit", [str(USUAL)])[0])
        table = query.pop("table", [""])[0]
        asked = _request(dataset, query, FORMATS[wanted], cursor.cutoff, places)
        snapshot = await self.snapshots.get(asked)
        if snapshot.is_new:
            rows = snapshot.manifest["rows"]
            user = f"{token.user} (token {token.label})"
            await note_taken(self.store, asked, rows, user, datetime.now(UTC))
        name = _file_of(snapshot, table, asked)
        if wanted == "application/json":
            return await _json_page(request, snapshot, name, cursor, limit, asked)
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        response = web.FileResponse(snapshot.folder / name, headers=headers)
        response.content_type = wanted
        return response

    async def package(self, request: web.Request) -> web.StreamResponse:
        """The columns of a data set, as a Frictionless data package."""
        token, places = await self.caller(request)
        dataset = request.match_info["dataset"]
        if dataset not in NAMES or (token.datasets and dataset not in token.datasets):
            raise Problem(404, f"no data set {dataset!r} for this token")
        query = {name: request.query.getall(name) for name in request.query}
        asked = _request(dataset, query, Format.CSV, "", places)
        snapshot = await self.snapshots.get(asked)
        headers = {**HEADERS, "Content-Type": "application/json"}
        return web.FileResponse(snapshot.folder / "datapackage.json", headers=headers)


_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="onoo"'}


def _within(token: tuple[str, ...], user: tuple[str, ...]) -> tuple[str, ...]:
    """The places of both; what a token asks for beyond its user it does not get."""
    if not token or not user:
        return token or user
    both = {one for one in token if one.startswith(user)}
    both |= {one for one in user if one.startswith(token)}
    return tuple(sorted(both)) or ("-",)


def _accepted(request: web.Request) -> str:
    accept = request.headers.get("Accept", "*/*")
    ranked = []
    for order, part in enumerate(accept.split(",")):
        kind, _, parameters = part.strip().partition(";")
        quality = 1.0
        for parameter in parameters.split(";"):
            name, _, value = parameter.strip().partition("=")
            if name == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        for known in FORMATS:
            group = known.partition("/")[0] + "/*"
            if kind.strip() in (known, group, "*/*") and quality > 0:
                ranked.append((-quality, order, known))
                break
    if not ranked:
        raise Problem(406, f"Accept one of {', '.join(FORMATS)}")
    return min(ranked)[2]


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise Problem(400, f"limit: a whole number from 1 to {MOST}")
    return int(text)


def _request(
    dataset: str,
    query: dict[str, list[str]],
    wanted: Format,
    cutoff: str,
    allowed: tuple[str, ...],
) -> Request:
    unknown = set(query) - set(openapi.PARAMETERS)
    if unknown:
        raise Problem(400, f"unknown: {', '.join(sorted(unknown))}; see {ROOT}/")
    fields: dict[str, Any] = {"dataset": dataset, "format": wanted}
    for name, values in query.items():
        if name in LISTS:
            fields[name] = tuple(v for value in values for v in value.split(",") if v)
        elif name != "where":
            fields[name] = values[0]
    where: dict[str, list[str]] = {}
    for condition in query.get("where", ()):
        column, equals, value = condition.partition("=")
        if not equals:
            raise Problem(400, f"where={condition}: write where=COLUMN=VALUE")
        where.setdefault(column, []).append(value)
    fields["where"] = where
    # To the minute, so that who asks again soon gets the same.
    now = datetime.now(UTC).replace(second=0, microsecond=0).isoformat()
    fields["cutoff"] = cutoff or fields.get("cutoff") or now
    asked = fields.get("places", ())
    if allowed:
        foreign = [place for place in asked if not place.startswith(allowed)]
        if foreign:
            raise Problem(403, f"this token is not for {', '.join(foreign)}")
        fields["places"] = asked or allowed
    return request_of(fields)


def _file_of(snapshot: Snapshot, table: str, asked: Request) -> str:
    tables = list(snapshot.manifest["rows"])
    if table and table not in tables:
        raise Problem(404, f"no table {table!r}; there are {', '.join(tables)}")
    return f"{table or tables[0]}.{asked.format}"


class _Cursor:
    """Where a page begins: the cut-off, the file it was cut from, and how many bytes in."""

    def __init__(self, cutoff: str = "", digest: str = "", offset: int = 0) -> None:
        self.cutoff = cutoff
        self.digest = digest
        self.offset = offset

    @classmethod
    def read(cls, text: str) -> _Cursor:
        if not text:
            return cls()
        try:
            cutoff, digest, offset = json.loads(base64.urlsafe_b64decode(text.encode()))
            return cls(str(cutoff), str(digest), int(offset))
        except (ValueError, TypeError):
            raise Problem(400, "cursor: take it from `next` of the page before") from None

    def write(self) -> str:
        written = json.dumps([self.cutoff, self.digest, self.offset], separators=(",", ":"))
        return base64.urlsafe_b64encode(written.encode()).decode()


async def _json_page(
    request: web.Request, snapshot: Snapshot, name: str, cursor: _Cursor, limit: int, asked: Request
) -> web.StreamResponse:
    digest = snapshot.digest(name)[:16]
    if cursor.digest and cursor.digest != digest:
        raise Problem(410, "the data has changed since the first page: begin again")
    etag = f"{digest}-{cursor.offset}-{limit}"
    if any(one.value == etag for one in request.if_none_match or ()):
        return web.Response(status=304, headers={**HEADERS, "ETag": f'"{etag}"'})
    lines, end, is_last = await asyncio.to_thread(
        _lines, snapshot.folder / name, cursor.offset, limit
    )
    cutoff = asked.cutoff.isoformat()
    following = None if is_last else _Cursor(cutoff, digest, end).write()
    head = json.dumps({"cutoff": cutoff, "next": following})[:-1]
    body = f'{head}, "data": [{",".join(lines)}]}}'
    response = web.Response(text=body, content_type="application/json", headers=HEADERS)
    response.headers["ETag"] = f'"{etag}"'
    if following:
        url = request.rel_url.update_query(cursor=following)
        response.headers["Link"] = f'<{url}>; rel="next"'
    response.enable_compression()
    return response


def _lines(path: Path, offset: int, limit: int) -> tuple[list[str], int, bool]:
    """Lines from `offset` on, where they end, and whether nothing follows."""
    with path.open("rb") as file:
        file.seek(offset)
        lines = [line.decode().rstrip("\n") for line in islice(iter(file.readline, b""), limit)]
        end = file.tell()
        return lines, end, not file.read(1)


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as `application/problem+json`."""
    try:
        return await handler(request)
    except Problem as problem:
        status, detail, more = problem.status, str(problem), problem.headers
    except RequestError as error:
        status, detail, more = 400, str(error), {}
    except web.HTTPException as error:
        if error.status < 400:
            raise
        status, detail, more = error.status, error.reason, {}
    return web.json_response(
        {"status": status, "detail": detail},
        status=status,
        headers={**HEADERS, **more},
        content_type="application/problem+json",
    )


def add_api_routes(app: web.Application, store: Store, build: Build = in_worker) -> None:
    """Add `/api/v1` to the application; exports are made by `build`."""
    api = Api(store, build)
    inner = web.Application(middlewares=[_problems])
    routes: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
        "/": api.page,
        "/openapi.json": api.describe,
        "/forms": api.forms,
        "/data/{dataset}": api.data,
        "/data/{dataset}/datapackage.json": api.package,
    }
    for path, handler in routes.items():
        inner.router.add_get(path, handler)

    async def close(_: web.Application) -> None:
        await api.snapshots.close()

    inner.on_cleanup.append(close)
    app.add_subapp(ROOT, inner)
