"""The people of the push: those who are invited, and those who chat meanwhile."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

from storage.addresses import pseudonym
from storage.store import Document, Store
from tests.world.quick_telegram import QuickTelegram

KEY = "a key for the benchmark only"
SHARE_ON_MESSENGER = 0.25
INVITED_FROM, CHATTERS_FROM = 1_000_000, 9_000_000
WEST_EVERY = 5
WEST, EAST = "8401", "1101"


def address_of(number: int) -> str:
    """The address of the invited person of this number."""
    return str(INVITED_FROM + number)


def lives_in_the_west(address: str) -> bool:
    """Whether an hour behind Ulaanbaatar."""
    return (int(address) - INVITED_FROM) % WEST_EVERY == 0


def channel_of(number: int, people: int) -> str:
    """The channel by which the person of this number is reached."""
    return "messenger" if number < people * SHARE_ON_MESSENGER else "telegram"


def citizen_of(number: int, people: int) -> str:
    """The pseudonym of the person of this number."""
    return pseudonym(KEY.encode(), channel_of(number, people), address_of(number))


async def populate(store: Store, people: int) -> None:
    """People who agreed, the fifth of them in the west; some were last heard two days ago."""
    now = datetime.now(UTC)
    rows: dict[str, list[Document]] = {"addresses": [], "sessions": [], "citizens": []}
    for number in range(people):
        channel, address = channel_of(number, people), address_of(number)
        citizen = citizen_of(number, people)
        late = channel == "messenger" and number % 50 == 9
        seen = now - timedelta(hours=48 if late else 2)
        place = WEST if lives_in_the_west(address) else EAST
        state = {"consent": "given", "locale": "mn", "place": place}
        rows["addresses"].append({"_id": citizen, "channel": channel, "address": address})
        rows["sessions"].append(
            {"_id": citizen, "version": 1, "state": state, "last_inbound": seen}
        )
        rows["citizens"].append(
            {"_id": citizen, "channel": channel, "seen_at": seen, "since": seen, **state}
        )
    for name, documents in rows.items():
        for start in range(0, people, 1000):
            await store.database[name].insert_many(documents[start : start + 1000])


async def chat(
    platform: QuickTelegram, number: int, took: list[float], stop: asyncio.Event
) -> None:
    """One citizen who asks something every now and then, and waits for the answer."""
    phone = platform.phone(CHATTERS_FROM + number)
    dice = random.Random(number)
    await asyncio.sleep(dice.random() * 20)
    for step in ("/start", "lang:mn", "consent:yes", "place:skip"):
        seen = len(phone.screen)
        await (phone.write(step) if step.startswith("/") else phone.tap(step))
        async with phone.changed:
            await phone.changed.wait_for(lambda seen=seen: len(phone.screen) > seen)
    word = "/help"
    while not stop.is_set():
        await asyncio.sleep(dice.uniform(30, 50))
        seen, began = len(phone.screen), time.perf_counter()
        await phone.write(word)
        async with phone.changed:
            await phone.changed.wait_for(lambda seen=seen: len(phone.screen) > seen)
        took.append(phone.screen[seen].at - began)
        word = "/menu" if word == "/help" else "/help"
