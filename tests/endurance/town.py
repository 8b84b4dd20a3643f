"""A small town: the platform as processes, the platforms around it, robot citizens, the books."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bots.worker import utc_now
from locales import text
from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.store import Store
from tests.endurance.lines import Line, line_to
from tests.endurance.processes import Process, database, onoo
from tests.world.database import free_port
from tests.world.emulator import EmulatedTelegram, emulated_telegram
from tests.world.phones import (
    EmulatorPhone,
    FakeMessenger,
    MessengerPhone,
    fake_messenger,
    redelivering,
)
from tests.world.robots import Robot

KEY = "the key of endurance tests"
PATIENCE = 60.0
"""Seconds: far longer than a lease and a restart, so that citizens seldom ask again."""


@dataclass
class Town:
    """The platform under test, the platforms around it, and the citizens."""

    folder: Path
    processes: dict[str, Process]
    store: Store
    telegram: EmulatedTelegram
    messenger: FakeMessenger
    robots: list[Robot]
    lines: dict[str, Line] = field(default_factory=dict)
    """To the database, to Telegram, to Messenger and to Rasa."""

    @property
    def turns(self) -> int:
        """What citizens have done so far."""
        return sum(robot.turns for robot in self.robots)


@asynccontextmanager
async def town(
    folder: Path,
    citizens: int,
    on_telegram: int,
    nlu: int = 9,
    front: str = "serve",
    **environment: str,
) -> AsyncIterator[Town]:
    """Everything up, with all robots ready to begin.

    Fewer of them on Telegram, since the emulator delivers one update after another. `nlu` is
    the port of a Rasa, `front` the role of the process that takes events in (`start` answers at
    the door, `serve` leaves all to the workers), `environment` what all processes get besides.
    """
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(emulated_telegram(max_updates=20_000))
        await stack.enter_async_context(redelivering(telegram))
        messenger = await stack.enter_async_context(fake_messenger())
        web, mongodb = free_port(), free_port()
        messenger.webhook = f"http://127.0.0.1:{web}/messenger/webhook"
        behind = {"database": mongodb, "nlu": nlu}
        behind |= {"telegram": _port(telegram.address), "messenger": _port(messenger.address)}
        lines = {
            name: await stack.enter_async_context(line_to(port)) for name, port in behind.items()
        }
        given = _environment(folder, web, lines, telegram, messenger) | environment
        processes = {
            "database": database(mongodb, folder),
            front: onoo(front, front, given, folder, f"http://127.0.0.1:{web}/healthz"),
            "work-1": worker("work-1", given, folder),
            "work-2": worker("work-2", given, folder),
        }
        for process in processes.values():
            stack.push_async_callback(process.stop)
        server = EmbeddedServer(folder, mongodb)
        await until_up(processes["database"], server)
        for process in list(processes.values())[1:]:
            await process.start()
        store = Store(connect(server.uri, "onoo", patience=30), KEY.encode())
        stack.callback(store.close)
        people = robots(telegram, messenger, citizens, on_telegram)
        yield Town(folder, processes, store, telegram, messenger, people, lines)


async def until_up(process: Process, server: EmbeddedServer) -> None:
    """Start the database and wait until it answers."""
    await process.start()
    while not await server.answers():
        await asyncio.sleep(0.05)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _environment(
    folder: Path,
    web: int,
    lines: dict[str, Line],
    telegram: EmulatedTelegram,
    messenger: FakeMessenger,
) -> dict[str, str]:
    """Settings under which the platform reaches everything over its line."""
    settings: dict[str, str] = {
        "data_dir": str(folder),
        "port": str(web),
        "public_url": f"http://127.0.0.1:{web}",
        "mongodb_uri": EmbeddedServer(folder, lines["database"].port).uri,
        "secret_key": KEY,
        "nlu_url": f"http://127.0.0.1:{lines['nlu'].port}",
        "telegram_mode": "webhook",
        "lease_seconds": "8",
    }
    for name, platform in (("telegram", telegram), ("messenger", messenger)):
        here = f"http://127.0.0.1:{lines[name].port}"
        for key, value in platform.settings.items():
            settings[key] = str(value).replace(platform.address, here)
    return {f"ONOO_{key.upper()}": value for key, value in settings.items()}


def worker(name: str, environment: dict[str, str], folder: Path) -> Process:
    """A worker process; its health page says when it is up."""
    port = free_port()
    own = {**environment, "ONOO_METRICS_PORT": str(port)}
    return onoo(name, "work", own, folder, f"http://127.0.0.1:{port}/healthz")


def robots(
    telegram: EmulatedTelegram, messenger: FakeMessenger, citizens: int, on_telegram: int
) -> list[Robot]:
    """Citizens of both platforms, each with dice of their own."""
    phones: list[EmulatorPhone | MessengerPhone] = [
        EmulatorPhone(telegram.citizen(7000 + n)) for n in range(on_telegram)
    ]
    others = range(citizens - on_telegram)
    phones += [messenger.phone(str(9_000_000_000 + n)) for n in others]
    return [Robot(phone, n, PATIENCE) for n, phone in enumerate(phones)]


async def until_settled(store: Store) -> None:
    """Wait until no citizen has anything left to be done."""
    async with asyncio.timeout(60):
        while await store.sessions.waiting():
            await asyncio.sleep(0.1)


# -- the books ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """What became of everything that citizens did."""

    citizens: int
    events: int
    sent_again: int
    asked_again: int
    """How often a citizen lost patience and asked for the menu."""


async def account(place: Town) -> Account:
    """Check every citizen's books; raises AssertionError where something is lost or doubled."""
    again = 0
    for robot in place.robots:
        phone = robot.phone
        assert isinstance(phone, EmulatorPhone | MessengerPhone)
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
        again += await sent_again(place.store, citizen, [shown.text for shown in phone.screen])
    impatient = sum(robot.impatient for robot in place.robots)
    return Account(len(place.robots), place.turns, again, impatient)


