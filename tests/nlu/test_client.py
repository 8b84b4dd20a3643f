"""The client: Rasa's answer in time, keywords in its place, never an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from nlu import client as client_module
from nlu.client import FAILURES, Breaker, NluClient
from settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANSWER = {
    "intent": {"name": "ask_budget", "confidence": 0.9},
    "intent_ranking": [
        {"name": "ask_budget", "confidence": 0.9},
        {"name": "ask_ldf_projects", "confidence": 0.05},
    ],
    "model_id": "nlu-test",
}


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/model/parse", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def client(url: str, deadline: float = 5.0) -> NluClient:
    return NluClient(
        Settings(nlu_url=url, nlu_token=SecretStr("secret"), nlu_deadline=deadline, _env_file=None)
    )


async def test_rasa_answers_with_what_the_text_speaks_of() -> None:
    async def parse(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        assert await request.json() == {"text": "Увс аймгийн боловсролын төсөв 2024 онд"}
        return web.json_response(ANSWER)

    async with server(parse) as url:
        nlu = client(url)
        found = await nlu.understand("Увс аймгийн боловсролын төсөв 2024 онд", "mn")
        await nlu.close()
    assert (found.intent, found.confidence, found.source) == ("ask_budget", 0.9, "rasa")
    assert found.ranking[1] == ("ask_ldf_projects", 0.05)
    assert (found.places, found.year, found.sector) == (("85",), 2024, "education")
    assert found.model == "nlu-test"


async def test_a_shared_name_is_ambiguous_until_the_own_place_decides() -> None:
    async def parse(_: web.Request) -> web.Response:
        return web.json_response(ANSWER)

    async with server(parse) as url:
        nlu = client(url)
        anywhere = await nlu.understand("Тосонцэнгэлд")
        at_home = await nlu.understand("Тосонцэнгэлд", within="81")
        nowhere = await nlu.understand("Тосонцэнгэлд", within="no such code")
        await nlu.close()
    assert anywhere.places == ()
    assert set(anywhere.ambiguous) == {"6734", "8140"}
    assert at_home.places == ("8140",)
    assert at_home.ambiguous == ()
    assert nowhere.ambiguous == anywhere.ambiguous


async def test_keywords_answer_when_nobody_listens() -> None:
    nlu = client("http://127.0.0.1:9")
    found = await nlu.understand("manai sumiin tusuv hed ve")
    await nlu.close()
    assert (found.intent, found.source, found.model) == ("ask_budget", "keywords", "keywords")


async def test_keywords_answer_when_rasa_is_slow() -> None:
    release = asyncio.Event()

    async def parse(_: web.Request) -> web.Response:
        await release.wait()
        return web.json_response(ANSWER)

    async with server(parse) as url:
        nlu = client(url, deadline=0.05)
        found = await nlu.understand("дотуур байр")
        release.set()
        await nlu.close()
    assert (found.intent, found.source) == ("ask_entitlement/dormitory", "keywords")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"text": "no json", "content_type": "application/json"},
        {"text": "[]", "content_type": "application/json"},
        {"text": '{"intent_ranking": []}', "content_type": "application/json"},
        {"text": '{"intent_ranking": [{}]}', "content_type": "application/json"},
        {"text": '{"intent_ranking": 7}', "content_type": "application/json"},
    ],
)
async def test_keywords_answer_when_rasa_answers_nonsense(answer: dict[str, Any]) -> None:
    async def parse(_: web.Request) -> web.Response:
        return web.Response(**answer)

    async with server(parse) as url:
        nlu = client(url)
        found = await nlu.understand("төсөв")
        await nlu.close()
    assert (found.intent, found.source) == ("ask_budget", "keywords")


async def test_a_server_that_fails_is_left_alone_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = 0
    healthy = False
    now = 1000.0
    monkeypatch.setattr(client_module, "monotonic", lambda: now)

    async def parse(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response(ANSWER) if healthy else web.Response(status=503)

    async with server(parse) as url:
        nlu = client(url)
        for _ in range(FAILURES + 4):
            await nlu.understand("төсөв")
        assert asked == FAILURES
        now += client_module.PAUSE
        healthy = True
        assert (await nlu.understand("төсөв")).source == "rasa"
        assert (await nlu.understand("төсөв")).source == "rasa"
        await nlu.close()
    assert asked == FAILURES + 2


def test_one_attempt_at_a_time_while_the_breaker_is_open() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.note(False, 0.0)
    assert not breaker.allows(1.0)
    assert breaker.allows(client_module.PAUSE)
    assert not breaker.allows(client_module.PAUSE)
    breaker.note(True, client_module.PAUSE)
    assert breaker.allows(client_module.PAUSE)


ATTACKS = {
    "empty": "",
    "100 kB": "төсөв " * 17_000,
    "one word of 100 kB": "а" * 100_000,
    "controls": "\x00\x01\x1b[31m\x7f" * 500,
    "emoji storm": "👩‍👩‍👧‍👦🔥" * 3_000,
    "right-to-left": "\u202e\u202dвөсөт\u200f" * 500,
    "zero-width": "т\u200bө\u200bс\u200bө\u200bв",
    "mixed scripts": "tөсövъ ΤΟΣΟΒ теսөв 予算 بودجه" * 50,
    "surrogates": "\ud800төсөв\udfff",
    "markup": "<script>alert(1)</script> {{7*7}} ' OR 1=1 -- [x](place)",
    "json": '{"text": "төсөв", "sender": "x"}',
    "command": "/restart /model/parse ../../etc/passwd",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
async def test_whatever_is_typed_there_is_an_answer(text: str) -> None:
    sent: list[str] = []

    async def parse(request: web.Request) -> web.Response:
        sent.append((await request.json())["text"])
        return web.json_response(ANSWER)

    async with server(parse) as url:
        nlu = client(url)
        began = asyncio.get_running_loop().time()
        found = await nlu.understand(text)
        took = asyncio.get_running_loop().time() - began
        await nlu.close()
    assert found.source in ("rasa", "keywords")
    assert all(len(one) <= 1000 for one in sent)
    assert took < 2.0


async def test_no_text_is_logged() -> None:
    with structlog.testing.capture_logs() as logs:
        nlu = client("http://127.0.0.1:9")
        await nlu.understand("миний дугаар 99112233")
        await nlu.close()
    assert logs
    assert "99112233" not in repr(logs)
