"""Robot citizens: each joins, agrees, answers a whole survey and remembers what it answered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

SAYS = "Хүлээлгийн танхим хүйтэн байдаг"


class Shown(Protocol):
    """A message on the screen."""

    @property
    def text(self) -> str: ...
    @property
    def payloads(self) -> tuple[str, ...]: ...


class Phone(Protocol):
    """A citizen's chat on some platform."""

    changed: asyncio.Condition

    @property
    def screen(self) -> Sequence[Shown]: ...
    async def join(self) -> None: ...
    async def write(self, text: str) -> None: ...
    async def tap(self, payload: str) -> None: ...


@dataclass
class Robot:
    """Answers every question with the first fitting button its dice choose.

    `patience` is how many seconds it waits for an answer before it asks for the menu, as a
    person would; from there it goes on with the survey. What it `asks` it types once, at the
    menu.
    """

    phone: Phone
    seed: int
    patience: float = 20.0
    asks: str = ""
    turns: int = 0
    impatient: int = 0
    pressed: list[str] = field(default_factory=list)
    done: bool = False

    async def live(self) -> None:
        """From Start to the end of the survey."""
        dice = random.Random(self.seed)
        seen = 0
        await self._act(self.phone.join())
        while not self.done:
            shown = await self._new(seen)
            if not shown:
                self.impatient += 1
                await self._act(self.phone.write("/menu"))
                continue
            seen += len(shown)
            await self._answer(shown[-1], dice)

    async def _new(self, seen: int) -> Sequence[Shown]:
        """What came since, once it ends with something to answer."""

        def asked() -> bool:
            screen = self.phone.screen
            return len(screen) > seen and bool(screen[-1].payloads)

        try:
            async with asyncio.timeout(self.patience), self.phone.changed:
                await self.phone.changed.wait_for(asked)
        except TimeoutError:
            return []
        return self.phone.screen[seen:]

    async def _answer(self, shown: Shown, dice: random.Random) -> None:
        payloads = shown.payloads
        survey = [payload for payload in payloads if payload.startswith("sv:")]
        if "lang:mn" in payloads:
            await self._tap("lang:mn")
        elif "consent:yes" in payloads:
            await self._tap("consent:yes")
        elif "place:skip" in payloads:
            await self._tap("place:skip")
        elif survey:
            await self._survey(survey, dice)
        elif "go:surveys" in payloads and self.asks:
            asked, self.asks = self.asks, ""
            await self._act(self.phone.write(asked))
        elif "go:surveys" in payloads and not any(p.startswith("sv:") for p in self.pressed):
            await self._tap("go:surveys")
        elif any(payload.startswith("surveys:") for payload in payloads):
            await self._tap("surveys:health_centre")
        elif "go:continue" in payloads:
            await self._tap("go:continue")
        elif any(payload.endswith(":send") for payload in self.pressed):
            self.done = True
        elif "go:surveys" not in self.pressed:
            await self._act(self.phone.write("/menu"))
        # Anything else is an answer to something typed: the survey asks again after it.

    async def _survey(self, payloads: list[str], dice: random.Random) -> None:
        """A choice of the question; start, skip and send where there is no other."""
        for action in ("start", "send"):
            wanted = [payload for payload in payloads if payload.endswith(f":{action}")]
            if wanted:
                await self._tap(wanted[0])
                return
        choices = [payload for payload in payloads if payload.split(":")[-1].isdecimal()]
        if choices:
            await self._tap(dice.choice(choices))
        else:
            await self._act(self.phone.write(SAYS))

    async def _tap(self, payload: str) -> None:
        self.pressed.append(payload)
        await self._act(self.phone.tap(payload))

    async def _act(self, action: object) -> None:
        self.turns += 1
        await action  # type: ignore[misc]
