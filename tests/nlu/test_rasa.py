"""Rasa itself, installed and trained by these tests where it is not: the marked group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from nlu.client import NluClient
from nlu.credential import server_token
from nlu.evaluation import free_port
from nlu.service import serving
from settings import Settings
from tests.nlu.test_client import ATTACKS

pytestmark = [
    pytest.mark.rasa,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("rasa"),
]

ALIKE = {
    "ask_budget": [
        "манай сумын төсөв хэд вэ",
        "манай сумын тєсєв хэд вэ",
        "manai sumiin tusuv hed ve",
        "manai sumiin tosov hed we",
        "manai sumiin tösöv hed ve",
        "манай сумын тосов хэд вэ",
    ],
    "ask_entitlement/textbooks": [
        "сурах бичиг үнэгүй юу",
        "surah bichig vnegui yu",
        "сурах бичиг унэгуй юу",
    ],
    "ask_entitlement/dormitory": ["дотуур байранд хэн орох вэ", "dotuur bairand hen oroh ve"],
    "stop_messages": ["надад дахиж мессеж битгий явуул", "nadad dahij mesej bitgii yavuul"],
    "out_of_scope": ["маргааш бороо орох уу", "margaash boroo oroh uu"],
}


@pytest.fixture(scope="module")
def rasa_settings() -> Settings:
    return Settings(nlu_port=free_port(), nlu_deadline=30.0, nlu_url="", _env_file=None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(rasa_settings: Settings) -> AsyncIterator[str]:
    async with serving(rasa_settings) as service:
        yield service.url


@pytest_asyncio.fixture(loop_scope="module")
async def nlu(server: str, rasa_settings: Settings) -> AsyncIterator[NluClient]:
    client = NluClient(rasa_settings)
    yield client
    await client.close()


@pytest.mark.parametrize("typed", ["төсөв", "тєсєв", "tusuv", "tosov", "tösöv", "тосов"])
async def test_budget_in_every_spelling(nlu: NluClient, typed: str) -> None:
    found = await nlu.understand(typed)
    assert (found.intent, found.source) == ("ask_budget", "rasa")


@pytest.mark.parametrize("intent", ALIKE)
async def test_the_same_in_every_script(nlu: NluClient, intent: str) -> None:
    found = [(await nlu.understand(text)) for text in ALIKE[intent]]
    assert [one.intent for one in found] == [intent] * len(found)
    assert {one.source for one in found} == {"rasa"}


async def test_confidence_is_a_distribution(nlu: NluClient) -> None:
    found = await nlu.understand("дотуур байр")
    confidences = [confidence for _, confidence in found.ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert 0 < sum(confidences) <= 1.001
    assert found.model.startswith("nlu-")


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
async def test_whatever_is_typed_rasa_stands_it(nlu: NluClient, text: str) -> None:
    began = asyncio.get_running_loop().time()
    found = await nlu.understand(text)
    assert asyncio.get_running_loop().time() - began < 5
    assert found.source == "rasa" or not found.intent or found.model == "keywords"
    assert (await nlu.understand("төсөв")).source == "rasa"


async def test_only_the_token_opens(server: str) -> None:
    async with aiohttp.ClientSession() as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "төсөв"}):
            async with http.post(
                f"{server}/model/parse", json={"text": "x"}, headers=headers
            ) as answer:
                assert answer.status == 401
        async with http.get(f"{server}/status?token=wrong") as answer:
            assert answer.status == 401


async def test_models_cannot_be_loaded_trained_or_seen(
    server: str, rasa_settings: Settings
) -> None:
    headers = {"Authorization": f"Bearer {server_token(rasa_settings)}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        for method, path in (
            ("PUT", "/model"),
            ("DELETE", "/model"),
            ("POST", "/model/train"),
            ("POST", "/model/test/intents"),
            ("GET", "/domain"),
            ("POST", "/webhooks/rest/webhook"),
            ("GET", "/conversations/x/tracker"),
        ):
            async with http.request(method, f"{server}{path}", json={}) as answer:
                assert answer.status == 404, path


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"text": 7}', b"{}", b"\xff\xfe", b'"text"', b"null"]
)
async def test_a_bad_request_is_refused_and_nothing_else(
    server: str, rasa_settings: Settings, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {server_token(rasa_settings)}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{server}/model/parse", data=body) as answer,
    ):
        assert answer.status == 400


async def test_a_body_too_large_is_refused(server: str, rasa_settings: Settings) -> None:
    headers = {"Authorization": f"Bearer {server_token(rasa_settings)}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{server}/model/parse", json={"text": "а" * 200_000}) as answer,
    ):
        assert answer.status == 413
