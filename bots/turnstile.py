"""One at a time for each citizen, in the order they came, within this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from storage.store import Session


@dataclass(slots=True)
class Turn:
    """A citizen's turn at the stile: held by one, wanted by some."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0
    sending: bool = False
    """Whether its holder waits for a platform, which may take any time."""
    kept: Session | None = None
    """A session whose last turn is sent and whose lease is kept, for whoever is next."""
    filing: asyncio.Task[None] | None = None
    """Who files what is kept meanwhile."""

    @property
    def is_wanted(self) -> bool:
        """Whether somebody has the turn or waits for it."""
        return bool(self.wanted or self.lock.locked())


class Turnstile:
    """Hands out turns; nothing stays of a citizen who has none and wants none."""

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    @asynccontextmanager
    async def turn_of(self, citizen: str) -> AsyncIterator[Turn]:
        """Wait for the citizen's turn and hold it."""
        turn = await self.take(citizen, None)
        try:
            yield turn
        finally:
            self.leave(citizen)

    async def take(self, citizen: str, patience: float | None) -> Turn:
        """The citizen's turn once it is free; raises TimeoutError after `patience` seconds."""
        turn = self._turns.setdefault(citizen, Turn())
        turn.wanted += 1
        try:
            async with asyncio.timeout(patience):
                await turn.lock.acquire()
        finally:
            turn.wanted -= 1
            self._tidy(citizen, turn)
        return turn

    def leave(self, citizen: str) -> None:
        """Let go of the turn that was taken."""
        turn = self._turns[citizen]
        turn.lock.release()
        self._tidy(citizen, turn)

    def sending(self, citizen: str) -> bool:
        """Whether the holder of the citizen's turn waits for a platform."""
        turn = self._turns.get(citizen)
        return bool(turn and turn.sending)

    def left_behind(self, citizen: str) -> Turn | None:
        """A turn whose kept session nobody uses, files or waits for."""
        turn = self._turns.get(citizen)
        if turn is None or turn.kept is None or turn.is_wanted or turn.filing:
            return None
        return turn

    def filed(self, citizen: str, turn: Turn) -> None:
        """Nobody files what is kept any more."""
        turn.filing = None
        self._tidy(citizen, turn)

    def _tidy(self, citizen: str, turn: Turn) -> None:
        if turn.is_wanted or turn.kept or turn.filing:
            return
        if self._turns.get(citizen) is turn:
            del self._turns[citizen]
