"""What a worker does once a day: deleting what is older than the settings allow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from bots.worker import utc_now
from settings import Settings
from storage.retention import Rules, enforce
from storage.store import StorageError, Store

log = structlog.get_logger()

EVERY = 24 * 3600.0
"""Seconds."""


@contextlib.asynccontextmanager
async def keeping_house(store: Store, settings: Settings) -> AsyncIterator[None]:
    """Enforce the retention rules now and daily, until left. Several processes may do so."""

    async def daily() -> None:
        while True:
            try:
                deleted = await enforce(store, Rules.of(settings), utc_now())
                log.info("retention enforced", **deleted)
            except StorageError as error:
                log.warning("retention not enforced", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    task = asyncio.create_task(daily())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