async def answered_payloads(store: Store, citizen: str) -> list[str]:
    """The survey buttons this citizen pressed, as the log has them, in order."""
    cursor = store.database.events.find({"citizen": citizen, "type": "heard"}).sort("_id", 1)
    events = [event async for event in cursor]
    events.sort(key=lambda event: [int(part) for part in event["_id"].split(":")[1:]])
    return [event["payload"] for event in events if event["payload"].startswith("sv:")]


async def nothing_lost(store: Store, citizen: str, sent: list[str]) -> None:
    """What the platform had acknowledged is in the log once, from the consent on."""
    cursor = store.database.events.find({"citizen": citizen, "type": "heard"})
    heard = Counter([event["event"] async for event in cursor])
    assert set(heard.values()) == {1}, "an event took effect twice"
    first = min(sent.index(event) for event in heard)
    assert set(sent[first:]) == set(heard), "an acknowledged event is lost"


async def sent_again(store: Store, citizen: str, texts: Sequence[str]) -> int:
    """How often a message came again; each time must be recorded as unknown.

    What did not arrive must be recorded, too.
    """
    unknown = absent = 0
    async for message in store.database.outbox.find({"citizen": citizen}):
        unknown += sum(attempt["result"] == "unknown" for attempt in message["attempts"])
        absent += message["result"] != "sent"
    said = await store.database.events.count_documents({"citizen": citizen, "type": "said"})
    given = text("mn", "consent.given")
    if given not in texts:
        assert absent, "the thanks for the consent did not arrive, and nobody noted it"
        return 0
    again = len(texts[texts.index(given) :]) - said
    assert again <= unknown, f"{again} messages came again, {unknown} are recorded"
    assert -again <= absent, f"{-again} messages did not arrive, {absent} are recorded"
    return max(0, again)
