"""The embedded first-run database: SecantusDB as a process of its own.

SecantusDB speaks MongoDB's wire protocol. It is GPL-2.0-only, so it is never imported; and
it is for first runs, pilots and tests: production sets `ONOO_MONGODB_URI` instead.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from pathlib import Path

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

log = structlog.get_logger()

READY_WITHIN = 30.0
START_AGAIN_AFTER = 5.0
STOP_WITHIN = 15.0


def command_line(program: str, port: int, folder: Path, cache: str = "256M") -> list[str]:
    """The words that start the server `program` with its data in `folder`.

    Every acknowledged write is on disk (`--sync-on-commit`): without it, killing the server
    loses acknowledged writes. It plays no replica set (`--standalone`): the log of changes that
    goes with one costs a fifth of each write, and Onoo needs neither change streams nor
    transactions.
    """
    return [
        *(program, "--host", "127.0.0.1", "--port", str(port)),
        *("--storage-path", str(folder.resolve()), "--sync-on-commit"),
        *("--cache-size", cache, "--log-level", "WARNING", "--standalone"),
    ]


class EmbeddedServerError(Exception):
    """The embedded database could not be started; the message says why and what to do."""


class EmbeddedServer:
    """A SecantusDB subprocess on loopback with its data under `folder`."""

    def __init__(self, folder: Path, port: int, cache: str = "256M") -> None:
        self.folder = folder
        self.port = port
        self.cache = cache
        self._process: asyncio.subprocess.Process | None = None

    @property
    def uri(self) -> str:
        """The connection string for this server."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true&w=1&journal=true"

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @staticmethod
    def program() -> str | None:
        """Where the server's program is, or None if the optional dependency is missing."""
        beside = Path(sys.executable).parent / "secantusd-py"
        return str(beside) if beside.exists() else shutil.which("secantusd-py")

    async def start(self) -> None:
        """Start and wait until it answers; raises EmbeddedServerError if it does not."""
        program = self.program()
        if program is None:
            raise EmbeddedServerError(
                "the embedded database is not installed: run ./onoo, or set ONOO_MONGODB_URI"
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        log = (self.folder / "server.log").open("ab")
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command_line(program, self.port, self.folder, self.cache),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            log.close()
        await self._until_ready()

    async def answers(self) -> bool:
        """Whether a server answers on this port already, whoever started it."""
        client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
            self.uri, serverSelectionTimeoutMS=300
        )
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            await client.close()
        return True

    async def stop(self) -> None:
        """Stop cleanly; a server that does not end in time is killed (nothing is lost)."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def keep_up(self) -> None:
        """Start the server again whenever it ends; runs until cancelled."""
        while self._process is not None:
            code = await self._process.wait()
            log.error("embedded database ended, starting it again", code=code)
            try:
                await self.start()
            except EmbeddedServerError as error:
                log.error("embedded database does not start", reason=str(error))
                await asyncio.sleep(START_AGAIN_AFTER)

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self._process is not None and self._process.returncode is not None:
                raise EmbeddedServerError(self._why_it_ended())
            if await self.answers():
                return
            await asyncio.sleep(0.05)
        await self.stop()
        raise EmbeddedServerError(f"the embedded database did not answer in {READY_WITHIN:.0f} s")

    def _why_it_ended(self) -> str:
        log = (self.folder / "server.log").read_text("utf-8", "replace").strip().splitlines()
        last = log[-1] if log else "it printed nothing"
        return (
            f"the embedded database ended at once on port {self.port} ({last}); is another one "
            f"running on {self.folder}, or is the port taken (ONOO_EMBEDDED_PORT)?"
        )
