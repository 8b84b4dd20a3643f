"""Robot citizens for the scorecard, whatever the peer behind the chat.

A citizen answers what is on the screen, and knows what they answered, so that after a crash it
can be told which answers are asked again and which were recorded wrongly.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.peers import script
from tests.world.quick_telegram import QuickPhone, Shown

Values = tuple[int, str]
"""A question's number, counted from 0, and an answer to it."""


@dataclass(frozen=True)
class Tap:
    """What to press, and the answer that is, if it is one."""

    payload: str
    gives: Values | None = None


Hand = Callable[[Sequence[Shown], random.Random], Tap | None]
"""How to go on from what is on the screen; None where nothing is asked."""


def simple_hand(screen: Sequence[Shown], dice: random.Random) -> Tap | None:
    """For the peers whose buttons read `mn`, `yes` and `q3:4`."""
    if not screen or not screen[-1].payloads:
        return None
    payloads = screen[-1].payloads
    tapped = payloads[0] if payloads[0] in ("mn", "yes") else dice.choice(payloads)
    number, _, value = tapped[1:].partition(":")
    return Tap(tapped, (int(number), value) if value else None)


def rasa_hand(screen: Sequence[Shown], dice: random.Random) -> Tap | None:
    """For Rasa, whose buttons read `/inform{"q3":"4"}`."""
    if not screen or not screen[-1].payloads:
        return None
    payloads = screen[-1].payloads
    ((slot, _),) = json.loads(payloads[0].removeprefix("/inform")).items()
    tapped = dice.choice(payloads) if slot.startswith("q") else payloads[0]
    value = json.loads(tapped.removeprefix("/inform"))[slot]
    return Tap(tapped, (int(slot[1:]), value) if slot.startswith("q") else None)


ONOO_STEPS = ("lang:mn", "consent:yes", "place:skip", "surveys:scorecard", "go:surveys")


def onoo_hand(screen: Sequence[Shown], dice: random.Random) -> Tap | None:
    """For Onoo, whose welcome asks for a place as well, and which shows the answers at the end."""
    asking = next((shown for shown in reversed(screen) if shown.payloads), None)
    if asking is None:
        return None
    payloads = asking.payloads
    for action in (":go:start", ":go:send", ":go:resume"):
        if wanted := [payload for payload in payloads if payload.endswith(action)]:
            return Tap(wanted[0])
    scores = [payload for payload in payloads if re.fullmatch(r"sv:.*:\d+", payload)]
    if scores:
        asked = re.search(r"(\d+)\s*/\s*10", asking.text)
        place = dice.randrange(len(script.ANSWERS))
        number = int(asked[1]) - 1 if asked else -1
        return Tap(scores[place], (number, script.ANSWERS[place]))
    return next((Tap(step) for step in ONOO_STEPS if step in payloads), None)


THANKS = re.compile(f"({'|'.join(script.THANKS.values())}) [1-5]")
BEGINNING = ("mn", "lang:mn", '/inform{"language":"mn"}')


@dataclass
class Citizen:
    """One robot: from /start to thanks.

    `took` gets the seconds each reply took. Who gets no reply within `patience` seconds does
    the same again, and after that types /start, as a person would.
    """

    phone: QuickPhone
    hand: Hand
    seed: int
    patience: float = 60.0
    reads_for: float = 0.0
    """Seconds a reply is looked at; what comes in them is read, too."""
    took: list[float] = field(default_factory=list)
    turns: int = 0
    answers: dict[int, str] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    asked_again: set[int] = field(default_factory=set)
    again: int = 0
    """How often they had to tap a second time."""
    starts: int = 0
    """How often they had to type /start once more."""
    anew: bool = False
    """Whether the bot began with the first question again."""
    gave_up: bool = False
    summary: str = ""
    """The last message that repeats the answers."""

    async def live(self, stop: Callable[[Citizen], bool] = lambda _: False) -> None:
        """Go on until the survey is over, or `stop` says so."""
        dice = random.Random(f"{self.seed} {self.turns}")
        if not self.turns:
            await self._do(self._start)
        while not self.gave_up and not stop(self):
            tap = self.hand(self.phone.screen, dice)
            if tap is None:
                self.summary = self.summary or self.phone.screen[-1].text
                return
            await self._press(tap)

    async def _press(self, tap: Tap) -> None:
        self.anew = self.anew or (tap.payload in BEGINNING and bool(self.answers))
        if tap.gives:
            number, self.answers[number] = tap.gives
            if number in self.confirmed:
                self.asked_again.add(number)
        if tap.payload.endswith(":go:send"):
            self.summary = next(s.text for s in reversed(self.phone.screen) if s.payloads)
        answered = await self._do(lambda: self.phone.tap(tap.payload))
        if answered and tap.gives:
            self.confirmed.add(tap.gives[0])

    async def _start(self) -> None:
        await self.phone.write("/start")

    async def _do(self, act: Callable[[], Awaitable[None]]) -> bool:
        """Whether this very act was answered; if not even /start is, they give up."""
        if await self._answered(act):
            return True
        self.again += 1
        if await self._answered(act):
            return True
        self.starts += 1
        self.gave_up = not await self._answered(self._start)
        return False

    async def _answered(self, act: Callable[[], Awaitable[None]]) -> bool:
        self.turns += 1
        seen, began = len(self.phone.screen), time.perf_counter()
        await act()

        def replied() -> bool:
            """A reply may be of several messages: the last asks something, or thanks."""
            screen = self.phone.screen
            last = len(screen) > seen and screen[-1]
            return bool(last) and bool(last.payloads or THANKS.match(last.text))

        try:
            async with asyncio.timeout(self.patience), self.phone.changed:
                await self.phone.changed.wait_for(replied)
        except TimeoutError:
            return False
        self.took.append(self.phone.screen[seen].at - began)
        if self.reads_for:
            await asyncio.sleep(self.reads_for)
        return True

    @property
    def shown_twice(self) -> int:
        """Messages that repeat the one just before."""
        texts = [shown.text for shown in self.phone.screen]
        return sum(one == other for one, other in pairwise(texts))

    @property
    def recorded_wrongly(self) -> int:
        """Answers that the bot's own summary gives otherwise than they were given, or not."""
        recorded = re.findall(r"(?m)(?<![\d-])([1-5])(?=\s*$|\s+[1-5]\b)", self.summary)
        if len(recorded) != len(script.QUESTIONS):
            return len(script.QUESTIONS)
        return sum(recorded[n] != self.answers.get(n) for n in range(len(script.QUESTIONS)))
