"""Fixtures of the adapters' tests: an inbox, and channels joined to stand-in platforms."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bots.messenger import MessengerChannel
from bots.telegram import TelegramChannel
from settings import Settings
from tests.bots.inbox import Inbox
from tests.world.emulator import EmulatedTelegram
from tests.world.fake_telegram import FakeTelegram
from tests.world.graph import FakeGraph


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def telegram_channel(inbox: Inbox, **values: object) -> TelegramChannel:
    settings = Settings(_env_file=None, **values)
    return TelegramChannel(settings, inbox.deliver, inbox.store_media, inbox.fetch_media)


@pytest.fixture
async def telegram(inbox: Inbox, telegram_api: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    """The channel joined to the fake Bot API, not started."""
    channel = telegram_channel(
        inbox,
        **telegram_api.settings,
        telegram_mode="webhook",
        telegram_secret="s3cret",
        public_url="https://onoo.example",
    )
    yield channel
    await channel.stop()


@pytest.fixture
async def polling(inbox: Inbox, emulator: EmulatedTelegram) -> AsyncIterator[TelegramChannel]:
    """The channel polling the emulator."""
    channel = telegram_channel(inbox, **emulator.settings, telegram_mode="polling")
    await channel.start()
    yield channel
    await channel.stop()


def messenger_channel(inbox: Inbox, **values: object) -> MessengerChannel:
    settings = Settings(_env_file=None, **values)
    return MessengerChannel(settings, inbox.deliver, inbox.store_media, inbox.fetch_media)


@pytest.fixture
async def messenger(inbox: Inbox, graph: FakeGraph) -> AsyncIterator[MessengerChannel]:
    """The channel joined to the fake Graph server, not started."""
    channel = messenger_channel(inbox, **graph.settings)
    yield channel
    await channel.stop()
