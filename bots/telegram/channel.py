"""The Telegram channel: webhook or polling in, Bot API out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web
from telegram.error import InvalidToken, TelegramError

from bots.arrivals import Intake, RemoteFile
from bots.backoff import backoff
from bots.channel import Deliver, FetchMedia, Finding, Receipt, Result, StoreMedia
from bots.foreign import load, read_body, same
from bots.telegram.composing import count_parts
from bots.telegram.doctor import examine
from bots.telegram.polling import Poller, PollingBot
from bots.telegram.profile import introduce
from bots.telegram.sending import Sender
from bots.telegram.transport import AiohttpRequest
from bots.telegram.updates import ALLOWED_UPDATES, callback_query_id, read_update
from conversations.messages import Outgoing
from settings import Settings

log = structlog.get_logger(__name__)

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the header's name)
DOWNLOAD_PATIENCE = 20.0  # seconds
START_PATIENCE = 5.0
MAX_CONNECTIONS = 40  # Telegram's default; it keeps each chat's updates in order itself


class TelegramChannel:
    """One bot on Telegram. `fault` is a code while the channel is out of order, else ""."""

    name = "telegram"

    def __init__(
        self,
        settings: Settings,
        deliver: Deliver,
        store_media: StoreMedia,
        fetch_media: FetchMedia,
    ) -> None:
        """Raises ValueError when no token is configured."""
        token = settings.telegram_token.get_secret_value()
        if not token:
            raise ValueError("ONOO_TELEGRAM_TOKEN is empty: get a token from @BotFather")
        _silence_loggers()
        self.fault = ""
        self._settings = settings
        self._secret = settings.telegram_secret.get_secret_value() or _derived_secret(token)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", self._secret):
            raise ValueError(
                "ONOO_TELEGRAM_SECRET may only hold 1 to 256 letters, digits, _ and - "
                "(leave it empty to have one derived from the token)"
            )
        self._requests = (
            AiohttpRequest(connections=2),
            AiohttpRequest(connections=128),
        )
        self._bot = PollingBot(
            token,
            base_url=settings.telegram_base_url,
            base_file_url=settings.telegram_base_file_url,
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._sender = Sender(self._bot, fetch_media)
        self._intake = Intake(self.name, deliver, store_media, self._download, DOWNLOAD_PATIENCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def add_routes(self, app: web.Application) -> None:
        """Add the webhook, also in polling mode: it stands behind its secret."""
        app.router.add_post(PATH, self._webhook)

    async def start(self, *, intake: bool = True) -> None:
        """Connect; with `intake` set the webhook or poll, then set commands and descriptions.

        Waits for that a few seconds at most: where Telegram can't be reached, it goes on
        trying in the background.
        """
        for request in self._requests:
            await request.initialize()
        if intake:
            await asyncio.wait({self._in_background(self._set_up())}, timeout=START_PATIENCE)

    async def stop(self) -> None:
        """Let go of tasks and connections; safe to call twice."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        """Send one message; Telegram allows it at any time, so `last_inbound` is no matter."""
        receipt = await self._sender.send(address, message)
        if receipt.result is Result.STOPPED:
            log.critical("telegram_stopped", reason=receipt.reason)
            self.fault = receipt.reason
        elif receipt.result is Result.SENT:
            self.fault = ""
        return receipt

    def parts(self, message: Outgoing) -> int:
        """As how many messages Telegram gets it; one that can't be sent counts as one."""
        return count_parts(message)

    async def public_name(self) -> str:
        """The bot's name, as it stands in links; "" while Telegram can't be reached."""
        try:
            return (await self._bot.get_me()).username or ""
        except TelegramError:
            return ""

    async def forget(self, address: str) -> None:
        """Nothing is kept here."""

    async def typing(self, address: str) -> None:
        """Show "typing…" for about five seconds."""
        try:
            await self._bot.send_chat_action(int(address), "typing")
        except (TelegramError, ValueError):
            return

    async def check(self) -> list[Finding]:
        """Token, webhook and commands, as Telegram sees them."""
        return await examine(self._bot, self._settings, self._webhook_url())

    def _webhook_url(self) -> str:
        return self._settings.public_url.rstrip("/") + PATH

    async def _webhook(self, request: web.Request) -> web.Response:
        """Telegram's updates: 403 without the secret, 200 once stored, 503 where that failed.

        An update that makes no sense is answered 200 as well: to bring it again would not
        mend it.
        """
        if not same(request.headers.get(SECRET_HEADER, ""), self._secret):
            return web.Response(status=403)
        try:
            update = load(await read_body(request))
        except ValueError:
            return web.Response(status=400)
        failed = await self._take([update])
        return web.Response(status=503 if failed else 200)

    async def _take(self, updates: Sequence[object]) -> set[int]:
        """Deliver raw updates; returns the positions of those that could not be stored."""
        now = datetime.now(UTC)
        arrivals, positions = [], []
        for position, update in enumerate(updates):
            if query := callback_query_id(update):
                self._in_background(self._answer_tap(query))
            if arrival := read_update(update, now):
                arrivals.append(arrival)
                positions.append(position)
        return {positions[failed] for failed in await self._intake.take(arrivals)}

    async def _answer_tap(self, query: str) -> None:
        """Stop the spinner on the button; that a tap is too old for it is no error."""
        try:
            await self._bot.answer_callback_query(query)
        except TelegramError as error:
            log.debug("telegram_tap_unanswered", fault=type(error).__name__)

    async def _download(self, file: RemoteFile) -> bytes:
        described = await self._bot.get_file(file.source)
        return bytes(await described.download_as_bytearray(read_timeout=DOWNLOAD_PATIENCE))

    async def _set_up(self) -> None:
        tries = 0
        while not await self._connect():
            tries += 1
            await asyncio.sleep(backoff(tries).total_seconds())
        if self._settings.telegram_mode == "polling":
            self._in_background(Poller(self._bot, self._take, self._set_fault).run())
        try:
            await introduce(self._bot)
        except InvalidToken:
            self._set_fault("token")

    def _set_fault(self, code: str) -> None:
        self.fault = code

    async def _connect(self) -> bool:
        """Set or remove the webhook; whether that worked."""
        try:
            if self._settings.telegram_mode == "polling":
                await self._bot.delete_webhook()
            else:
                await self._bot.set_webhook(
                    self._webhook_url(),
                    max_connections=MAX_CONNECTIONS,
                    allowed_updates=ALLOWED_UPDATES,
                    secret_token=self._secret,
                )
        except TelegramError as error:
            self.fault = "token" if isinstance(error, InvalidToken) else "unreachable"
            log.error("telegram_not_connected", fault=type(error).__name__)
            return False
        self.fault = ""
        return True

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _derived_secret(token: str) -> str:
    """A webhook secret that every process derives alike, so that there always is one."""
    return hmac.new(token.encode(), b"telegram webhook secret", hashlib.sha256).hexdigest()


def _silence_loggers() -> None:
    """Request URLs hold the token and debug lines what people wrote; we log codes instead."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
