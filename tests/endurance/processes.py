"""The platform as separate processes that can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientError, ClientSession

from storage.embedded import command_line

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """One process of the platform, by its command line."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    ready: str = ""
    """An address that answers 200 once the process is up."""
    starts: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The process id of the latest start."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.starts += 1
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self.ready:
            await self._until_ready()

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL if that does not end it."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 15)
        except TimeoutError:
            await self.kill()

    async def _until_ready(self) -> None:
        async with asyncio.timeout(60), ClientSession() as client:
            while True:
                assert self._process is not None
                if self._process.returncode is not None:
                    raise AssertionError(f"{self.name} ended: {self.log.read_text()[-2000:]}")
                try:
                    async with client.get(self.ready) as answer:
                        if answer.status == 200:
                            return
                except ClientError:
                    pass
                await asyncio.sleep(0.05)


def onoo(name: str, role: str, environment: dict[str, str], folder: Path, ready: str) -> Process:
    """A process of `main.py`."""
    command = [sys.executable, "main.py", role]
    return Process(name, command, environment, folder / f"{name}.log", ready)


def database(port: int, folder: Path) -> Process:
    """The embedded database as a process of its own, as the platform runs it."""
    program = str(Path(sys.executable).parent / "secantusd-py")
    storage = folder / "database"
    storage.mkdir(mode=0o700)
    return Process("database", command_line(program, port, storage), {}, folder / "database.log")
