"""The web chat's limits by network address: a school is welcome, a flood is not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestServer

from bots.web.crowd import Crowd
from settings import Settings
from tests.webchat.echo import Bot
from tests.webchat.visitor import PNG, Visitor, typed, until, visiting

SCHOOL, OTHER = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}


@pytest_asyncio.fixture(loop_scope="session")
async def crowded(bot: Bot) -> AsyncIterator[TestServer]:
    """A chat that takes two pages at once, and three new visitors an hour, from an address."""
    limits = {"web_pages_per_address": 2, "web_visitors_per_address": 3}
    bot.channel = bot.another_process(Settings(_env_file=None, **limits))
    server = await bot.serve()
    yield server
    await server.close()


async def refused(visitor: Visitor, **headers: str) -> int:
    """The status with which a page is turned away."""
    with pytest.raises(WSServerHandshakeError) as answer:
        await visitor.connect(**headers)
    return answer.value.status


@pytest.mark.asyncio(loop_scope="session")
async def test_one_network_address_has_so_many_pages_open_and_others_as_many(
    crowded: TestServer,
) -> None:
    async with visiting(crowded) as one, visiting(crowded) as two, visiting(crowded) as three:
        first = await one.connect(**SCHOOL)
        second = await two.connect(**SCHOOL)
        assert await refused(three, **SCHOOL) == 429
        await (await three.connect(**OTHER)).close()
        await first.close()
        await until(second, "entries")
        await second.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_new_visitors_of_one_address_are_limited_and_old_ones_come_back(
    bot: Bot, crowded: TestServer
) -> None:
    async with visiting(crowded) as old:
        socket = await old.connect(**SCHOOL)
        await socket.send_json(typed("Сайн уу"))
        await until(socket, "ack")
        await socket.close()
        for _ in range(2):
            async with visiting(crowded) as new:
                await (await new.connect(**SCHOOL)).close()
        async with visiting(crowded) as late:
            assert await refused(late, **SCHOOL) == 429
            status, body = await late.upload(PNG, **SCHOOL)
            assert (status, body["code"]) == (429, "slow")
            assert body["after"] > 60
            await (await late.connect(**OTHER)).close()
        again = await old.connect(**SCHOOL)
        await until(again, "entries")
        await again.close()
    assert len(bot.delivered) == 1


def test_without_limits_everybody_comes() -> None:
    crowd = Crowd(0, 0)
    with crowd.page("x"):
        assert not crowd.full("x")
        assert crowd.newcomer("x") == 0


def test_a_page_that_closes_makes_room() -> None:
    crowd = Crowd(1, 0)
    with crowd.page("x"):
        assert crowd.full("x")
        assert not crowd.full("y")
    assert not crowd.full("x")
