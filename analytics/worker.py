"""An export in a process of its own, so that no citizen waits while it is made.

`python -m analytics.worker FOLDER` reads a request (JSON) from standard input and writes the
manifest to standard output; a request that can't be met is told as {"error": "..."}.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from analytics.request import Request, RequestError

ROOT = Path(__file__).parent.parent

Build: TypeAlias = Callable[[Request, Path], Awaitable[dict[str, Any]]]
"""Writes an export to a folder and returns its manifest; raises RequestError."""


async def in_worker(request: Request, folder: Path) -> dict[str, Any]:
    """Export in a process of its own, on the database of this process's settings."""
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", "10", sys.executable, "-m", "analytics.worker", str(folder)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        out, _ = await process.communicate(request.model_dump_json().encode())
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"the export ended with {process.returncode}; its log says why")
    told: dict[str, Any] = json.loads(out)
    if "error" in told:
        raise RequestError(told["error"])
    return told


async def _work(request: Request, folder: Path) -> dict[str, Any]:
    from analytics.export import export
    from settings import settings
    from storage.opening import open_store, secret_key

    async with open_store(settings()) as store:
        return (await export(store, request, secret_key(settings()), folder)).manifest


def main() -> None:
    """Read, export, tell."""
    request = Request.model_validate_json(sys.stdin.buffer.read())
    try:
        told = asyncio.run(_work(request, Path(sys.argv[1])))
    except RequestError as error:
        told = {"error": str(error)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
