"""Opening storage as configured: a database by URI, or the embedded one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from settings import Settings
from storage.database import StorageError, connect
from storage.embedded import EmbeddedServer, EmbeddedServerError
from storage.store import Store


def secret_key(settings: Settings) -> bytes:
    """The key behind pseudonyms: configured, or made once and kept in the data folder.

    Processes on several machines must be given the same `ONOO_SECRET_KEY`.
    """
    if configured := settings.secret_key.get_secret_value():
        return configured.encode()
    path = settings.data_dir / "secret.key"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(path, secrets.token_hex(32))
    return path.read_bytes().strip()


def _write_once(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="ascii") as target:
            path.chmod(0o600)
            target.write(text)
    except FileExistsError:
        return


def embedded_server(settings: Settings) -> EmbeddedServer:
    """The embedded server that these settings describe, not started."""
    return EmbeddedServer(settings.data_dir / "database", settings.embedded_port)


@asynccontextmanager
async def open_store(settings: Settings, *, start: bool = False) -> AsyncIterator[Store]:
    """The store, ready for use; with `start` the embedded server is started if none answers.

    Raises EmbeddedServerError when no database answers, SchemaTooNew for a later one's data.
    """
    server = embedded_server(settings)
    uri = settings.mongodb_uri or server.uri
    async with AsyncExitStack() as stack:
        if start and not settings.mongodb_uri and not await server.answers():
            await server.start()
            stack.push_async_callback(server.stop)
            watch = asyncio.create_task(server.keep_up())
            stack.callback(watch.cancel)
        database = connect(uri, settings.mongodb_database)
        store = Store(database, secret_key(settings), timedelta(seconds=settings.lease_seconds))
        stack.callback(store.close)
        try:
            await store.ping()
        except StorageError as error:
            raise EmbeddedServerError(
                "no database answers: run ./onoo start, or set ONOO_MONGODB_URI"
            ) from error
        await store.prepare()
        yield store
