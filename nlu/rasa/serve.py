"""Rasa's model behind two routes: `python -m nlu.rasa.serve MODEL PORT`.

It listens on the loopback address unless ONOO_NLU_SERVER_HOST says otherwise, as in a container.

Rasa's own server can also be told to load, train and replace models, which was the way in
of CVE-2024-49375; this one can parse and say how it is, nothing else. The token comes by
header, never in an address, and no text is ever logged.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import sys
import time
from pathlib import Path

import structlog
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

MAX_BODY = 64 * 1024
MAX_TEXT = 4000


class Server:
    """The model and the token that callers must show."""

    def __init__(self, model: Path, token: str) -> None:
        if not token:
            raise SystemExit("ONOO_NLU_SERVER_TOKEN is not set")
        self._token = token
        self._name = model.name.split(".")[0]
        self._agent = Agent.load(model)
        self._since = time.time()

    def app(self) -> web.Application:
        """The two routes behind the token."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._guard])
        app.router.add_post("/model/parse", self.parse)
        app.router.add_get("/status", self.status)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler):  # type: ignore[no-untyped-def]
        shown = request.headers.get("Authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {self._token}".encode()):
            raise web.HTTPUnauthorized
        return await handler(request)

    async def parse(self, request: web.Request) -> web.Response:
        """Intent and ranking of {"text": …}."""
        try:
            body = await request.json()
            text = body["text"]
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
            raise web.HTTPBadRequest(text='expected {"text": "..."}') from None
        if not isinstance(text, str):
            raise web.HTTPBadRequest(text="text must be a string")
        return web.json_response(await self.understand(text[:MAX_TEXT]))

    async def understand(self, text: str) -> dict:
        """What Rasa makes of `text`, the part the platform needs."""
        parsed = await self._agent.processor.parse_message(UserMessage(text))
        return {
            "intent": parsed["intent"],
            "intent_ranking": parsed["intent_ranking"],
            "model_id": self._name,
        }

    async def status(self, _: web.Request) -> web.Response:
        """Which model serves, and since when."""
        return web.json_response({"model": self._name, "since": self._since})


def _hush() -> None:
    """Let errors through alone: Rasa's own log holds every message it parses."""
    logging.basicConfig(level=logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


async def _ready(server: Server) -> web.Application:
    await server.understand("Сайн байна уу")
    return server.app()


def main(model: Path, port: int) -> None:
    """Serve until terminated."""
    _hush()
    server = Server(model, os.environ.pop("ONOO_NLU_SERVER_TOKEN", ""))
    host = os.environ.pop("ONOO_NLU_SERVER_HOST", "127.0.0.1")
    web.run_app(_ready(server), host=host, port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
