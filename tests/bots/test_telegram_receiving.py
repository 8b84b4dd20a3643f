"""Telegram's webhook: who gets in, what is made of it, and when it is acknowledged."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bots.telegram import TelegramChannel
from bots.telegram.channel import PATH, SECRET_HEADER
from conversations.messages import Kind
from tests.bots.conftest import telegram_channel
from tests.bots.inbox import JPEG, Inbox
from tests.bots.telegram_updates import in_group, membership, message, tap
from tests.world.emulator import EmulatedTelegram
from tests.world.fake_telegram import STALE_QUERY, FakeTelegram, Fault

SECRET = {SECRET_HEADER: "s3cret"}


@pytest.fixture
async def client(telegram: TelegramChannel) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application()
    telegram.add_routes(app)
    async with TestClient(TestServer(app)) as running:
        yield running


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: ""}, {SECRET_HEADER: "s3cre\xff"}]
)
async def test_statement_01_wrong_or_absent_secret_is_403_and_nothing_stored(
    client: TestClient[Any, Any], inbox: Inbox, headers: dict[str, str]
) -> None:
    response = await client.post(PATH, json=message(1), headers=headers)
    assert response.status == 403
    assert inbox.attempts == 0


async def test_statement_01_the_right_secret_is_let_in(
    client: TestClient[Any, Any], inbox: Inbox
) -> None:
    response = await client.post(PATH, json=message(1, text="Сайн уу"), headers=SECRET)
    assert response.status == 200
    (said,) = inbox.of("42")
    assert (said.id, said.kind, said.text, said.locale_hint) == ("1", Kind.TEXT, "Сайн уу", "mn")


async def test_statement_04_a_store_failure_is_5xx_and_the_repeat_is_stored(
    client: TestClient[Any, Any], inbox: Inbox
) -> None:
    inbox.full = True
    assert (await client.post(PATH, json=message(1), headers=SECRET)).status == 503
    assert inbox.all() == []
    inbox.full = False
    assert (await client.post(PATH, json=message(1), headers=SECRET)).status == 200
    assert len(inbox.all()) == 1


async def test_statement_05_replayed_update_has_one_effect(
    client: TestClient[Any, Any], inbox: Inbox
) -> None:
    for _ in range(3):
        assert (await client.post(PATH, json=message(9), headers=SECRET)).status == 200
    assert len(inbox.all()) == 1


@pytest.mark.parametrize(
    "update",
    [
        [],
        "text",
        None,
        {},
        {"update_id": 3},
        {"update_id": True, "message": message(1)["message"]},
        {"update_id": 3, "message": 7},
        {"update_id": 3, "poll_answer": {}},
        {"update_id": 3, "edited_message": message(1)["message"]},
        in_group(3),
        membership(3, "left", "member"),
    ],
)
async def test_statement_08_unknown_malformed_and_foreign_updates_are_200_and_not_stored(
    client: TestClient[Any, Any], inbox: Inbox, update: object
) -> None:
    response = await client.post(PATH, data=json.dumps(update), headers=SECRET)
    assert response.status == 200
    assert inbox.attempts == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000])
async def test_what_is_no_json_is_400(
    client: TestClient[Any, Any], inbox: Inbox, body: bytes
) -> None:
    assert (await client.post(PATH, data=body, headers=SECRET)).status == 400
    assert inbox.attempts == 0


async def test_a_body_beyond_the_limit_is_413(client: TestClient[Any, Any], inbox: Inbox) -> None:
    response = await client.post(PATH, data=b" " * (1 << 20) + b"{}", headers=SECRET)
    assert response.status == 413
    assert inbox.attempts == 0


async def test_statement_10_every_tap_is_answered_and_a_stale_one_is_no_error(
    client: TestClient[Any, Any], inbox: Inbox, telegram_api: FakeTelegram
) -> None:
    telegram_api.fail("answerCallbackQuery", STALE_QUERY)
    assert (await client.post(PATH, json=tap(1, "menu", query="q1"), headers=SECRET)).status == 200
    assert (await client.post(PATH, json=tap(2, "help", query="q2"), headers=SECRET)).status == 200
    await telegram_api.wait_for("answerCallbackQuery", 2)
    answered = [call["callback_query_id"] for call in telegram_api.made("answerCallbackQuery")]
    assert sorted(answered) == ["q1", "q2"]
    assert [(each.kind, each.payload) for each in inbox.all()] == [
        (Kind.TAP, "menu"),
        (Kind.TAP, "help"),
    ]


async def test_statement_10_taps_that_are_not_stored_are_answered_too(
    client: TestClient[Any, Any], inbox: Inbox, telegram_api: FakeTelegram
) -> None:
    update = tap(1, "menu", query="q9")
    update["callback_query"]["message"]["chat"]["type"] = "group"
    assert (await client.post(PATH, json=update, headers=SECRET)).status == 200
    await telegram_api.wait_for("answerCallbackQuery")
    assert inbox.attempts == 0


async def test_statement_12_blocking_and_unblocking_are_told(
    client: TestClient[Any, Any], inbox: Inbox
) -> None:
    await client.post(PATH, json=membership(1, "member", "kicked"), headers=SECRET)
    await client.post(PATH, json=membership(2, "kicked", "member"), headers=SECRET)
    assert [each.kind for each in inbox.of("42")] == [Kind.LEFT, Kind.RETURNED]


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("/start", ""),
        ("/start c-abc_1", "c-abc_1"),
        ("/start@onoo_bot c-abc_1", "c-abc_1"),
        ("/start <script>", ""),
        ("/start " + "a" * 65, ""),
    ],
)
async def test_statement_18_start_joins_with_its_referral(
    client: TestClient[Any, Any], inbox: Inbox, text: str, payload: str
) -> None:
    await client.post(PATH, json=message(1, text=text), headers=SECRET)
    (joined,) = inbox.all()
    assert (joined.kind, joined.payload) == (Kind.JOIN, payload)


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ({"text": "/help"}, Kind.TEXT, "/help"),
        ({"text": "/starting"}, Kind.TEXT, "/starting"),
        ({"sticker": {"emoji": "👍"}}, Kind.TEXT, "👍"),
        ({"contact": {"phone_number": "99112233", "first_name": "Б"}}, Kind.TEXT, ""),
        ({"text": "x" * 9000}, Kind.TEXT, "x" * 4096),
        ({"text": "a\ud800b"}, Kind.TEXT, "a?b"),
    ],
)
async def test_what_is_said(
    client: TestClient[Any, Any], inbox: Inbox, content: dict[str, Any], kind: Kind, text: str
) -> None:
    await client.post(PATH, json=message(1, **content), headers=SECRET)
    (said,) = inbox.all()
    assert (said.kind, said.text) == (kind, text)
    assert "99112233" not in str(said)


async def test_a_shared_location(client: TestClient[Any, Any], inbox: Inbox) -> None:
    place = {"latitude": 47.92, "longitude": 106.9}
    await client.post(PATH, json=message(1, location=place), headers=SECRET)
    (shared,) = inbox.all()
    assert (shared.kind, shared.latitude, shared.longitude) == (Kind.LOCATION, 47.92, 106.9)


async def test_a_photo_is_fetched_and_stored(client: TestClient[Any, Any], inbox: Inbox) -> None:
    sizes = [
        {"file_id": "small", "file_size": 10, "width": 1, "height": 1},
        {"file_id": "large", "file_size": 900, "width": 9, "height": 9},
    ]
    await client.post(PATH, json=message(1, photo=sizes, caption="Хаалга"), headers=SECRET)
    (sent,) = inbox.all()
    assert (sent.kind, sent.text) == (Kind.ATTACHMENT, "Хаалга")
    assert sent.attachment is not None
    assert inbox.media[sent.attachment.media] == (JPEG, "image/jpeg", "")
    assert sent.attachment.size == len(JPEG)


@pytest.mark.parametrize(
    ("described", "fault"),
    [
        ({"file_id": "f", "file_size": 21 * 1024 * 1024}, None),
        ({"file_id": "f", "file_size": 10}, Fault(400, "Bad Request: file is too big")),
        ({"file_id": "f", "file_size": 10}, Fault(drop=True)),
    ],
)
async def test_a_file_that_cannot_be_had_still_arrives_without_media(
    client: TestClient[Any, Any],
    inbox: Inbox,
    telegram_api: FakeTelegram,
    described: dict[str, Any],
    fault: Fault | None,
) -> None:
    if fault:
        telegram_api.fail("getFile", fault)
    await client.post(PATH, json=message(1, voice=described), headers=SECRET)
    (sent,) = inbox.all()
    assert sent.attachment is not None
    assert (sent.attachment.media, sent.attachment.mime) == ("", "audio/ogg")
    assert inbox.media == {}


async def test_a_whole_conversation_by_webhook_through_the_emulator(
    inbox: Inbox, emulator: EmulatedTelegram, unused_tcp_port: int
) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}"
    channel = telegram_channel(
        inbox, **emulator.settings, telegram_mode="webhook", public_url=address
    )
    app = web.Application()
    channel.add_routes(app)
    async with TestServer(app, port=unused_tcp_port):
        await channel.start()
        set_to = await emulator.emulator.wait_for_call("setWebhook")
        assert (set_to["url"], len(set_to["secret_token"])) == (address + PATH, 64)
        citizen = emulator.citizen(7)
        await citizen.write("/start c-1")
        await citizen.tap("menu")
        inbox.full = True
        await citizen.write("Сайн уу")
        assert len(inbox.all()) == 2
        inbox.full = False
        await citizen.share_location(47.9, 106.9)  # brings the kept update again, first
        kinds = [each.kind for each in inbox.of("7")]
        assert kinds == [Kind.JOIN, Kind.TAP, Kind.TEXT, Kind.LOCATION]
        await emulator.emulator.wait_for_call("answerCallbackQuery")
        await channel.stop()
