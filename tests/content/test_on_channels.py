"""The scripted questions through Telegram and the web chat, on the whole platform.

Worker, database, channels and language understanding are the real ones: nothing tells the
platform what a text means.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from bots.platform import Platform
from settings import Settings
from storage.budgets import Budgets
from storage.facilities import Facilities
from storage.store import Store
from tests.content.transcripts import LINES, SCHOOL, Exchange, hold, scripts
from tests.world.database import free_port
from tests.world.emulator import EmulatedTelegram
from tests.world.phones import EmulatorPhone
from tests.world.robots import Phone
from tests.world.web_phone import web_phone

SCRIPTS = scripts()
SOURCE = "📎"
PATIENCE = 20.0
NOBODY = "http://127.0.0.1:9"
"""Where no understanding answers."""
WELCOME = (
    ("lang:mn", "lang:mn"),
    ("consent:yes", "consent:yes"),
    ("place:skip", "place:in-21"),
    ("place:is-21", "place:in-2101"),
    ("place:is-2101", "place:is-2101"),
)
"""The button that is waited for, and the one that is pressed."""


@asynccontextmanager
async def platform(store: Store, *, marked: bool = False, **values: Any) -> AsyncIterator[str]:
    """The whole platform in this process; the address of its web chat.

    `marked`: the budget's figures are marked as made up, which they are.
    """
    settings = Settings(_env_file=None, port=free_port(), nlu_deadline=PATIENCE, **values)
    budgets = Budgets(store.database)
    await budgets.store("i1", "a.csv", LINES, datetime.now(UTC), demonstration=marked)
    await Facilities(store.database).store([SCHOOL])
    built = Platform.build(settings, store)
    async with built.working(), built.serving(), built.connected(intake=True):
        yield f"http://127.0.0.1:{settings.port}"
    await built.nlu.close()


async def until(phone: Phone, seen: int, text: str, payload: str) -> str:
    """All that came after the first `seen` messages, once one holds `text` and `payload`."""

    def told() -> bool:
        return any(
            text in shown.text and (not payload or payload in shown.payloads)
            for shown in phone.screen[seen:]
        )

    try:
        async with asyncio.timeout(PATIENCE), phone.changed:
            await phone.changed.wait_for(told)
    except TimeoutError:
        pass
    return "\n".join(shown.text for shown in phone.screen[seen:])


async def welcomed(phone: Phone) -> None:
    """Through the welcome, to the menu, at home in Kherlen."""
    await phone.join()
    for offered, pressed in WELCOME:
        await until(phone, 0, "", offered)
        await phone.tap(pressed)
    await until(phone, 0, "", "go:help")


def missing(expected: Exchange, told: str) -> list[str]:
    """What a right answer would have said: its headings, its sources, what it must hold."""
    lines = [message.text.splitlines()[0] for message in expected.said]
    lines += [
        line
        for message in expected.said
        for line in message.text.splitlines()
        if line.startswith(SOURCE)
    ]
    return [part for part in (*lines, *expected.must) if part not in told]


async def converse(phone: Phone, script: dict[str, Any]) -> list[str]:
    """Hold one scripted conversation; each answer that was not right, as a line to read."""
    await welcomed(phone)
    wrong = []
    for turn, expected in zip(script["turns"], hold(script), strict=True):
        seen = len(phone.screen)
        if "taps" in turn:
            await phone.tap(turn["taps"])
        else:
            await phone.write(turn["says"])
        last = expected.said[-1]
        payload = last.choices[-1].payload if last.choices else ""
        told = await until(phone, seen, last.text.splitlines()[0], payload)
        if lacking := missing(expected, told):
            wrong.append(f"{expected.done!r} lacks {lacking}, was answered with:\n{told}")
    return wrong


async def ask_first(phone: Phone, script: dict[str, Any]) -> list[str]:
    """Only the first question, which may be answered or lead to the answer by a button."""
    await welcomed(phone)
    seen = len(phone.screen)
    turn, expected = script["turns"][0], hold(script)[0]
    await phone.write(turn["says"])
    told = await until(phone, seen, "", "go:menu")
    offered = {payload for shown in phone.screen[seen:] for payload in shown.payloads}
    leads = {f"mean:{turn['intent']}", f"en:{turn['intent'].rpartition('/')[2]}:what"}
    right = leads & offered or not missing(expected, told)
    return [] if right else [f"{turn['says']!r} was answered with:\n{told}\n{offered}"]


Talk = Callable[[Phone, dict[str, Any]], Coroutine[Any, Any, list[str]]]


async def hold_all(talk: Talk, phones: Sequence[Phone]) -> list[str]:
    """Every script on a phone of its own, at the same time; what was not right."""
    talks = (talk(phone, script) for phone, script in zip(phones, SCRIPTS, strict=True))
    return [line for wrong in await asyncio.gather(*talks) for line in wrong]


async def in_browsers(address: str, talk: Talk) -> list[str]:
    """Every script in a web chat of its own; what was not right."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(web_phone(address)) for _ in SCRIPTS]
        return await hold_all(talk, opened)


async def test_through_telegram(store: Store, rasa: str, emulator: EmulatedTelegram) -> None:
    async with platform(store, nlu_url=rasa, **emulator.settings):
        phones = [EmulatorPhone(emulator.citizen(100 + number)) for number in range(len(SCRIPTS))]
        wrong = await hold_all(converse, phones)
    assert not wrong, "\n\n".join(wrong)


async def test_through_the_web_chat(store: Store, rasa: str) -> None:
    async with platform(store, nlu_url=rasa) as address:
        wrong = await in_browsers(address, converse)
    assert not wrong, "\n\n".join(wrong)


async def test_keywords_alone_answer_or_offer_most_first_questions(store: Store) -> None:
    async with platform(store, nlu_url=NOBODY) as address:
        wrong = await in_browsers(address, ask_first)
    assert len(wrong) <= 0.2 * len(SCRIPTS), "\n\n".join(wrong)
