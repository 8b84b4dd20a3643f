"""Making the exports that people ask for on the page, one after another, beside everything else."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from analytics.auditing import note_taken
from analytics.placing import digest
from analytics.request import Request, RequestError
from analytics.worker import Progress, in_worker
from console.desk import DESK, Desk
from locales.told import on_its_way
from storage.store import StorageError

log = structlog.get_logger()

AT_ONCE = 1
"""Of one process: an export takes a core, and the others wait for their turn."""
MOST_WAITING = 3
"""Of one person."""
SEEN_EVERY, FORGET_EVERY = 1.0, 60.0

Make = Callable[[Request, Path, Progress], Awaitable[dict[str, Any]]]
"""Writes an export to a .zip and returns its manifest; raises RequestError."""


class Exporter:
    """Starts exports and sees them through; `close` gives up what is not done."""

    def __init__(self, desk: Desk, make: Make = in_worker) -> None:
        self._desk = desk
        self._make = make
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, request: Request, user: str, name: str) -> str:
        """Begin an export of `user`, to be called `name`; its id."""
        asked = request.model_dump(mode="json", exclude_defaults=True)
        export = await self._desk.exports.begin(user, name, asked, self._desk.now())
        task = asyncio.create_task(self._see_through(export, request, user))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return export

    async def _see_through(self, export: str, request: Request, user: str) -> None:
        heard: tuple[str, int] = ("", 0)

        def progress(done: str, rows: int) -> None:
            nonlocal heard
            heard = (done, rows)

        async def show() -> None:
            while True:
                with suppress(StorageError):
                    await self._desk.exports.see(export, *heard, self._desk.now())
                await asyncio.sleep(SEEN_EVERY)

        showing = asyncio.create_task(show())
        try:
            async with self._turns:
                await self._export(export, request, user, progress)
        except RequestError as error:
            why = [on_its_way(fault) for fault in error.faults]
            await self._desk.exports.fail(export, why, self._desk.now())
        except Exception:
            log.exception("export failed", dataset=request.dataset)
            await self._desk.exports.fail(export, [], self._desk.now())
        finally:
            showing.cancel()

    async def _export(self, export: str, request: Request, user: str, progress: Progress) -> None:
        here = self._desk
        with tempfile.TemporaryDirectory(prefix="onoo-export-") as folder:
            path = Path(folder) / "export.zip"
            manifest = await self._make(request, path, progress)
            # Into the log before anybody can have it.
            await note_taken(here.store, request, manifest["rows"], user, here.now())
            digested, size = await asyncio.to_thread(digest, path)
            rows = sum(manifest["rows"].values())
            with path.open("rb") as file:
                await here.exports.finish(export, file, rows, size, digested, here.now())

    async def close(self) -> None:
        """Give up what is under way; the page then says that it was cut off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


EXPORTER = web.AppKey("exporter", Exporter)


async def exporting(app: web.Application) -> AsyncIterator[None]:
    """Make exports while the server runs, and forget those whose time is over."""
    exporter = app[EXPORTER]
    task = asyncio.create_task(_keep_forgetting(app[DESK]))
    yield
    task.cancel()
    await exporter.close()
    await asyncio.gather(task, return_exceptions=True)


async def _keep_forgetting(desk: Desk) -> None:
    while True:
        try:
            await desk.exports.forget_old(desk.now())
        except StorageError as error:
            log.warning("database away", error=type(error).__name__)
        await asyncio.sleep(FORGET_EVERY)
