"""What a worker does besides: forgetting what was kept for a time only, and what is too old."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from bots.worker import utc_now
from settings import Settings
from storage.forgetting import forget_expired
from storage.retention import Rules, enforce
from storage.store import StorageError, Store

log = structlog.get_logger()

MINUTE, DAY = 60.0, 24 * 3600.0
"""Seconds."""


@contextlib.asynccontextmanager
async def keeping_house(store: Store, settings: Settings) -> AsyncIterator[None]:
    """Forget now and each minute, enforce the retention rules now and daily, until left.

    Several processes may do so.
    """

    async def forget() -> None:
        if count := await forget_expired(store.database, utc_now()):
            log.info("forgotten in time", documents=count)

    async def retain() -> None:
        deleted = await enforce(store, Rules.of(settings), utc_now())
        log.info("retention enforced", **deleted)

    tasks = [
        asyncio.create_task(_repeatedly(MINUTE, forget)),
        asyncio.create_task(_repeatedly(DAY, retain)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeatedly(seconds: float, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except StorageError as error:
            log.warning("housekeeping failed", job=job.__name__, error=type(error).__name__)
        await asyncio.sleep(seconds)
