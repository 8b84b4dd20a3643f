"""Fixtures for all tests: the stand-in platforms of the tests' world."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.world.database import fresh_store, mongodb, store
from tests.world.emulator import EmulatedTelegram, emulated_telegram
from tests.world.fake_telegram import FakeTelegram, fake_telegram
from tests.world.graph import FakeGraph, fake_graph
from tests.world.understanding import rasa

__all__ = ["fresh_store", "mongodb", "rasa", "store"]


LONG = "tests/console/test_story.py"
"""A minute or two in a browser: begun last, it would keep one core waiting for the other."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In any order, but the longest first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture
async def emulator() -> AsyncIterator[EmulatedTelegram]:
    """A Bot API emulator on a free port, with citizens who can write and tap."""
    async with emulated_telegram() as running:
        yield running


@pytest.fixture
async def telegram_api() -> AsyncIterator[FakeTelegram]:
    """A Bot API that fails as told."""
    async with fake_telegram() as running:
        yield running


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    """Messenger's Graph server, which fails as told."""
    async with fake_graph() as running:
        yield running
