"""The Messenger channel: signed webhooks in, Graph API out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from bots.arrivals import Arrival, Intake
from bots.backoff import backoff
from bots.channel import Deliver, FetchMedia, Finding, Receipt, Result, StoreMedia
from bots.foreign import load, read_body, same
from bots.messenger.composing import count_parts
from bots.messenger.doctor import examine
from bots.messenger.downloads import Downloader
from bots.messenger.events import page_events, read_event
from bots.messenger.graph import GraphBot
from bots.messenger.profile import introduce
from bots.messenger.sending import Sender
from conversations.messages import Outgoing
from settings import Settings

log = structlog.get_logger(__name__)

PATH = "/messenger/webhook"
SIGNATURE_HEADER = "X-Hub-Signature-256"
DOWNLOAD_PATIENCE = 3.0  # seconds a batch; Meta wants its answer within five
START_PATIENCE = 5.0
MAX_CHALLENGE = 256


class MessengerChannel:
    """One page on Messenger. `fault` is a code while the channel is out of order, else ""."""

    name = "messenger"

    def __init__(
        self,
        settings: Settings,
        deliver: Deliver,
        store_media: StoreMedia,
        fetch_media: FetchMedia,
    ) -> None:
        """Raises ValueError when token or app secret are not configured."""
        token = settings.messenger_token.get_secret_value()
        self._app_secret = settings.messenger_app_secret.get_secret_value()
        if not token or not self._app_secret:
            raise ValueError(
                "ONOO_MESSENGER_TOKEN and ONOO_MESSENGER_APP_SECRET are needed: the page's access "
                "token and the app's secret, from the app's dashboard at developers.facebook.com"
            )
        self.fault = ""
        self._settings = settings
        self._bot = GraphBot(
            token,
            app_secret=self._app_secret,
            base_url=settings.messenger_base_url,
            version=settings.messenger_graph_version,
            page=settings.messenger_page_id,
        )
        self._downloader = Downloader(settings.messenger_media_hosts)
        self._sender = Sender(self._bot, fetch_media)
        self._intake = Intake(
            self.name, deliver, store_media, self._downloader.fetch, DOWNLOAD_PATIENCE
        )
        self._setting_up: asyncio.Task[None] | None = None

    def add_routes(self, app: web.Application) -> None:
        """Add the webhook: GET to confirm it, POST for events."""
        app.router.add_get(PATH, self._confirm)
        app.router.add_post(PATH, self._webhook)

    async def start(self, *, intake: bool = True) -> None:
        """With `intake` subscribe the page and set greeting, start button and menu.

        Waits for that a few seconds at most: where Graph can't be reached, it goes on trying
        in the background.
        """
        if intake and self._setting_up is None:
            self._setting_up = asyncio.create_task(self._set_up())
            await asyncio.wait({self._setting_up}, timeout=START_PATIENCE)

    async def stop(self) -> None:
        """Let go of tasks and connections; safe to call twice."""
        if self._setting_up is not None:
            self._setting_up.cancel()
            await asyncio.gather(self._setting_up, return_exceptions=True)
            self._setting_up = None
        await self._bot.close()
        await self._downloader.close()

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        """Send one message, if the person did something within the last 24 hours."""
        return self._noted(await self._sender.send(address, message, last_inbound))

    def parts(self, message: Outgoing) -> int:
        """As how many messages Messenger gets it; one that can't be sent counts as one."""
        return count_parts(message)

    async def send_utility(
        self, address: str, language: str, components: list[dict[str, Any]]
    ) -> Receipt:
        """Send the configured utility template, also outside the window.

        `language` as the template was approved in ("mn_MN"); `components` fill it in.
        Without a configured template the window stays closed.
        """
        template = self._settings.messenger_utility_template
        if not template:
            return Receipt(Result.WINDOW, reason="no_template")
        sent = await self._sender.send_utility(address, template, language, components)
        return self._noted(sent)

    async def forget(self, address: str) -> None:
        """Nothing is kept here."""

    async def typing(self, address: str) -> None:
        """Show that an answer is coming."""
        try:
            await self._bot.send_action(address, "typing_on")
        except (aiohttp.ClientError, TimeoutError):
            return

    async def check(self) -> list[Finding]:
        """Token, secrets and subscription, as Graph sees them."""
        webhook = self._settings.public_url.rstrip("/") + PATH
        return await examine(self._bot, self._settings, webhook)

    def _noted(self, receipt: Receipt) -> Receipt:
        if receipt.result is Result.STOPPED:
            log.critical("messenger_stopped", reason=receipt.reason)
            self.fault = receipt.reason
        elif receipt.result is Result.SENT:
            self.fault = ""
        return receipt

    async def _confirm(self, request: web.Request) -> web.Response:
        """Echo Meta's challenge to whoever knows the verify token."""
        given, expected = (
            request.query.get("hub.verify_token", ""),
            self._settings.messenger_verify_token.get_secret_value(),
        )
        if request.query.get("hub.mode") != "subscribe" or not same(given, expected):
            return web.Response(status=403)
        return web.Response(text=request.query.get("hub.challenge", "")[:MAX_CHALLENGE])

    async def _webhook(self, request: web.Request) -> web.Response:
        """Messenger's events: 403 unless signed, 200 once stored, 503 where that failed.

        Meta then brings the whole batch again; what was stored is recognised by its id.
        """
        body = await read_body(request)
        if not self._signed(body, request.headers.get(SIGNATURE_HEADER, "")):
            return web.Response(status=403)
        try:
            content = load(body)
        except ValueError:
            return web.Response(status=400)
        failed = await self._intake.take(_arrivals(content))
        return web.Response(status=503 if failed else 200)

    def _signed(self, body: bytes, signature: str) -> bool:
        """Whether the app secret signed these very bytes."""
        digest = hmac.new(self._app_secret.encode(), body, hashlib.sha256).hexdigest()
        return same(signature, f"sha256={digest}")

    async def _set_up(self) -> None:
        tries = 0
        while (receipt := await introduce(self._bot)).result is not Result.SENT:
            self.fault = receipt.reason
            log.error("messenger_not_set_up", reason=receipt.reason)
            if receipt.result in (Result.STOPPED, Result.REFUSED):
                return  # only the operator can mend it
            tries += 1
            await asyncio.sleep(receipt.delay or backoff(tries).total_seconds())
        self.fault = ""


def _arrivals(content: object) -> list[Arrival]:
    """Everything readable in a batch: one bad event doesn't take the others with it."""
    now = datetime.now(UTC)
    arrivals: list[Arrival] = []
    for event in page_events(content):
        if "policy-enforcement" in event:
            log.critical("messenger_policy_enforcement")
        try:
            arrivals += read_event(event, now)
        except (RecursionError, ValueError) as fault:
            log.warning("messenger_event_unreadable", fault=type(fault).__name__)
    return arrivals
