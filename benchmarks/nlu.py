"""How fast understanding answers: `python -m benchmarks.nlu [requests]`.

Starts the trained server on one core, sends texts one after the other over HTTP and prints
start time, latency, throughput and memory; then the pure parts (normaliser, places) alone.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from nlu.credential import server_token
from nlu.evaluation import free_port
from nlu.gazetteer import Gazetteer
from nlu.normalize import canonical
from nlu.service import NluService
from settings import settings

TEXTS = (
    "Манай сумын эмнэлэгт эмч байхгүй байна, хаана хандах вэ?",
    "huuhdiin tsetserlegt orohod yu heregtei ve",
    "Увс аймгийн 2024 оны боловсролын тосов хэд вэ",
    "үдийн цай",
    "bzd 5r horoond onhs oor yu hiisen be",
    "Сайн байна уу",
    "дотуур байранд байгаа хүүхдээс мөнгө хурааж байна, ийм байж болох уу, хэнд гомдол гаргах вэ",
    "margaash tsag agaar yamar baih bol",
)


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
    return int(kilobytes) / 1024


async def _server(requests: int) -> None:
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
            for number in range(requests):
                sent = time.perf_counter()
                body = {"text": TEXTS[number % len(TEXTS)]}
                async with http.post(f"{service.url}/model/parse", json=body) as answer:
                    assert (await answer.json())["intent_ranking"]
                times.append((time.perf_counter() - sent) * 1000)
        print(
            f"parse over HTTP, one core, {requests} requests: "
            f"p50 {statistics.median(times):.1f} ms, p99 {_percentile(times, 0.99):.1f} ms, "
            f"{1000 / statistics.mean(times):.0f}/s"
        )
        print(f"memory {_megabytes(service.pid):.0f} MB")
    finally:
        await service.end()
        await running


def _pure(name: str, job: Callable[[str], object]) -> None:
    times = []
    for _ in range(50):
        for text in TEXTS:
            began = time.perf_counter()
            job(text)
            times.append((time.perf_counter() - began) * 1000)
    print(f"{name}: p50 {statistics.median(times):.2f} ms, p99 {_percentile(times, 0.99):.2f} ms")


def main() -> None:
    """Run and print everything."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    gazetteer = Gazetteer.load()
    gazetteer.find("Увс")
    _pure("normalise", canonical)
    _pure("find places", gazetteer.find)
    asyncio.run(_server(requests))
    load = os.getloadavg()[0]
    print(f"load of the machine meanwhile {load:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
