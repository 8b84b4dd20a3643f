"""How fast understanding answers: `python -m benchmarks.nlu [requests]`.

Starts the trained server on one core, sends texts one after the other over HTTP and prints
start time, latency, throughput and memory; then the pure parts (normaliser, places) alone.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from nlu.credential import server_token
from nlu.environment import ROOT
from nlu.evaluation import free_port
from nlu.gazetteer import Gazetteer
from nlu.normalize import canonical
from nlu.service import NluService
from settings import settings

HELD_OUT = ROOT / "tests" / "nlu" / "heldout.csv"


def _texts(wanted: int) -> list[str]:
    """So many different utterances that the model was not trained on."""
    with HELD_OUT.open(encoding="utf-8") as source:
        different = sorted({row["text"] for row in csv.DictReader(source)})
    return random.Random(1).sample(different, min(wanted, len(different)))


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
    return int(kilobytes) / 1024


def _processor_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _server(texts: list[str]) -> None:
    own = settings().model_copy(update={"nlu_port": free_port()})
    service = NluService(own)
    path = await service.prepare()
    began = time.perf_counter()
    running = asyncio.create_task(service.run(path))
    try:
        assert await service.ready()
        print(f"ready after {time.perf_counter() - began:.1f} s")
        assert service.pid
        os.sched_setaffinity(service.pid, {0})
        headers = {"Authorization": f"Bearer {server_token(own)}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            times = []
            before = _processor_seconds(service.pid)
            for text in texts:
                sent = time.perf_counter()
                async with http.post(f"{service.url}/model/parse", json={"text": text}) as answer:
                    assert (await answer.json())["intent_ranking"]
                times.append((time.perf_counter() - sent) * 1000)
        print(
            f"parse over HTTP, one core, {len(texts)} different texts: "
            f"p50 {statistics.median(times):.1f} ms, p99 {_percentile(times, 0.99):.1f} ms, "
            f"{1000 / statistics.mean(times):.0f}/s"
        )
        spent = (_processor_seconds(service.pid) - before) / len(texts) * 1000
        print(f"processor time a parse {spent:.1f} ms")
        print(f"memory {_megabytes(service.pid):.0f} MB")
    finally:
        await service.end()
        await running


def _pure(name: str, job: Callable[[str], object], texts: list[str]) -> None:
    times = []
    for text in texts:
        began = time.perf_counter()
        job(text)
        times.append((time.perf_counter() - began) * 1000)
    print(f"{name}: p50 {statistics.median(times):.2f} ms, p99 {_percentile(times, 0.99):.2f} ms")


def main() -> None:
    """Run and print everything."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    texts = _texts(requests)
    gazetteer = Gazetteer.load()
    gazetteer.find("Увс")
    _pure("normalise", canonical, texts)
    _pure("find places", gazetteer.find, texts)
    asyncio.run(_server(texts))
    load = os.getloadavg()[0]
    print(f"load of the machine meanwhile {load:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
