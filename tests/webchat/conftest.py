"""Fixtures of the web chat's tests: a bot behind a chat server, and a browser in front."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, ViewportSize

from tests.webchat.echo import Bot
from tests.world.browser import launch

SMALL_PHONE = ViewportSize(width=320, height=568)


@pytest_asyncio.fixture(loop_scope="session")
async def bot() -> AsyncIterator[Bot]:
    bot = Bot()
    yield bot
    await bot.channel.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def chat(bot: Bot) -> AsyncIterator[TestServer]:
    server = await bot.serve()
    yield server
    await bot.channel.stop()
    await server.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launch() as browser:
        yield browser


Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, chat: TestServer) -> AsyncIterator[Open]:
    """`visit(path)`: a new visitor on a small phone opens the chat; faults on the page fail."""
    faults: list[str] = []
    contexts = []

    async def visit(path: str = "/", **options: Any) -> Page:
        context = await browser.new_context(viewport=SMALL_PHONE, has_touch=True, **options)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "console",
            lambda line: faults.append(line.text) if "Content Security" in line.text else None,
        )
        await page.goto(str(chat.make_url(path)))
        return page

    yield visit
    for context in contexts:
        await context.close()
    assert faults == []
