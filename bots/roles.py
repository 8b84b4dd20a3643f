"""What a process may be: the whole platform, the web server, or a worker."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog
from rich.console import Console

from bots.banner import show_what_is_up
from bots.bundled import publish_bundled_surveys
from bots.housekeeping import keeping_house
from bots.platform import Mount, Platform
from bots.succession import succession
from bots.worker import utc_now
from nlu.service import NluService
from settings import Settings
from storage.opening import open_store
from storage.store import Store

log = structlog.get_logger()
console = Console()


async def until_stopped() -> None:
    """Return when the process is asked to end (SIGINT, SIGTERM)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


@asynccontextmanager
async def _taking_in(platform: Platform) -> AsyncIterator[None]:
    async with platform.serving(), platform.connected(intake=True):
        yield


Beside = Callable[[Store, Settings], AbstractAsyncContextManager[None]]
"""What else runs while citizens are attended to: campaigns, which `bots` doesn't know."""


async def start(
    settings: Settings, *, mount: Mount | None = None, beside: Beside | None = None
) -> int:
    """Everything on this machine: database, understanding, web server, worker."""
    with console.status("Starting the database …"):
        stack = AsyncExitStack()
        store = await stack.enter_async_context(open_store(settings, start=True))
    async with stack:
        await publish_bundled_surveys(store)
        platform = Platform.build(settings, store)
        platform.mount = mount
        service = NluService(settings)
        if not settings.nlu_url:
            await service.start()
            stack.push_async_callback(service.stop)
        before = stack.enter_context(succession(settings.data_dir, platform.worker.id))
        if before:
            left = await store.sessions.take_over(before, utc_now())
            log.info("taken over from the process before", citizens=left)
        await stack.enter_async_context(platform.working())
        await stack.enter_async_context(keeping_house(store, settings))
        if beside is not None:
            await stack.enter_async_context(beside(store, settings))
        await stack.enter_async_context(_taking_in(platform))
        show_what_is_up(console, settings, platform)
        await until_stopped()
        console.print("Stopping …")
    return 0


async def serve(settings: Settings, *, mount: Mount | None = None) -> int:
    """Only take events in; workers elsewhere attend to them."""
    async with open_store(settings) as store:
        platform = Platform.build(settings, store, works=False)
        platform.mount = mount
        async with _taking_in(platform):
            log.info("serving", port=settings.port)
            await until_stopped()
    return 0


async def work(settings: Settings, *, beside: Beside | None = None) -> int:
    """Only attend to citizens."""
    async with open_store(settings) as store:
        await publish_bundled_surveys(store)
        platform = Platform.build(settings, store)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(platform.observed())
            await stack.enter_async_context(platform.connected(intake=False))
            await stack.enter_async_context(platform.working())
            await stack.enter_async_context(keeping_house(store, settings))
            if beside is not None:
                await stack.enter_async_context(beside(store, settings))
            log.info("working", worker=platform.worker.id)
            await until_stopped()
    return 0
