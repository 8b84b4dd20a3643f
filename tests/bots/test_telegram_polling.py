"""Telegram by long polling: confirmed only once stored, in order, nobody lost for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bots.telegram import TelegramChannel
from conversations.messages import Kind, Outgoing
from tests.bots.conftest import telegram_channel
from tests.bots.inbox import Inbox
from tests.bots.telegram_updates import message
from tests.world.emulator import EmulatedTelegram
from tests.world.fake_telegram import CONFLICT, FakeTelegram


@pytest.fixture
async def started(
    inbox: Inbox, telegram_api: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TelegramChannel]:
    """The channel polling the fake Bot API, without waiting between failures."""
    monkeypatch.setattr("bots.backoff.BASE", 0.01)
    channel = telegram_channel(inbox, **telegram_api.settings)
    await channel.start()
    yield channel
    await channel.stop()


async def test_a_conversation_through_the_emulator(
    polling: TelegramChannel, inbox: Inbox, emulator: EmulatedTelegram
) -> None:
    citizen = emulator.citizen(7, language="kk")
    await citizen.write("/start c-1")
    await citizen.tap("menu")
    await citizen.share_location(47.9, 106.9)
    said = await inbox.wait_for(3)
    assert [each.kind for each in said] == [Kind.JOIN, Kind.TAP, Kind.LOCATION]
    assert {each.locale_hint for each in said} == {"kk"}
    await polling.send("7", Outgoing("Сайн байна уу"), 0)
    assert [each.text for each in citizen.received()] == ["Сайн байна уу"]


async def test_statement_06_a_malformed_update_does_not_lose_the_others(
    telegram_api: FakeTelegram, started: TelegramChannel, inbox: Inbox
) -> None:
    telegram_api.updates = [message(1), 7, {"update_id": 2, "message": []}, {"message": {}}]
    telegram_api.updates += [message(3, text="дараа")]
    said = await inbox.wait_for(2)
    assert [each.id for each in said] == ["1", "3"]


async def test_statement_04_an_update_is_confirmed_only_once_it_is_stored(
    telegram_api: FakeTelegram, started: TelegramChannel, inbox: Inbox
) -> None:
    inbox.full_for = {"1"}
    telegram_api.updates = [message(10, chat=1), message(11, chat=2), message(12, chat=1)]
    await inbox.wait_for(1)
    await telegram_api.wait_for("getUpdates", len(telegram_api.offsets) + 3)
    assert max(telegram_api.offsets) == 10
    inbox.full_for = set()
    await inbox.wait_for(3)
    await telegram_api.wait_for("getUpdates", len(telegram_api.offsets) + 2)
    assert max(telegram_api.offsets) == 13
    assert [each.id for each in inbox.of("1")] == ["10", "12"]


async def test_statement_07_a_full_inbox_does_not_block_other_chats(
    telegram_api: FakeTelegram, started: TelegramChannel, inbox: Inbox
) -> None:
    inbox.full_for = {"1"}
    telegram_api.updates = [message(number, chat=number % 2 + 1) for number in range(1, 9)]
    await inbox.wait_for(4)
    assert [each.id for each in inbox.of("2")] == ["1", "3", "5", "7"]
    assert inbox.of("1") == []


async def test_statement_17_a_second_poller_raises_the_alarm_until_it_is_gone(
    telegram_api: FakeTelegram, started: TelegramChannel, inbox: Inbox
) -> None:
    telegram_api.fail("getUpdates", CONFLICT, CONFLICT, CONFLICT)
    faults = set()
    calls = len(telegram_api.made("getUpdates"))
    for more in range(1, 6):
        await telegram_api.wait_for("getUpdates", calls + more)
        faults.add(started.fault)
    assert "conflict" in faults
    telegram_api.updates = [message(1)]
    await inbox.wait_for(1)
    assert started.fault == ""


async def test_stopping_twice_and_without_start(inbox: Inbox, telegram_api: FakeTelegram) -> None:
    channel = telegram_channel(inbox, **telegram_api.settings)
    await channel.stop()
    await channel.stop()
    assert not [task for task in asyncio.all_tasks() if "telegram" in str(task.get_coro())]
