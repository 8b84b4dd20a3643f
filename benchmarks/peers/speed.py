"""How quick a peer is: citizens at once, from the webhook's POST to the delivered reply."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.peers.citizens import Citizen
from benchmarks.peers.peers import Peer
from benchmarks.process_figures import cpu_seconds, resident
from benchmarks.turns import percentile
from tests.endurance.processes import Process
from tests.world.quick_telegram import QuickTelegram

LOADS = (1, 16, 64)
AT_LEAST = 4
"""Conversations in every load; a load of fewer citizens has them one after another."""
identities = count(1000)


@dataclass(frozen=True)
class Speed:
    """One load's figures; milliseconds, and of the processor for `bot_ms`, `database_ms`."""

    citizens: int
    replies: int
    per_second: float
    p50: float
    p99: float
    bot_ms: float
    database_ms: float
    unanswered: int


def family(process: Process) -> list[int]:
    """The process and all it started (they share its session)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == process.pid:
            found.append(int(stat.parent.name))
    return found


def memory(processes: Sequence[Process]) -> float:
    """Resident MB of the processes and all they started."""
    return sum(resident(pid) for process in processes for pid in family(process))


def used(processes: Sequence[Process]) -> float:
    """Seconds of the processor so far."""
    return sum(cpu_seconds(pid) for process in processes for pid in family(process))


async def measure(
    peer: Peer, telegram: QuickTelegram, bots: list[Process], database: Process, at_once: int
) -> Speed:
    """One load."""
    waiting = max(at_once, AT_LEAST)
    citizens = [
        Citizen(telegram.phone(identity), peer.hand, identity)
        for identity, _ in zip(identities, range(waiting), strict=False)
    ]
    gate = asyncio.Semaphore(at_once)

    async def one(citizen: Citizen) -> None:
        async with gate:
            await citizen.live()

    before = used(bots), used([database])
    began = time.perf_counter()
    await asyncio.gather(*(one(citizen) for citizen in citizens))
    seconds = time.perf_counter() - began
    took = [each for citizen in citizens for each in citizen.took]
    return Speed(
        at_once,
        len(took),
        len(took) / seconds,
        statistics.median(took) * 1000,
        percentile(took, 0.99) * 1000,
        (used(bots) - before[0]) / len(took) * 1000,
        (used([database]) - before[1]) / len(took) * 1000,
        sum(citizen.again + citizen.gave_up for citizen in citizens),
    )
