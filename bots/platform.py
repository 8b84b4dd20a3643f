"""Putting a process together: storage, channels, worker and web server, by its role."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from bots.channel import Channel
from bots.civic_facts import warm_up
from bots.facts import Facts
from bots.health import add_health_routes
from bots.inbox import Inbox
from bots.messenger import MessengerChannel
from bots.resolvers import resolvers
from bots.senders import CampaignSender
from bots.telegram import TelegramChannel
from bots.webchat import WebChat
from bots.worker import Worker
from nlu.client import NluClient
from settings import Settings
from storage.store import Store

log = structlog.get_logger()

WEBHOOK_LIMIT = 12 * 1024 * 1024
"""Bytes of one request: an upload of 10 MB with its wrapping."""


Mount = Callable[[web.Application, "Platform"], None]
"""Adds pages that stand above the channels, such as the console, to the web server."""


@dataclass
class Platform:
    """One process's parts. `channels` by name; those without a token are not there."""

    settings: Settings
    store: Store
    inbox: Inbox
    worker: Worker
    facts: Facts
    nlu: NluClient
    sender: CampaignSender
    channels: dict[str, Channel] = field(default_factory=dict)
    mount: Mount | None = None

    @classmethod
    def build(cls, settings: Settings, store: Store, *, works: bool = True) -> Platform:
        """All parts, none started; `works` says that this process's worker will run."""
        nlu = NluClient(settings)
        facts = resolvers(store, nlu)
        channels: dict[str, Channel] = {}
        worker = Worker(store, channels, facts)
        inbox = Inbox(store, worker.wake, answer=worker.answer) if works else Inbox(store)
        rates = {
            "telegram": settings.telegram_per_second,
            "messenger": settings.messenger_per_second,
        }
        template = bool(settings.messenger_utility_template)
        sender = CampaignSender(store, channels, rates, template=template)
        platform = cls(settings, store, inbox, worker, facts, nlu, sender, channels)
        platform._add_channels()
        return platform

    def _add_channels(self) -> None:
        media = self.store.media
        shared = (self.inbox.deliver, media.put, media.get)
        self.channels["web"] = WebChat(self.settings, *shared, self.store.webhistory)
        if self.settings.telegram_token.get_secret_value():
            self.channels["telegram"] = TelegramChannel(self.settings, *shared)
        if self.settings.messenger_token.get_secret_value():
            self.channels["messenger"] = MessengerChannel(self.settings, *shared)

    def web_app(self) -> web.Application:
        """The web server's application: webhooks, the chat page, health and metrics."""
        app = web.Application(client_max_size=WEBHOOK_LIMIT)
        for channel in self.channels.values():
            channel.add_routes(app)
        add_health_routes(app, self.store)
        if self.mount is not None:
            self.mount(app, self)
        return app

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[web.AppRunner]:
        """Take events in: the web server and whatever channels poll."""
        runner = web.AppRunner(self.web_app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, self.settings.host, self.settings.port)
        await site.start()
        try:
            yield runner
        finally:
            await runner.cleanup()

    @asynccontextmanager
    async def observed(self) -> AsyncIterator[None]:
        """Health and metrics of a process without a web server of its own, if so configured."""
        if not self.settings.metrics_port:
            yield
            return
        app = web.Application()
        add_health_routes(app, self.store)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, self.settings.host, self.settings.metrics_port).start()
        try:
            yield
        finally:
            await runner.cleanup()

    @asynccontextmanager
    async def connected(self, *, intake: bool) -> AsyncIterator[None]:
        """Connect the channels, to send; with `intake` also to poll and set menus."""
        for channel in self.channels.values():
            await channel.start(intake=intake)
        if intake and isinstance(telegram := self.channels.get("telegram"), TelegramChannel):
            # For links and posters, which are made where no channel is at hand.
            await self.store.campaigns.set_public_name("telegram", await telegram.public_name())
        try:
            yield
        finally:
            for channel in self.channels.values():
                await channel.stop()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Attend to citizens, and send what campaigns have to say."""
        # What is loaded by now stays: the garbage collector need not look through it again.
        gc.collect()
        gc.freeze()
        await self.worker.start()
        await self.sender.start()
        warming = asyncio.create_task(warm_up(), name="warm-up")
        try:
            yield
        finally:
            await self.sender.stop()
            await self.worker.stop()
            await asyncio.gather(warming, return_exceptions=True)
