"""How long exports take, and how much memory: 100,000 cases of 30 questions.

Each format is exported by a process of its own and of low priority, as `main.py export` and
the API do it, from the embedded database. With `--chat`, 20 robot citizens talk to a running
platform on the same database meanwhile. `--folder` keeps the database for the next run.
Run with:  python -m benchmarks.export [--cases N] [--chat] [FORMAT ...]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import os
import random
import resource
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from analytics.commands import give_way
from analytics.export import export
from analytics.request import Format, request_of
from conversations.survey.authoring import FormSource, compile
from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.store import Store
from tests.world.database import free_port

KEY = b"a key for benchmarks only"
NAME = "onoo"
BEGUN = datetime(2026, 9, 1, tzinfo=UTC)
BATCH = 1000
WARMING, ALONE = 10, 10
"""Seconds of chat before anything is measured, and before the first export."""


def form(folder: Path) -> FormSource:
    """30 questions: 18 scores, 3 with several answers, 4 numbers, 2 decimals, a date, 2 texts."""
    rows = ["| survey |", "| | type | name | label::Mongolian (mn) |"]
    kinds = ["select_one score"] * 18 + ["select_multiple need"] * 3 + ["integer"] * 4
    kinds += ["decimal"] * 2 + ["date"] + ["text"] * 2
    rows += [
        f"| | {kind} | q{n} | Асуулт {n}: үйлчилгээ ямар вэ? |" for n, kind in enumerate(kinds)
    ]
    rows += ["| choices |", "| | list_name | name | label::Mongolian (mn) |"]
    rows += [f"| | score | {n} | Оноо {n} |" for n in (1, 2, 3, 4, 5, "dk")]
    rows += [f"| | need | n{n} | Хэрэгцээ {n} |" for n in range(6)]
    rows += ["| settings |", "| | form_id | form_title |", "| | bench | Хэмжилт |"]
    path = folder / "bench.md"
    path.write_text("\n".join(rows), "utf-8")
    return compile(path)


def case(number: int, version: str, chance: random.Random) -> dict[str, Any]:
    """One case, answered whole."""
    values = {f"q{n}": chance.choice(("1", "2", "3", "4", "5", "dk")) for n in range(18)}
    for n in range(18, 21):
        values[f"q{n}"] = " ".join(f"n{k}" for k in chance.sample(range(6), 2))
    values |= {f"q{n}": str(chance.randrange(2000)) for n in range(21, 25)}
    values |= {f"q{n}": f"{chance.random() * 9:.3f}" for n in (25, 26)}
    values["q27"] = "2026-10-04"
    values |= {f"q{n}": f"Өвөл {number} дугаар ангид хүйтэн байна, {n}" for n in (28, 29)}
    person = hashlib.blake2b(f"c{number}".encode(), digest_size=20).digest()
    started = BEGUN + timedelta(seconds=37 * number)
    ended = started + timedelta(seconds=chance.randrange(100, 900))
    return {
        "_id": hashlib.blake2b(f"{number}".encode(), digest_size=12).hexdigest(),
        "citizen": base64.b32encode(person).decode()[:26].lower(),
        "channel": "telegram", "seq": 33, "form": version, "status": "complete",
        "values": values, "last_node": "", "started": started, "ended": ended,
        "changed": ended, "locale": "mn", "campaign": "", "facility": f"f{number % 300}",
        "place": f"{number % 21 + 1:02d}01", "is_test": False,
    }  # fmt: skip


async def load(uri: str, cases: int, folder: Path) -> None:
    """Fill the database."""
    store = Store(connect(uri, NAME, patience=60), KEY)
    await store.prepare()
    source = form(folder)
    await store.forms.put(source.to_document(), BEGUN)
    chance = random.Random(1)
    for start in range(0, cases, BATCH):
        some = range(start, min(start + BATCH, cases))
        await store.database.cases.insert_many(
            [case(number, source.version, chance) for number in some], ordered=False
        )
    store.close()


async def one(uri: str, wanted: str, folder: Path) -> None:
    """Export one format in this process, and say what it took."""
    give_way()
    store = Store(connect(uri, NAME, patience=60), KEY)
    target = folder / wanted
    began, marks = time.perf_counter(), {}

    def progress(done: str, _: int) -> None:
        marks[done] = time.perf_counter() - began

    request = request_of(
        {"dataset": "answers", "form": "bench", "format": wanted, "cutoff": datetime.now(UTC)}
    )
    exported = await export(store, request, KEY, target, progress)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    print(
        f"{wanted:>8}  {exported.rows['answers']:>7} cases  {seconds:6.1f} s "
        f"(read {marks['read']:.1f} s)  peak {peak:5.0f} MB  {size:6.1f} MB on disk",
        flush=True,
    )
    store.close()


def peak_of(pid: int | None) -> float:
    """The most memory a process has held, in MB (Linux)."""
    found = Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1]
    return int(found.split()[0]) / 1024


async def main(cases: int, formats: list[str], folder: Path, *, chat: bool) -> None:
    """All formats, one after another."""
    async with AsyncExitStack() as stack:
        is_new = not (folder / "database").exists()
        server = EmbeddedServer(folder / "database", free_port())
        await server.start()
        stack.push_async_callback(server.stop)
        if is_new:
            began = time.perf_counter()
            await load(server.uri, cases, folder)
            print(f"{cases} cases loaded in {time.perf_counter() - began:.0f} s", flush=True)
        talking = None
        if chat:
            from benchmarks.chatting import Chatting

            talking = await stack.enter_async_context(Chatting(server.uri, folder))
            await asyncio.sleep(WARMING)
            talking.took.clear()
            await asyncio.sleep(ALONE)
            print(f"{'':>8}  no export: {talking.figures()}", flush=True)
        for wanted in formats:
            if talking is not None:
                talking.took.clear()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "benchmarks.export", "--one", server.uri, str(folder), wanted
            )
            await process.wait()
            if talking is not None:
                print(f"{'':>8}  meanwhile: {talking.figures()}", flush=True)
        load_average = " ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"database: peak {peak_of(server.pid):.0f} MB; load average {load_average}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("formats", nargs="*", default=[str(one) for one in Format])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--chat", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("URI", "FOLDER"))
    asked = parser.parse_args()
    if asked.one:
        asyncio.run(one(asked.one[0], asked.formats[0], Path(asked.one[1])))
    else:
        kept = asked.folder or Path(tempfile.mkdtemp(prefix="onoo-export-bench-"))
        asyncio.run(main(asked.cases, asked.formats, kept, chat=asked.chat))
