"""A channel in memory whose outcomes a test decides."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from aiohttp import web

from bots.channel import Receipt, Result
from conversations.messages import Outgoing

Answer = Callable[[str, Outgoing], Receipt]


class FakeChannel:
    """Remembers what each address got; `answer` decides what becomes of a send."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.sent: defaultdict[str, list[Outgoing]] = defaultdict(list)
        self.attempts: list[tuple[str, Outgoing]] = []
        self.answer: Answer = lambda address, message: Receipt(Result.SENT)
        self.changed = asyncio.Condition()

    def add_routes(self, app: web.Application) -> None:
        """No webhook: tests deliver by themselves."""

    async def start(self, *, intake: bool = True) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    async def forget(self, address: str) -> None:
        """Nothing is kept here."""

    async def typing(self, address: str) -> None:
        """Nobody looks."""

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        """Ask `answer`, and remember what it let through."""
        self.attempts.append((address, message))
        receipt = self.answer(address, message)
        async with self.changed:
            if receipt.result is Result.SENT:
                self.sent[address].append(message)
            self.changed.notify_all()
        return receipt

    async def until(self, true: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until `true()` after some send; raises TimeoutError if it never is."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(true)
