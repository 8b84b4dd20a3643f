"""Rasa's server as a process of the platform: set up, trained, started, watched.

Nothing waits for it: until it answers, the client matches keywords.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import structlog

from nlu import model
from nlu.credential import server_token
from nlu.environment import ROOT, Environment, EnvironmentFault
from settings import Settings

log = structlog.get_logger()

_STARTS_WITHIN = 60.0
_LOOKS_EVERY = 5.0
_LONGEST_PAUSE = 300.0


class NluService:
    """Starts Rasa's server on the loopback address and again whenever it ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environment = Environment(settings.data_dir)
        self._said = (ROOT / settings.data_dir / "nlu-server.log").resolve()
        self._watch: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self._settings.nlu_port}"

    @property
    def pid(self) -> int | None:
        """The server's process, while one runs."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Begin to set up, train and serve in the background; returns at once."""
        self._watch = asyncio.create_task(self._keep_up(), name="nlu-service")

    async def stop(self) -> None:
        """End the server and the watching."""
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self.end()

    async def ready(self, within: float = _STARTS_WITHIN) -> bool:
        """Whether the server answers within so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within), aiohttp.ClientSession() as http:
                while True:
                    if await self._answers(http):
                        return True
                    await asyncio.sleep(0.1)
        return False

    async def run(self, path: Path) -> int:
        """Serve the model at `path` until it ends; its exit code."""
        with self._said.open("wb") as said:
            self._process = await asyncio.create_subprocess_exec(
                *self._environment.command("serve", str(path), str(self._settings.nlu_port)),
                env={
                    **self._environment.variables(),
                    "ONOO_NLU_SERVER_TOKEN": server_token(self._settings),
                },
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        return await self._process.wait()

    async def prepare(self) -> Path:
        """The environment made and the fitting model trained; raises EnvironmentFault.

        Done in a process group of its own, so that stopping the platform ends it at once.
        """
        path = await asyncio.to_thread(model.fitting, self._environment)
        if path.exists() and self._environment.is_ready:
            return path
        training = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "nlu", "train"),
            cwd=ROOT,
            env={**os.environ, "ONOO_DATA_DIR": str(self._settings.data_dir)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, said = await training.communicate()
        finally:
            if training.returncode is None:
                os.killpg(training.pid, signal.SIGKILL)
                await training.wait()
        if training.returncode:
            raise EnvironmentFault(said.decode(errors="replace").strip()[-1500:])
        return path

    async def _keep_up(self) -> None:
        pause = _LOOKS_EVERY
        while True:
            began = asyncio.get_running_loop().time()
            try:
                code = await self.run(await self.prepare())
                log.warning("nlu server ended", code=code, said=str(self._said))
            except EnvironmentFault as fault:
                log.warning("nlu cannot start; keywords answer instead", reason=str(fault))
            lasted = asyncio.get_running_loop().time() - began
            pause = _LOOKS_EVERY if lasted > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _answers(self, http: aiohttp.ClientSession) -> bool:
        headers = {"Authorization": f"Bearer {server_token(self._settings)}"}
        try:
            async with http.get(f"{self.url}/status", headers=headers) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def end(self) -> None:
        """Terminate the server, at last by force."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[NluService]:
    """A trained server that answers, for as long as the block runs; raises EnvironmentFault."""
    service = NluService(settings)
    path = await service.prepare()
    server = asyncio.create_task(service.run(path))
    try:
        if not await service.ready():
            raise EnvironmentFault(f"Rasa's server did not answer at {service.url}")
        yield service
    finally:
        await service.end()
        await server
