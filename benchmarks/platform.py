"""Onoo as all benchmarks run it: its settings, its database, and processes that end with them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from storage.embedded import EmbeddedServer
from tests.endurance.processes import Process, database
from tests.world.database import free_port
from tests.world.quick_telegram import QuickTelegram


def environment(telegram: QuickTelegram, folder: Path, port: int, uri: str) -> dict[str, str]:
    """Settings of processes that `telegram`, which is told so, reaches at `port`; without Rasa."""
    here = f"http://127.0.0.1:{port}"
    telegram.webhook = f"{here}/telegram/webhook"
    return {
        "ONOO_DATA_DIR": str(folder),
        "ONOO_PORT": str(port),
        "ONOO_PUBLIC_URL": here,
        "ONOO_MONGODB_URI": uri,
        "ONOO_NLU_URL": "http://127.0.0.1:9",
        "ONOO_TELEGRAM_MODE": "webhook",
        **{f"ONOO_{name.upper()}": value for name, value in telegram.settings.items()},
    }


async def empty_database(stack: AsyncExitStack, folder: Path) -> tuple[EmbeddedServer, Process]:
    """An embedded database that answers, and its process."""
    server = EmbeddedServer(folder, free_port())
    process = database(server.port, folder)
    await start(stack, process)
    while not await server.answers():
        await asyncio.sleep(0.05)
    return server, process


async def start(stack: AsyncExitStack, process: Process) -> None:
    """Start a process that ends with the benchmark."""
    await process.start()
    stack.push_async_callback(process.stop)
