"""What a peer does when things go wrong: killed, told twice, told nonsense, asked to go back."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from benchmarks.peers.citizens import Citizen
from benchmarks.peers.peers import Peer
from benchmarks.peers.speed import identities
from tests.endurance.processes import Process
from tests.world.quick_telegram import QuickTelegram

CITIZENS = 16
KILLS = (60, 100, 140)
"""At how many turns of all citizens together the bot is killed."""
DOWN_FOR = 1.0
PATIENCE = 45.0
"""Seconds without a reply after which a citizen does something again."""
READS_FOR = 0.5
QUIET = 3.0
"""Seconds in which whatever more a bot says is waited for."""
HALF_WAY = 5

Start = Callable[[Sequence[Process]], Awaitable[None]]


@dataclass(frozen=True)
class Killed:
    """What three kills in mid-conversation did to sixteen citizens."""

    lost: int
    wrong: int
    anew: int
    again: int
    shown_twice: int
    unfinished: int
    longest: float


async def kill(
    peer: Peer, telegram: QuickTelegram, bots: Sequence[Process], start: Start
) -> Killed:
    """Kill all of the bot's processes three times while citizens answer; the database stays."""
    citizens = [
        Citizen(telegram.phone(identity), peer.hand, identity, PATIENCE, READS_FOR)
        for identity, _ in zip(identities, range(CITIZENS), strict=False)
    ]
    robots = [asyncio.create_task(citizen.live()) for citizen in citizens]
    for threshold in KILLS:
        while sum(citizen.turns for citizen in citizens) < threshold and not all_done(robots):
            await asyncio.sleep(0.001)
        await asyncio.gather(*(bot.kill() for bot in bots))
        await asyncio.sleep(DOWN_FOR)
        await start(bots)
    await asyncio.gather(*robots)
    return Killed(
        lost=sum(len(citizen.asked_again) for citizen in citizens),
        wrong=sum(citizen.recorded_wrongly for citizen in citizens if citizen.summary),
        anew=sum(citizen.anew for citizen in citizens),
        again=sum(citizen.again for citizen in citizens),
        shown_twice=sum(citizen.shown_twice for citizen in citizens),
        unfinished=sum(not citizen.summary for citizen in citizens),
        longest=max(each for citizen in citizens for each in citizen.took),
    )


def all_done(robots: Sequence[asyncio.Task[None]]) -> bool:
    """Whether nobody talks any more."""
    return all(robot.done() for robot in robots)


async def half_way(peer: Peer, telegram: QuickTelegram) -> Citizen:
    """A citizen with five questions answered."""
    identity = next(identities)
    citizen = Citizen(telegram.phone(identity), peer.hand, identity)
    await citizen.live(lambda one: len(one.confirmed) >= HALF_WAY)
    return citizen


async def more_of(citizen: Citizen, act: Callable[[], Awaitable[object]]) -> list[str]:
    """What the bot says to something within a while."""
    seen, until = len(citizen.phone.screen), time.monotonic() + QUIET
    await act()
    while time.monotonic() < until:
        await asyncio.sleep(0.05)
    return [shown.text for shown in citizen.phone.screen[seen:]]


async def doubled(peer: Peer, telegram: QuickTelegram) -> str:
    """The same update delivered twice at once, as after a webhook that was too slow."""
    citizen = await half_way(peer, telegram)
    tap = peer.hand(citizen.phone.screen, random.Random(1))
    assert tap is not None
    assert tap.gives is not None

    async def twice() -> None:
        same = next(telegram.updates)
        query = telegram_query(citizen, tap.payload)
        await asyncio.gather(*(deliver(telegram, same, query) for _ in range(2)))

    said = await more_of(citizen, twice)
    citizen.answers[tap.gives[0]] = tap.gives[1]
    await citizen.live()
    return (
        f"{len(said)} message{'s' * (len(said) != 1)}, "
        f"{citizen.recorded_wrongly} answers wrong in the end"
    )


def telegram_query(citizen: Citizen, payload: str) -> dict[str, object]:
    """A tap as Telegram tells it."""
    phone = citizen.phone
    message = {**phone._message(), "text": "…"}
    person = phone._person()
    return {
        "callback_query": {
            "id": f"{phone.id}77",
            "from": person,
            "chat_instance": "1",
            "message": message,
            "data": payload,
        }
    }


async def deliver(telegram: QuickTelegram, number: int, content: dict[str, object]) -> None:
    """Post an update under a given number."""
    assert telegram._client is not None
    headers = {"X-Telegram-Bot-Api-Secret-Token": "quick-secret"}
    update = {"update_id": number, **content}
    async with telegram._client.post(telegram.webhook, json=update, headers=headers) as answer:
        await answer.read()


async def typed(peer: Peer, telegram: QuickTelegram, text: str) -> str:
    """What is said to something typed in the middle of the questions."""
    citizen = await half_way(peer, telegram)
    said = await more_of(citizen, lambda: citizen.phone.write(text))
    return " ⏎ ".join(" ".join(one.split()) for one in said) or "nothing"
