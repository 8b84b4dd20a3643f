"""The tests' MongoDB: one embedded server a test process, a fresh database a test."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.store import Store

KEY = b"a key for tests only"


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def embedded(folder: Path) -> Iterator[EmbeddedServer]:
    """A running embedded server with its data in `folder`."""
    server = EmbeddedServer(folder, free_port())
    with asyncio.Runner() as runner:
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of an embedded server that all tests of this process share."""
    with embedded(tmp_path_factory.mktemp("mongodb")) as server:
        yield server.uri


_prepared: set[str] = set()
"""The servers whose database has its indexes: making them takes longer than most tests."""


@pytest.fixture
async def store(mongodb: str) -> AsyncIterator[Store]:
    """A store on an empty database."""
    opened = Store(connect(mongodb, "tests"), KEY)
    if mongodb not in _prepared:
        await opened.prepare()
        _prepared.add(mongodb)
    yield opened
    for name in await opened.database.list_collection_names():
        kept = {"_id": {"$ne": "schema"}} if name == "meta" else {}
        await opened.database[name].delete_many(kept)
    opened.close()


@pytest.fixture
async def fresh_store(mongodb: str) -> AsyncIterator[Store]:
    """A store on a database of its own, for tests that change its indexes or version."""
    opened = Store(connect(mongodb, f"test_{uuid.uuid4().hex[:12]}"), KEY)
    await opened.prepare()
    yield opened
    opened.close()
