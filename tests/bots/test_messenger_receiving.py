"""Messenger's webhook: who gets in, what is made of it, and when it is acknowledged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bots.messenger import MessengerChannel
from bots.messenger.channel import PATH
from bots.messenger.downloads import Downloader
from conversations.messages import Kind
from tests.bots.conftest import messenger_channel
from tests.bots.inbox import JPEG, Inbox
from tests.bots.messenger_events import (
    NO_EFFECT,
    attached,
    batch,
    chose,
    event,
    picture,
    said,
)
from tests.world.graph import VERIFY_TOKEN, FakeGraph, signature

PSID = "987654321432"
Post = Callable[..., Awaitable[int]]


@pytest.fixture
async def client(messenger: MessengerChannel) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application()
    messenger.add_routes(app)
    async with TestClient(TestServer(app)) as running:
        yield running


@pytest.fixture
def post(client: TestClient[Any, Any]) -> Post:
    """Posts events in one batch, signed, and gives the status."""

    async def post_batch(*events: dict[str, Any], **options: Any) -> int:
        body = json.dumps(batch(*events, **options)).encode()
        response = await client.post(PATH, data=body, headers=signature(body))
        return response.status

    return post_batch


@pytest.mark.parametrize(
    ("mode", "token", "status", "echo"),
    [
        ("subscribe", VERIFY_TOKEN, 200, "1158201444"),
        ("subscribe", "wrong", 403, ""),
        ("subscribe", "", 403, ""),
        ("unsubscribe", VERIFY_TOKEN, 403, ""),
    ],
)
async def test_statement_02_the_challenge_is_echoed_only_for_the_right_verify_token(
    client: TestClient[Any, Any], mode: str, token: str, status: int, echo: str
) -> None:
    query = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201444"}
    response = await client.get(PATH, params=query)
    assert (response.status, await response.text()) == (status, echo)
    assert response.content_type != "text/html"


async def test_statement_02_no_token_configured_confirms_nobody(inbox: Inbox) -> None:
    app = web.Application()
    messenger_channel(inbox, messenger_token="t", messenger_app_secret="s").add_routes(app)
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    async with TestClient(TestServer(app)) as client:
        assert (await client.get(PATH, params=query)).status == 403


async def test_statement_03_the_signature_is_over_the_raw_bytes(
    client: TestClient[Any, Any], inbox: Inbox
) -> None:
    body = b'{"object":"page",  "entry":[ ]}'
    same_json = json.dumps(json.loads(body)).encode()
    assert (await client.post(PATH, data=same_json, headers=signature(body))).status == 403
    assert (await client.post(PATH, data=body, headers=signature(body))).status == 200


@pytest.mark.parametrize("secret", ["wrong", ""])
async def test_statement_03_unsigned_and_wrongly_signed_events_are_403_and_not_stored(
    client: TestClient[Any, Any], inbox: Inbox, secret: str
) -> None:
    body = json.dumps(batch(said("Сайн уу"))).encode()
    for headers in (
        {},
        signature(body, secret or "x"),
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=\xff"},
        {"X-Hub-Signature": signature(body)["X-Hub-Signature-256"]},
    ):
        assert (await client.post(PATH, data=body, headers=headers)).status == 403
    assert inbox.attempts == 0


async def test_statement_04_a_store_failure_is_5xx_and_the_repeat_is_stored(
    post: Post, inbox: Inbox
) -> None:
    inbox.full_for = {"1"}
    events = [said("a", "m_1", 1), said("b", "m_2", 2), said("c", "m_3", 1)]
    assert await post(*events) == 503
    assert [each.id for each in inbox.all()] == ["m_2"]
    inbox.full_for = set()
    assert await post(*events) == 200
    assert [each.id for each in inbox.of("1")] == ["m_1", "m_3"]
    assert len(inbox.all()) == 3


async def test_statement_05_replayed_events_have_one_effect_with_and_without_mid(
    post: Post, inbox: Inbox
) -> None:
    postback = event(postback={"title": "Цэс", "payload": "menu"})
    as_text = event(sender=PSID, postback={"payload": "menu", "title": "Цэс"})
    later = event(time=1_760_000_000_001, postback={"title": "Цэс", "payload": "menu"})
    for _ in range(2):
        assert await post(said("Сайн уу"), postback, as_text) == 200
    assert await post(later) == 200
    assert [each.kind for each in inbox.of(PSID)] == [Kind.TEXT, Kind.TAP, Kind.TAP]


async def test_statement_06_one_bad_event_does_not_lose_the_others(
    post: Post, inbox: Inbox
) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = {"a": [deep]}
    bad = [7, [], None, {}, event(message={"mid": 5, "text": {}}), event(postback=deep)]
    assert await post(*bad[:3], said("нэг", "m_1"), *bad[3:], said("хоёр", "m_2")) == 200
    assert [each.text for each in inbox.all() if each.text] == ["нэг", "хоёр"]


async def test_statement_07_events_of_one_person_keep_their_order(post: Post, inbox: Inbox) -> None:
    events = [said(str(n), f"m_{n}", sender=n % 3 + 1) for n in range(30)]
    assert await post(*events) == 200
    for person in ("1", "2", "3"):
        numbers = [int(each.text) for each in inbox.of(person)]
        assert numbers == sorted(numbers)
        assert len(numbers) == 10


async def test_statement_07_an_event_that_failed_is_not_overtaken(post: Post, inbox: Inbox) -> None:
    inbox.fail_once = {"m_1"}
    events = [said("a", "m_1", 1), said("b", "m_2", 1), said("c", "m_3", 2)]
    assert await post(*events) == 503
    assert [each.id for each in inbox.all()] == ["m_3"]
    assert await post(*events) == 200
    assert [each.id for each in inbox.of("1")] == ["m_1", "m_2"]


async def test_statement_08_numeric_and_string_ids_are_one_person(post: Post, inbox: Inbox) -> None:
    assert await post(said("а", "m_1", 987654321432), said("б", "m_2", "987654321432")) == 200
    assert [each.text for each in inbox.of(PSID)] == ["а", "б"]


@pytest.mark.parametrize("kind", sorted(NO_EFFECT))
async def test_statement_08_what_needs_no_answer_is_200_and_not_stored(
    post: Post, inbox: Inbox, kind: str
) -> None:
    assert await post(NO_EFFECT[kind]) == 200
    assert inbox.attempts == 0


async def test_statement_09_echo_and_standby_never_trigger_replies(
    post: Post, inbox: Inbox
) -> None:
    assert await post(NO_EFFECT["echo"]) == 200
    assert await post(said("Сайн уу"), chose("menu"), key="standby") == 200
    assert inbox.attempts == 0


@pytest.mark.parametrize(
    ("arrived", "payload"),
    [
        (event(postback={"title": "Эхлэх", "payload": "/start"}), ""),
        (
            event(
                postback={
                    "payload": "/start",
                    "referral": {"ref": "c-1", "source": "SHORTLINK", "type": "OPEN_THREAD"},
                }
            ),
            "c-1",
        ),
        (event(referral={"ref": "c-1", "source": "SHORTLINK", "type": "OPEN_THREAD"}), "c-1"),
        (event(optin={"ref": "c-1"}), "c-1"),
    ],
)
async def test_statement_18_links_and_get_started_join_the_same_campaign(
    post: Post, inbox: Inbox, arrived: dict[str, Any], payload: str
) -> None:
    assert await post(arrived) == 200
    (joined,) = inbox.of(PSID)
    assert (joined.kind, joined.payload) == (Kind.JOIN, payload)


async def test_a_message_from_an_advertisement_joins_and_is_heard(post: Post, inbox: Inbox) -> None:
    assert await post(said("Сайн уу", referral={"ref": "c-2", "source": "ADS"})) == 200
    assert [(each.kind, each.payload, each.text) for each in inbox.all()] == [
        (Kind.JOIN, "c-2", ""),
        (Kind.TEXT, "", "Сайн уу"),
    ]


async def test_quick_replies_and_buttons_are_taps_and_the_menu_is_commands(
    post: Post, inbox: Inbox
) -> None:
    menu = event(postback={"title": "Цэс", "payload": "/menu"})
    button = event(postback={"mid": "m_p", "title": "Тийм", "payload": "yes"})
    assert await post(chose("no"), button, menu) == 200
    assert [(each.kind, each.payload or each.text) for each in inbox.all()] == [
        (Kind.TAP, "no"),
        (Kind.TAP, "yes"),
        (Kind.TEXT, "/menu"),
    ]


async def test_statement_12_opting_out_and_in_are_told(post: Post, inbox: Inbox) -> None:
    stop = {"type": "notification_messages", "notification_messages_status": "STOP_NOTIFICATIONS"}
    resume = stop | {"notification_messages_status": "RESUME_NOTIFICATIONS"}
    assert await post(event(optin=stop), event(optin=resume)) == 200
    assert [each.kind for each in inbox.all()] == [Kind.LEFT, Kind.RETURNED]


async def test_location_pictures_and_wordless_messages(
    post: Post, inbox: Inbox, graph: FakeGraph
) -> None:
    graph.media["p1"] = (JPEG, "image/jpeg")
    graph.media["p2"] = (b"#!/bin/sh", "image/jpeg")
    place = {"type": "location", "payload": {"coordinates": {"lat": 47.9, "long": 106.9}}}
    pictures = [picture(f"{graph.address}/media/{name}") for name in ("p1", "p2", "elsewhere")]
    sticker = picture("https://scontent.xx.fbcdn.net/s.png", sticker_id=369239263222822)
    fallback = {"type": "fallback", "title": "x", "url": "https://x", "payload": "BLOB"}
    assert await post(attached(place, mid="m_1"), attached(*pictures, mid="m_2")) == 200
    assert await post(attached(sticker, mid="m_3"), attached(fallback, mid="m_4")) == 200
    kinds = [(each.id, each.kind) for each in inbox.all()]
    assert kinds == [
        ("m_1", Kind.LOCATION),
        ("m_2", Kind.ATTACHMENT),
        ("m_2/1", Kind.ATTACHMENT),
        ("m_2/2", Kind.ATTACHMENT),
        ("m_3", Kind.TEXT),
        ("m_4", Kind.TEXT),
    ]
    media = [each.attachment.media for each in inbox.all() if each.attachment]
    assert media == ["media1", "", ""]
    assert inbox.media["media1"][:2] == (JPEG, "image/jpeg")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://scontent.xx.fbcdn.net/v/t1.jpg", True),
        ("https://cdn.fbsbx.com/a.mp4?x=1", True),
        ("http://127.0.0.1:1/media/a", True),
        ("http://scontent.xx.fbcdn.net/a.jpg", False),
        ("https://scontent.xx.fbcdn.net:8443/a.jpg", False),
        ("https://fbcdn.net.evil.example/a.jpg", False),
        ("https://evilfbcdn.net/a.jpg", False),
        ("https://fbcdn.net@169.254.169.254/a", False),
        ("https://169.254.169.254\\@fbcdn.net/a", False),
        ("http://127.0.0.1:2/media/a", False),
        ("file:///etc/passwd", False),
        ("https://[::1/a", False),
        ("", False),
    ],
)
def test_files_are_fetched_from_meta_only(url: str, allowed: bool) -> None:
    assert Downloader("fbcdn.net, fbsbx.com http://127.0.0.1:1").allows(url) is allowed


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"object":"page","entry":{}}', b'{"object":"user"}']
)
async def test_signed_nonsense_is_no_server_error(
    client: TestClient[Any, Any], inbox: Inbox, body: bytes
) -> None:
    response = await client.post(PATH, data=body, headers=signature(body))
    assert response.status in (200, 400)
    assert inbox.attempts == 0


async def test_bodies_too_big_or_wrongly_compressed_are_refused(
    client: TestClient[Any, Any], inbox: Inbox
) -> None:
    big = b" " * ((1 << 20) + 1)
    assert (await client.post(PATH, data=big, headers=signature(big))).status == 413
    headers = signature(b"x") | {"Content-Encoding": "gzip"}
    assert (await client.post(PATH, data=b"x", headers=headers)).status == 415
    assert inbox.attempts == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "nonsense"])
async def test_a_body_compressed_badly_is_no_server_error(
    client: TestClient[Any, Any], encoding: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Encoding: {encoding}\r\n"
    writer.write(f"{head}Content-Length: 4\r\n\r\nabcd".encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    assert status in (b"400", b"415")
