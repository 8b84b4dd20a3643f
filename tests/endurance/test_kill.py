"""200 citizens converse while the platform's processes are killed again and again.

At the end every citizen has reached the end, no acknowledged event is lost, no answer is
doubled or out of order, and what was sent twice is recorded as unknown.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bots.worker import utc_now
from locales import text
from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.store import Store
from tests.endurance.processes import Process, database, onoo
from tests.world.database import free_port
from tests.world.emulator import EmulatedTelegram, emulated_telegram
from tests.world.phones import EmulatorPhone, FakeMessenger, fake_messenger, redelivering
from tests.world.robots import Robot, Shown

CITIZENS = 200
ON_TELEGRAM = 24
KILLS = 21
KEY = "the kill test's key"
PATIENCE = 60.0
"""Seconds: far longer than a lease and a restart, so that citizens seldom ask again."""


@dataclass
class Town:
    """The platform under test, the platforms around it, and the citizens."""

    processes: list[Process]
    store: Store
    robots: list[Robot]


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """Everything up, with all robots ready to begin."""
    async with (
        emulated_telegram(max_updates=20_000) as telegram,
        redelivering(telegram),
        fake_messenger() as messenger,
    ):
        web, mongodb = free_port(), free_port()
        here = f"http://127.0.0.1:{web}"
        messenger.webhook = f"{here}/messenger/webhook"
        server = EmbeddedServer(folder, mongodb)
        environment = {
            "ONOO_DATA_DIR": str(folder),
            "ONOO_PORT": str(web),
            "ONOO_PUBLIC_URL": here,
            "ONOO_MONGODB_URI": server.uri,
            "ONOO_SECRET_KEY": KEY,
            "ONOO_NLU_URL": "http://127.0.0.1:9",
            "ONOO_TELEGRAM_MODE": "webhook",
            "ONOO_LEASE_SECONDS": "8",
            **{f"ONOO_{k.upper()}": str(v) for k, v in telegram.settings.items()},
            **{f"ONOO_{k.upper()}": str(v) for k, v in messenger.settings.items()},
        }
        base = database(mongodb, folder)
        processes = [
            base,
            onoo("serve", "serve", environment, folder, f"{here}/healthz"),
            worker("work-1", environment, folder),
            worker("work-2", environment, folder),
        ]
        await base.start()
        while not await server.answers():
            await asyncio.sleep(0.05)
        for process in processes[1:]:
            await process.start()
        store = Store(connect(server.uri, "onoo", patience=30), KEY.encode())
        try:
            yield Town(processes, store, robots(telegram, messenger))
        finally:
            store.close()
            for process in reversed(processes):
                await process.stop()


def worker(name: str, environment: dict[str, str], folder: Path) -> Process:
    """A worker process; its health page says when it is up."""
    port = free_port()
    own = {**environment, "ONOO_METRICS_PORT": str(port)}
    return onoo(name, "work", own, folder, f"http://127.0.0.1:{port}/healthz")


def robots(telegram: EmulatedTelegram, messenger: FakeMessenger) -> list[Robot]:
    """Fewer on Telegram, since the emulator delivers one update after another."""
    phones = [EmulatorPhone(telegram.citizen(7000 + n)) for n in range(ON_TELEGRAM)]
    others = [messenger.phone(str(9_000_000_000 + n)) for n in range(CITIZENS - ON_TELEGRAM)]
    return [Robot(phone, n, PATIENCE) for n, phone in enumerate([*phones, *others])]


async def kill_at_random(
    processes: list[Process], conversing: asyncio.Future[object]
) -> Counter[str]:
    """Kill one process after another, at random moments, and start each again."""
    dice = random.Random(20261124)
    killed: Counter[str] = Counter()
    while killed.total() < KILLS or not conversing.done():
        await asyncio.wait({conversing}, timeout=dice.uniform(0.5, 3.0))
        if killed.total() >= KILLS:
            await asyncio.wait({conversing})
            break
        victim = dice.choice(processes)
        await victim.kill()
        killed[victim.name] += 1
        await victim.start()
    return killed


async def answered_payloads(store: Store, citizen: str) -> list[str]:
    """The survey buttons this citizen pressed, as the log has them, in order."""
    cursor = store.database.events.find({"citizen": citizen, "type": "heard"}).sort("_id", 1)
    events = [event async for event in cursor]
    events.sort(key=lambda event: [int(part) for part in event["_id"].split(":")[1:]])
    return [event["payload"] for event in events if event["payload"].startswith("sv:")]


async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with town(tmp_path) as place:
        conversing = asyncio.gather(*(robot.live() for robot in place.robots))
        killed = await kill_at_random(place.processes, conversing)
        await conversing
        await until_settled(place.store)
        report = await account(place)
        with capsys.disabled():
            print(f"\nkilled {dict(killed)}; {report}")
        assert killed.total() >= 20
        assert len(killed) == 4


async def until_settled(store: Store) -> None:
    """Wait until no citizen has anything left to be done."""
    async with asyncio.timeout(60):
        while await store.sessions.waiting():
            await asyncio.sleep(0.1)


async def account(place: Town) -> dict[str, int]:
    """Check every citizen's books; returns the figures to report."""
    doubled_sends = 0
    for robot in place.robots:
        phone = robot.phone
        channel = "telegram" if isinstance(phone, EmulatorPhone) else "messenger"
        citizen = await place.store.addresses.register(channel, phone.address, utc_now())
        reached = await place.store.database.cases.count_documents(
            {"citizen": citizen, "status": "complete"}
        )
        assert reached, "every citizen reached the end"
        pressed = [payload for payload in robot.pressed if payload.startswith("sv:")]
        assert await answered_payloads(place.store, citizen) == pressed, (
            "each answer once, in the order in which it was given"
        )
        await nothing_lost(place.store, citizen, phone.sent)
        doubled_sends += await doubled(place.store, citizen, phone.screen)
    return {
        "citizens": len(place.robots),
        "events": sum(robot.turns for robot in place.robots),
        "doubled sends": doubled_sends,
        "asked again by impatient citizens": sum(robot.impatient for robot in place.robots),
    }


async def nothing_lost(store: Store, citizen: str, sent: list[str]) -> None:
    """What the platform had acknowledged is in the log once, from the consent on."""
    cursor = store.database.events.find({"citizen": citizen, "type": "heard"})
    heard = Counter([event["event"] async for event in cursor])
    assert set(heard.values()) == {1}, "an event took effect twice"
    first = min(sent.index(event) for event in heard)
    assert set(sent[first:]) == set(heard), "an acknowledged event is lost"


async def doubled(store: Store, citizen: str, screen: Sequence[Shown]) -> int:
    """How often a message came again; each time must be recorded as unknown."""
    unknown = 0
    async for message in store.database.outbox.find({"citizen": citizen}):
        unknown += sum(attempt["result"] == "unknown" for attempt in message["attempts"])
    said = await store.database.events.count_documents({"citizen": citizen, "type": "said"})
    texts = [message.text for message in screen]
    agreed = texts[texts.index(text("mn", "consent.given")) :]
    twice = len(agreed) - said
    assert 0 <= twice <= unknown, f"{twice} messages came again, {unknown} are recorded"
    return twice
