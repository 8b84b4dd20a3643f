"""A fake Graph server for Messenger: documented answers and errors, also with HTTP 200.

Bodies as described at https://developers.facebook.com/docs/messenger-platform/error-codes.
What is sent is checked against pymsgr's models, a second opinion on the platform's limits.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import ValidationError
from pymsgr.types import SendRequest

from tests.world.emulator import serving

TOKEN = "EAAfake-page-token"
APP_SECRET = "fake-app-secret"
VERIFY_TOKEN = "fake-verify-token"
PAGE = "1234500000"
APP = "9876500000"
VERSION = "v26.0"


@dataclass(frozen=True)
class Fault:
    """An answer other than success; `drop` closes the connection without any answer."""

    code: int = 0
    subcode: int = 0
    status: int = 400
    message: str = "(#0) An error occurred"
    transient: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drop: bool = False

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "AbCdEf",
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.transient:
            error["is_transient"] = True
        return {"error": error}


WINDOW_CLOSED = Fault(10, 2018278, 400, "(#10) This message is sent outside of allowed window.")
UNAVAILABLE = Fault(551, 1545041, 400, "(#551) This person isn't available right now.")
NO_USER = Fault(100, 2018001, 400, "(#100) No matching user found")
BAD_TOKEN = Fault(190, 0, 401, "Invalid OAuth access token.")
NO_PERMISSION = Fault(200, 0, 403, "(#200) Requires pages_messaging permission")
TOO_MANY = Fault(613, 0, 400, "(#613) Calls to this api have exceeded the rate limit.")
TEMPORARY = Fault(1200, 0, 200, "Temporary send message failure. Please try again later.")
BAD_GATEWAY = Fault(status=502, raw=b"<html>502</html>")
GARBLED = Fault(status=200, raw=b"<html>ok?</html>")
DROPPED = Fault(drop=True)
FINE = Fault(status=200)


class FakeGraph:
    """Takes messages as Graph does, and fails the next ones as told."""

    def __init__(self) -> None:
        self.address = ""
        self.sent: list[dict[str, Any]] = []  # accepted by /messages, actions too
        self.refused: list[dict[str, Any]] = []  # not according to the platform's limits
        self.posted: list[tuple[str, dict[str, Any]]] = []  # to other edges
        self.requests: list[str] = []  # paths with query
        self.latency = 0.0
        self.always: Fault | None = None
        """What everything is answered with while it is set."""
        self.templates: list[dict[str, str]] = []
        self.token_seen: dict[str, Any] = {
            "is_valid": True,
            "expires_at": 0,
            "scopes": ["pages_messaging", "pages_manage_metadata"],
        }
        self.webhooks: list[dict[str, Any]] = []
        self.media: dict[str, tuple[bytes, str]] = {}
        self._faults: dict[str, list[Fault]] = {}
        self._count = 0

    def fail(self, *faults: Fault, to: str = "") -> None:
        """The next calls (only those to the recipient or edge `to`, if given) end so."""
        self._faults.setdefault(to, []).extend(faults)

    def messages(self, recipient: str = "") -> list[dict[str, Any]]:
        """The accepted messages (to `recipient`), without actions."""
        return [
            each["message"]
            for each in self.sent
            if "message" in each and recipient in ("", each["recipient"]["id"])
        ]

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point the channel here."""
        return {
            "messenger_token": TOKEN,
            "messenger_app_secret": APP_SECRET,
            "messenger_verify_token": VERIFY_TOKEN,
            "messenger_page_id": PAGE,
            "messenger_app_id": APP,
            "messenger_base_url": self.address,
            "messenger_graph_version": VERSION,
            "messenger_media_hosts": self.address,
        }

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post(f"/{VERSION}/{PAGE}/messages", self._messages)
        app.router.add_post(f"/{VERSION}/{PAGE}/message_attachments", self._attachments)
        app.router.add_post(f"/{VERSION}/{PAGE}/{{edge}}", self._edge)
        app.router.add_get(f"/{VERSION}/{PAGE}/subscribed_apps", self._subscribed)
        app.router.add_get(f"/{VERSION}/{PAGE}/messenger_profile", self._profile)
        app.router.add_get(f"/{VERSION}/{PAGE}/message_templates", self._templates)
        app.router.add_post(f"/{VERSION}/", self._batch)
        app.router.add_get(f"/{VERSION}/{PAGE}", self._page)
        app.router.add_get("/media/{name}", self._media)
        return app

    async def _messages(self, request: web.Request) -> web.Response:
        body = await request.json()
        if refusal := await self._refusal(request, body, body["recipient"]["id"]):
            return refusal
        try:
            SendRequest.model_validate(body)
        except ValidationError as error:
            self.refused.append(body)
            return _answer(Fault(100, 0, 400, f"(#100) {error.title}"))
        self.sent.append(body)
        self._count += 1
        answer = {"recipient_id": body["recipient"]["id"]}
        if "message" in body:
            answer["message_id"] = f"m_{self._count}"
        return web.json_response(answer)

    async def _attachments(self, request: web.Request) -> web.Response:
        form = await request.post()
        if refusal := await self._refusal(request, form, "message_attachments"):
            return refusal
        file = form["filedata"]
        assert isinstance(file, web.FileField)
        described = json.loads(str(form["message"]))
        self.posted.append(("message_attachments", described))
        return web.json_response({"attachment_id": str(8000 + len(self.posted))})

    async def _edge(self, request: web.Request) -> web.Response:
        body = await request.json()
        edge = request.match_info["edge"]
        if refusal := await self._refusal(request, body, edge):
            return refusal
        self.posted.append((edge, body))
        return web.json_response({"result": "success"})

    async def _page(self, request: web.Request) -> web.Response:
        if refusal := await self._refusal(request, request.query, "page"):
            return refusal
        return web.json_response({"id": PAGE, "name": "Оноо"})

    async def _subscribed(self, request: web.Request) -> web.Response:
        if refusal := await self._refusal(request, request.query, "subscribed_apps"):
            return refusal
        wanted = [body["subscribed_fields"] for edge, body in self.posted if "apps" in edge]
        fields = wanted[-1].split(",") if wanted else []
        return web.json_response({"data": [{"id": "1", "subscribed_fields": fields}]})

    async def _profile(self, request: web.Request) -> web.Response:
        if refusal := await self._refusal(request, request.query, "messenger_profile"):
            return refusal
        set_so_far = [body for edge, body in self.posted if edge == "messenger_profile"]
        fields = request.query["fields"].split(",")
        data = [{name: body[name] for name in fields if name in body} for body in set_so_far[-1:]]
        return web.json_response({"data": data})

    async def _templates(self, request: web.Request) -> web.Response:
        if refusal := await self._refusal(request, request.query, "message_templates"):
            return refusal
        named = [one for one in self.templates if request.query["name"] in one["name"]]
        return web.json_response({"data": named})

    async def _batch(self, request: web.Request) -> web.Response:
        """What the app reads about itself."""
        self.requests.append(request.path_qs)
        if request.headers.get("Authorization") != f"Bearer {APP}|{APP_SECRET}":
            return _answer(BAD_TOKEN)
        answers = []
        for part in json.loads(str((await request.post())["batch"])):
            path, _, query = part["relative_url"].partition("?")
            known = {
                "debug_token": {"data": {**self.token_seen, "app_id": APP}},
                f"{APP}/subscriptions": {"data": self.webhooks},
            }
            assert path != "debug_token" or query == f"input_token={TOKEN}"
            answers.append({"code": 200, "body": json.dumps(known[path])})
        return web.json_response(answers)

    async def _media(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == "elsewhere":
            # The same server by another name, which stands for a host of somebody's choosing.
            elsewhere = self.address.replace("127.0.0.1", "localhost") + "/media/p1"
            return web.Response(status=302, headers={"Location": elsewhere})
        data, mime = self.media[name]
        return web.Response(body=data, content_type=mime)

    async def _refusal(self, request: web.Request, body: Any, to: str) -> web.Response | None:
        self.requests.append(request.path_qs)
        await asyncio.sleep(self.latency)
        if self.always is not None:
            return _answer(self.always)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _answer(BAD_TOKEN)
        proof = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        if body.get("appsecret_proof") != proof:
            return _answer(Fault(100, 0, 400, "Invalid appsecret_proof provided"))
        for key in (to, ""):
            if pending := self._faults.get(key):
                fault = pending.pop(0)
                if fault is FINE:
                    return None
                if fault.drop and request.transport is not None:
                    request.transport.abort()
                return _answer(fault)
        return None


def _answer(fault: Fault) -> web.Response:
    if fault.raw is not None:
        return web.Response(status=fault.status, body=fault.raw, content_type="text/html")
    return web.json_response(fault.body(), status=fault.status, headers=fault.headers)


def signature(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """The header with which Meta signs `body`."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


@asynccontextmanager
async def fake_graph() -> AsyncIterator[FakeGraph]:
    """Runs the fake on a free loopback port."""
    fake = FakeGraph()
    async with serving(fake.app()) as address:
        fake.address = address
        yield fake
