"""Exports kept for a while, so that pages of one answer fit together and downloads resume.

They are gone ten minutes after they were made: what a citizen has erased can be read no
longer than that, and a new one never has it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.request import Format, Request
from analytics.worker import Build

LASTS = 600.0
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An export on disk: its folder, its manifest, and whether it was made just now."""

    folder: Path
    manifest: dict[str, Any]
    is_new: bool

    def digest(self, name: str) -> str:
        """The SHA-256 of one of its files."""
        found: str = self.manifest["files"][name]["sha256"]
        return found


class Snapshots:
    """Makes exports with `build` and forgets them in time; `close` forgets all."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._folder = Path(tempfile.mkdtemp(prefix="onoo-api-"))
        self._made: dict[str, tuple[float, dict[str, Any]]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def get(self, request: Request) -> Snapshot:
        """The export that `request` asks for; raises RequestError."""
        await self._forget_old()
        name = hashlib.sha256(request.model_dump_json().encode()).hexdigest()[:32]
        async with self._locks.setdefault(name, asyncio.Lock()):
            folder = self._folder / name
            if name in self._made:
                return Snapshot(folder, self._made[name][1], is_new=False)
            async with self._slots:
                manifest = await self._build(request, folder)
            await asyncio.to_thread(_finish, folder, request)
            self._made[name] = (time.monotonic(), manifest)
            return Snapshot(folder, manifest, is_new=True)

    async def _forget_old(self) -> None:
        now = time.monotonic()
        for name in [name for name, (at, _) in self._made.items() if now - at > LASTS]:
            del self._made[name]
            self._locks.pop(name, None)
            await asyncio.to_thread(shutil.rmtree, self._folder / name, ignore_errors=True)

    async def close(self) -> None:
        """Forget everything."""
        self._made.clear()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)


def _finish(folder: Path, request: Request) -> None:
    """Compressed copies of texts; and times that tell the state of the data, for ETags."""
    moment = request.cutoff.timestamp()
    for path in list(folder.iterdir()):
        if request.format is Format.CSV and path.suffix == ".csv":
            copy = path.with_name(path.name + ".gz")
            with (
                path.open("rb") as source,
                copy.open("wb") as raw,
                gzip.GzipFile("", "wb", 6, raw, mtime=0) as sink,
            ):
                shutil.copyfileobj(source, sink, 1 << 20)
            os.utime(copy, (moment, moment))
        os.utime(path, (moment, moment))
