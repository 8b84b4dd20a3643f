"""How Onoo grows: with worker processes, and with citizens stored.

`python -m benchmarks.scale processes 1 2 4` measures turns a second with so many `work`
processes beside one `serve`; `python -m benchmarks.scale stored 1000 10000` fills the embedded
database with so many citizens (each a session, an address, a profile, a case and an event)
and measures what a turn costs then. A turn is one thing a citizen does in the scorecard of
`benchmarks.peers`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.peers.__main__ import up
from benchmarks.peers.peers import PEERS, Surroundings, offer_form, onoo_split, onoo_whole
from benchmarks.peers.speed import measure, memory
from benchmarks.platform import empty_database
from benchmarks.process_figures import resident
from storage.addresses import pseudonym
from tests.endurance.processes import Process
from tests.world.quick_telegram import quick_telegram

BATCH = 1000
AT_ONCE = 16
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ANSWERS = {f"q{number}": "s4" for number in range(10)}
COUNTED = ("insert", "query", "update", "delete", "command")
Document = dict[str, Any]


def stored(first: int, count: int) -> Iterator[tuple[str, Document]]:
    """Documents of citizens who took part: the collection and what goes there."""
    for number in range(first, first + count):
        citizen = pseudonym(b"others", "telegram", str(number))
        case = f"{citizen}-case"
        yield "sessions", session_of(citizen, case)
        yield "addresses", {"_id": citizen, "channel": "telegram", "address": f"9{number:09d}"}
        profile = {"consent": True, "locale": "mn", "place": "11-04", "channel": "telegram"}
        yield "citizens", {"_id": citizen, "since": NOW, "seen_at": NOW, **profile}
        run = {"form": "scorecard", "status": "complete", "seq": 30, "answers": ANSWERS}
        yield "cases", {"_id": case, "citizen": citizen, "changed": NOW, **run}
        said = {"type": "said", "at": NOW, "message": {"text": "Баярлалаа! " * 10}}
        yield "events", {"_id": f"{citizen}:20:0", "citizen": citizen, **said}


def session_of(citizen: str, case: str) -> Document:
    """A session between two conversations."""
    return {
        "_id": citizen,
        "version": 20,
        "state": {
            "language": "mn",
            "consent": "given",
            "place": "11-04",
            "stack": [],
            "last": case,
        },
        "inbox": [],
        "seen": [f"{number:020x}" for number in range(20)],
        "pending": [],
        "last_inbound": NOW,
    }


def fill(uri: str, first: int, count: int) -> float:
    """Store so many more citizens; returns seconds."""
    began = time.perf_counter()
    with MongoClient[Document](uri) as client:
        for start in range(first, first + count, BATCH):
            batch: dict[str, list[Document]] = {}
            for collection, document in stored(start, min(BATCH, first + count - start)):
                batch.setdefault(collection, []).append(document)
            for collection, documents in batch.items():
                client.onoo[collection].insert_many(documents, ordered=False)
    return time.perf_counter() - began


def operations(uri: str) -> int:
    """Operations the database has done so far."""
    with MongoClient[Document](uri) as client:
        counters = client.admin.command("serverStatus")["opcounters"]
    return sum(int(counters.get(kind, 0)) for kind in COUNTED)


def disk(folder: Path) -> float:
    """MB of files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


async def with_processes(workers: int) -> None:
    """Turns a second with so many worker processes (0: everything in one)."""
    async with AsyncExitStack() as stack:
        around, base = await world(stack)
        await offer_form(around)
        bots = onoo_split(around, workers) if workers else onoo_whole(around)
        await started(stack, around, bots)
        await measure(PEERS["onoo"], around.telegram, bots, base, 2)
        one = await measure(PEERS["onoo"], around.telegram, bots, base, 64)
        print(
            f"{workers} work: {one.per_second:6.1f} turns/s  p50 {one.p50:6.0f} p99 {one.p99:6.0f} "
            f"ms  bot {one.bot_ms:5.1f} database {one.database_ms:5.1f} ms/turn  "
            f"memory {memory(bots):.0f} MB  load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


async def with_stored(sizes: list[int]) -> None:
    """What a turn costs at each of `sizes` citizens stored, on one growing database."""
    async with AsyncExitStack() as stack:
        around, base = await world(stack)
        await offer_form(around)
        there = 0
        for size in sizes:
            seconds = await asyncio.to_thread(fill, around.mongodb, there, size - there)
            there, rate = size, (size - there) / seconds
            async with AsyncExitStack() as run:
                bots = onoo_whole(around)
                await started(run, around, bots)
                await measure(PEERS["onoo"], around.telegram, bots, base, 2)
                before = await asyncio.to_thread(operations, around.mongodb)
                one = await measure(PEERS["onoo"], around.telegram, bots, base, AT_ONCE)
                done = await asyncio.to_thread(operations, around.mongodb) - before
                print(
                    f"{size:>8} stored: {one.per_second:6.1f} turns/s  p50 {one.p50:6.0f} ms  "
                    f"bot {one.bot_ms:5.1f} database {one.database_ms:5.1f} ms/turn  "
                    f"{done / one.replies:4.1f} operations/turn  memory bot {memory(bots):.0f} "
                    f"database {resident(base.pid):.0f} MB  disk {disk(around.folder):.0f} MB  "
                    f"filled at {rate:.0f}/s  load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )


async def world(stack: AsyncExitStack) -> tuple[Surroundings, Process]:
    """Telegram and an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="onoo-scale-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    telegram = await stack.enter_async_context(quick_telegram())
    server, base = await empty_database(stack, folder)
    return Surroundings(folder, folder, server.uri, telegram), base


async def started(stack: AsyncExitStack, around: Surroundings, bots: list[Process]) -> None:
    """Start processes that end with `stack`."""
    await up(around, bots)
    for process in bots:
        stack.push_async_callback(process.stop)


async def main(what: str, numbers: list[int]) -> None:
    """What was asked for on the command line."""
    if what == "stored":
        await with_stored(numbers or [1_000, 10_000, 100_000])
        return
    for workers in numbers or [0, 1, 2, 4]:
        await with_processes(workers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if sys.argv[1:] else "processes", [int(n) for n in sys.argv[2:]]))
