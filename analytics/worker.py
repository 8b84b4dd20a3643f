"""An export in a process of its own, so that no citizen waits while it is made.

`python -m analytics.worker FOLDER` reads a request (JSON) from standard input and writes lines of
JSON to standard output: how far it is as ["read", 4000], at last the manifest; a request that
can't be met is told as {"error": [faults]}.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from analytics.request import Request, RequestError
from locales.told import arrived, on_its_way

ROOT = Path(__file__).parent.parent

Build: TypeAlias = Callable[[Request, Path], Awaitable[dict[str, Any]]]
"""Writes an export to a folder and returns its manifest; raises RequestError."""
Progress: TypeAlias = Callable[[str, int], None]
"""Hears what is being done ("read", "written") and how many rows so far."""
LONGEST_LINE = 1 << 26
"""Bytes: a manifest names every file, and there may be thousands that citizens sent."""
TOLD_EVERY = 0.5


async def in_worker(
    request: Request, folder: Path, progress: Progress = lambda done, rows: None
) -> dict[str, Any]:
    """Export in a process of its own, on the database of this process's settings."""
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", "10", sys.executable, "-m", "analytics.worker", str(folder)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    try:
        told = await _hear(process, request, progress)
        await process.wait()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"the export ended with {process.returncode}; its log says why")
    if "error" in told:
        raise RequestError(*(arrived(fault) for fault in told["error"]))
    return told


async def _hear(
    process: asyncio.subprocess.Process, request: Request, progress: Progress
) -> dict[str, Any]:
    """Tell the process what to do and listen until it is done; {} where it ends untold."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(request.model_dump_json().encode())
    process.stdin.close()
    async for line in process.stdout:
        told = json.loads(line)
        if isinstance(told, dict):
            return told
        progress(*told)
    return {}


async def _work(request: Request, folder: Path) -> dict[str, Any]:
    from analytics.export import export
    from settings import settings
    from storage.opening import open_store, secret_key

    async with open_store(settings()) as store:
        return (await export(store, request, secret_key(settings()), folder, _Telling())).manifest


class _Telling:
    """Says how far it is, now and then."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: str, rows: int) -> None:
        if time.monotonic() - self._last >= TOLD_EVERY:
            self._last = time.monotonic()
            _tell([done, rows])


def _tell(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read, export, tell."""
    request = Request.model_validate_json(sys.stdin.buffer.read())
    try:
        told = asyncio.run(_work(request, Path(sys.argv[1])))
    except RequestError as error:
        told = {"error": [on_its_way(fault) for fault in error.faults]}
    _tell(told)


if __name__ == "__main__":
    main()
