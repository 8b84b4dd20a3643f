"""The conversation in a terminal: the same engine, with a session in memory only."""

from __future__ import annotations

import asyncio
from itertools import count

from rich.console import Console

from bots.facts import Facts
from bots.resolvers import resolvers
from bots.turns import run_turn
from bots.worker import utc_now
from conversations.events import Event, Said
from conversations.messages import Choice, Incoming, Kind
from conversations.state import State
from nlu.client import NluClient
from settings import Settings
from storage.opening import open_store

CITIZEN = "terminal"
console = Console()


class TerminalConversation:
    """One conversation; nothing of it is stored."""

    def __init__(self, facts: Facts, locale: str = "") -> None:
        self._facts = facts
        self._numbers = count(1)
        self._state = State(locale=locale)
        self.choices: tuple[Choice, ...] = ()

    async def join(self) -> list[Event]:
        """What Onoo says first."""
        return await self._turn(Incoming(str(next(self._numbers)), Kind.JOIN, utc_now()))

    async def hear(self, line: str) -> list[Event]:
        """A typed line; `#2` presses the second button."""
        number, kind, payload, text = str(next(self._numbers)), Kind.TEXT, "", line
        if line.startswith("#") and line[1:].isdecimal():
            position = int(line[1:]) - 1
            if 0 <= position < len(self.choices):
                kind, payload, text = Kind.TAP, self.choices[position].payload, ""
        return await self._turn(Incoming(number, kind, utc_now(), text, payload))

    async def _turn(self, incoming: Incoming) -> list[Event]:
        self._state, events = await run_turn(
            self._state, incoming, citizen=CITIZEN, now=utc_now(), facts=self._facts
        )
        shown = [c for e in events if isinstance(e, Said) for c in e.message.choices]
        self.choices = tuple(shown) or self.choices
        return events


def _show(events: list[Event]) -> None:
    number = count(1)
    for event in events:
        if isinstance(event, Said):
            console.print(event.message.text, style="cyan", highlight=False, markup=False)
            for choice in event.message.choices:
                console.print(f"  #{next(number)} {choice.label}", markup=False, highlight=False)


async def chat(settings: Settings, locale: str = "") -> int:
    """Talk until the end of input; starts the embedded database if it is not running."""
    async with open_store(settings, start=True) as store:
        nlu = NluClient(settings)
        conversation = TerminalConversation(resolvers(store, nlu), locale)
        console.print("Write, or press a button with #1, #2, … Ctrl-D ends.\n", style="dim")
        _show(await conversation.join())
        try:
            while True:
                line = await asyncio.to_thread(input, "> ")
                _show(await conversation.hear(line))
        except EOFError:
            return 0
        finally:
            await nlu.close()
