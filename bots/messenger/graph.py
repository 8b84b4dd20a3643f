"""Meta's Graph API over aiohttp, behind pymessenger's payload builders."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from pymessenger.bot import Bot

from bots.foreign import items, load, mapping, string, whole

TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)
MAX_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What Graph said. Errors come with HTTP status 200 too, so only `body` is to be trusted."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    usage: str = ""  # X-Business-Use-Case-Usage, which says how long a limit will last


class GraphBot(Bot):  # type: ignore[misc]  # pymessenger has no types
    """pymessenger's builders with an asynchronous transport: every send_* returns an awaitable.

    The token goes in a header, since URLs end up in logs; pymessenger's file methods, which
    are broken, are replaced.
    """

    def __init__(
        self, token: str, *, app_secret: str, base_url: str, version: str, page: str = ""
    ) -> None:
        super().__init__(token, app_secret=app_secret, api_version=version.lstrip("v"))
        self.graph_url = f"{base_url.rstrip('/')}/{version}"
        self.page = page or "me"
        self._session: aiohttp.ClientSession | None = None

    async def send_raw(self, payload: dict[str, Any]) -> Answer:
        """Send one message or action; raises aiohttp.ClientError and TimeoutError."""
        return await self._post("messages", json=payload | self._proof())

    async def set_profile(self, profile: dict[str, Any]) -> Answer:
        """Set greeting, get-started button and menu of the page."""
        return await self._post("messenger_profile", json=profile | self._proof())

    async def subscribe(self, fields: str) -> Answer:
        """Have the page's events of these kinds sent to our webhook."""
        return await self._post(
            "subscribed_apps", json={"subscribed_fields": fields} | self._proof()
        )

    async def upload(self, kind: str, data: bytes, mime: str, name: str) -> Answer:
        """Store a file ("image" or "file") at Meta to be sent by its `attachment_id`."""
        attachment = {"type": kind, "payload": {"is_reusable": True}}
        form = aiohttp.FormData()
        form.add_field("message", json.dumps({"attachment": attachment}))
        for key, value in self._proof().items():
            form.add_field(key, value)
        form.add_field("filedata", data, content_type=mime, filename=name)
        return await self._post("message_attachments", data=form)

    async def get(self, path: str, **parameters: str) -> Answer:
        """Read an object, such as the page itself (path "")."""
        return await self._call("GET", path, params=parameters | self._proof())

    async def read_as_app(self, app: str, *paths: str) -> list[Answer]:
        """Read what only the app itself may; `app` is its number. One answer, where all failed.

        By a batch request, whose paths go in the body: they may hold a token.
        See https://developers.facebook.com/docs/graph-api/batch-requests
        """
        token = f"{app}|{self.app_secret}"
        form = {
            "batch": json.dumps([{"method": "GET", "relative_url": path} for path in paths]),
            "include_headers": "false",
            "appsecret_proof": _proof_of(token, self.app_secret),
        }
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._request("POST", f"{self.graph_url}/", data=form, headers=headers)
        parts = [mapping(part) for part in items(answer.body.get("batch"))]
        return [
            Answer(
                whole(part.get("code")) or 0, _body(string(part.get("body"), MAX_ANSWER).encode())
            )
            for part in parts
        ] or [answer]

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _proof(self) -> dict[str, str]:
        """Shows that the caller also knows the app secret, so that a stolen token is no use."""
        return {"appsecret_proof": self.auth_args["appsecret_proof"]}

    async def _post(self, path: str, **options: Any) -> Answer:
        return await self._call("POST", path, **options)

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        url = f"{self.graph_url}/{self.page}/{path}".rstrip("/")
        return await self._request(method, url, **options)

    async def _request(self, method: str, url: str, **options: Any) -> Answer:
        if self._session is None:
            headers = {"Authorization": f"Bearer {self.access_token}"}
            self._session = aiohttp.ClientSession(headers=headers, timeout=TIMEOUT)
        async with self._session.request(method, url, allow_redirects=False, **options) as response:
            text = await response.content.read(MAX_ANSWER)
            usage = response.headers.get("X-Business-Use-Case-Usage", "")
        return Answer(response.status, _body(text), usage)


def _body(text: bytes) -> dict[str, Any]:
    """The JSON object in `text`; an array, which answers a batch, under the name "batch"."""
    try:
        parsed = load(text)
    except ValueError:
        return {}
    return {"batch": parsed} if isinstance(parsed, list) else mapping(parsed)


def _proof_of(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
