"""The web chat's server side over real sockets: who may come in, and that nothing gets lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from aiohttp import (
    ClientSession,
    WSMsgType,
    WSServerHandshakeError,
)
from aiohttp.test_utils import TestServer

from bots.channel import Result
from bots.web import page
from bots.webchat import MAX_TABS, NO_COOKIE, SLOWEST_POLL, slower
from conversations.messages import Choice, Outgoing
from settings import Settings
from tests.webchat.echo import Bot
from tests.webchat.visitor import Visitor, entries_until, typed, until, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


# -- who may come in --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://127.0.0.1.evil.example", "file://", "http://["],
)
async def test_foreign_pages_cannot_use_a_visitors_socket(chat: TestServer, origin: str) -> None:
    async with visiting(chat) as visitor:
        with pytest.raises(WSServerHandshakeError) as refused:
            await visitor.connect(Origin=origin)
        assert refused.value.status == 403


async def test_behind_a_proxy_only_the_public_origin_counts(bot: Bot) -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        public_url="https://onoo.example/",
    )
    bot.channel = bot.another_process(settings)
    server = await bot.serve()
    try:
        async with ClientSession() as http:
            proxied = {"Host": "onoo.example"}
            async with http.get(server.make_url("/"), headers=proxied) as response:
                cookie = response.headers["Set-Cookie"]
                assert "Strict-Transport-Security" in response.headers
            assert cookie.startswith("__Host-onoo=")
            for needed in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert needed in cookie
            proxied["Cookie"] = cookie.split(";")[0]
            for origin in ("http://onoo.example", "https://sub.onoo.example"):
                with pytest.raises(WSServerHandshakeError):
                    await http.ws_connect(
                        server.make_url("/chat/ws"), headers={**proxied, "Origin": origin}
                    )
            socket = await http.ws_connect(
                server.make_url("/chat/ws"), headers={**proxied, "Origin": "https://onoo.example"}
            )
            assert (await until(socket, "entries"))["replay"]
            await socket.close()
    finally:
        await bot.channel.stop()
        await server.close()


async def test_without_a_cookie_the_socket_says_why_it_closes(chat: TestServer) -> None:
    for cookie in ("", "onoo-visitor=short", "onoo-visitor=" + "ж" * 22):
        visitor = Visitor(chat)
        socket = await visitor.connect(Cookie=cookie)
        message = await socket.receive(timeout=5)
        assert (message.type, socket.close_code) == (WSMsgType.CLOSE, NO_COOKIE)
        await visitor.http.close()


async def test_address_does_not_give_the_token_away(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        token = next(cookie.value for cookie in visitor.http.cookie_jar)
        await visitor.open()
        assert next(cookie.value for cookie in visitor.http.cookie_jar) == token
        socket = await visitor.connect()
        await socket.send_json(typed("сайн уу"))
        await until(socket, "ack")
        assert re.fullmatch(r"[0-9a-f]{32}", bot.addresses[0])
        assert token not in bot.addresses[0]
        await socket.close()


async def test_page_is_guarded_by_headers(chat: TestServer) -> None:
    async with ClientSession() as http, http.get(chat.make_url("/")) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert f"ws://127.0.0.1:{chat.port}" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        body = await response.text()
        assert not re.search(r"<script(?![^>]*(src=|application/json))|\son\w+=|style=", body)
        assert not re.search(r'(src|href)="(https?:)?//', body), "no outside resources"
    headers = {"Host": "evil.example;script-src *"}
    async with ClientSession() as http, http.get(chat.make_url("/"), headers=headers) as response:
        assert "evil" not in response.headers.get("Content-Security-Policy", "")


async def test_assets_are_kept_for_good_by_version(chat: TestServer) -> None:
    async with ClientSession() as http:
        async with http.get(chat.make_url(page.asset_url("onoo.css"))) as response:
            assert "immutable" in response.headers["Cache-Control"]
            assert response.headers["Content-Encoding"] in ("gzip", "deflate")
        async with http.get(chat.make_url(f"{page.PREFIX}/old/onoo.css")) as response:
            assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")
        for wrong in ("index.html", "..%2Fpage.py", "%2Fetc%2Fpasswd"):
            async with http.get(chat.make_url(f"{page.PREFIX}/x/{wrong}")) as response:
                assert response.status == 404


# -- nothing lost, nothing doubled ------------------------------------------------------------


async def test_same_event_twice_takes_effect_once(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        frame = typed("нэг удаа")
        for _ in range(3):
            await socket.send_json(frame)
            assert (await until(socket, "ack"))["id"] == frame["id"]
        assert bot.texts() == ["нэг удаа"]
        kept = [entry["id"] for entry in bot.history.entries[bot.addresses[0]]]
        assert kept.count(frame["id"]) == 1
        await socket.close()


async def test_full_inbox_and_lost_database_ask_for_another_try(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        await until(socket, "entries")
        frame = typed("дахиад")
        for trouble in ("full", "broken"):
            setattr(bot if trouble == "full" else bot.history, trouble, 1)
            await socket.send_json(frame)
            fault = await until(socket, "error")
            assert (fault["code"], fault["retry"], fault["id"]) == ("busy", True, frame["id"])
        assert bot.delivered == []
        await socket.send_json(frame)
        await until(socket, "ack")
        assert bot.texts() == ["дахиад"]
        await socket.close()


async def test_question_stands_before_its_answer(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        for n in range(5):
            await socket.send_json(typed(str(n)))
        await entries_until(socket, "Хариу: 4")
        shown = [entry["text"] for entry in bot.history.entries[bot.addresses[0]]]
        assert shown == [words for n in range(5) for words in (str(n), f"Хариу: {n}")]
        await socket.close()


async def test_reading_on_after_a_reconnect(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        await socket.send_json(typed("эхлэл"))
        seen = await entries_until(socket, "Хариу: эхлэл")
        await socket.close()
        await bot.channel.send(bot.addresses[0], Outgoing("Байхгүйд чинь"), 0)
        socket = await visitor.connect(after=seen[-1]["seq"])
        frame = await until(socket, "entries")
        assert [entry["text"] for entry in frame["entries"]] == ["Байхгүйд чинь"]
        await socket.close()


async def test_words_of_another_process_arrive(bot: Bot, chat: TestServer) -> None:
    worker = bot.another_process()
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        await socket.send_json({"type": "join", "id": str(uuid.uuid4())})
        await until(socket, "ack")
        receipt = await worker.send(bot.addresses[0], Outgoing("Өөр газраас"), 0)
        seen = await entries_until(socket, "Өөр газраас")
        assert (receipt.result, receipt.message) == (Result.SENT, seen[-1]["id"])
        await socket.close()


async def test_visitors_see_their_own_conversation_only(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as one, visiting(chat) as other:
        first, second = await one.connect(), await other.connect()
        await first.send_json(typed("миний нууц"))
        await entries_until(first, "Хариу: миний нууц")
        await second.send_json(typed("чинийх"))
        seen = await entries_until(second, "Хариу: чинийх")
        assert not any("нууц" in entry["text"] for entry in seen)
        await first.close()
        await second.close()


async def test_send_writes_once_though_the_database_fails(bot: Bot) -> None:
    message = Outgoing("Чухал мэдээ", (Choice("Тийм", "y"),))
    bot.history.broken = 2
    assert (await bot.channel.send("a" * 32, message, 0)).result is Result.SENT
    bot.history.broken = 3
    assert (await bot.channel.send("a" * 32, message, 0)).result is Result.RETRY
    assert (await bot.channel.send("a" * 32, message, 0)).result is Result.SENT
    assert len(bot.history.entries["a" * 32]) == 2


async def test_write_that_took_though_it_failed_is_not_doubled(bot: Bot) -> None:
    message = Outgoing("Нэг л удаа")
    append = bot.history.append

    async def took_but_failed(address: str, entry: dict[str, Any]) -> None:
        await append(address, entry)
        raise ConnectionError

    bot.history.append = took_but_failed  # type: ignore[method-assign]
    assert (await bot.channel.send("b" * 32, message, 0)).result is Result.RETRY
    bot.history.append = append  # type: ignore[method-assign]
    assert (await bot.channel.send("b" * 32, message, 0)).result is Result.SENT
    assert len(bot.history.entries["b" * 32]) == 1


async def test_idle_pages_ask_the_database_less_and_less() -> None:
    pauses = [0.25]
    while pauses[-1] < SLOWEST_POLL:
        pauses.append(slower(pauses[-1]))
    assert pauses == sorted(set(pauses))
    assert sum(pauses) > 30, "the first minute takes few reads"
    assert len(pauses) < 20


async def test_language_of_the_browser_is_handed_on(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        for header, hint in (("kk-KZ,kk;q=0.9", "kk"), ("de,en;q=0.5", "")):
            socket = await visitor.connect(0, **{"Accept-Language": header})
            await socket.send_json(typed("хэл"))
            await until(socket, "ack")
            assert bot.delivered[-1].locale_hint == hint
            await socket.close()


# -- too much ---------------------------------------------------------------------------------


async def test_hasty_visitors_are_slowed_down_not_lost(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        for n in range(40):
            await socket.send_json(typed(str(n)))
        fault = await until(socket, "error")
        assert (fault["code"], fault["retry"]) == ("slow", True)
        assert 0 < fault["after"] <= 5
        await socket.close()


async def test_oversized_frame_closes_the_socket(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        socket = await visitor.connect()
        await socket.send_str('{"type":"text","text":"' + "a" * 70_000)
        while (await socket.receive(timeout=5)).type != WSMsgType.CLOSE:
            pass
        assert socket.close_code == 1009
        again = await visitor.connect()
        assert (await until(again, "entries"))["entries"] == []
        await again.close()
    assert bot.delivered == []


async def test_too_many_tabs_are_refused(chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        tabs = [await visitor.connect() for _ in range(MAX_TABS)]
        for tab in tabs:
            await until(tab, "entries")
        with pytest.raises(WSServerHandshakeError) as refused:
            await visitor.connect()
        assert refused.value.status == 429
        for tab in tabs:
            await tab.close()
