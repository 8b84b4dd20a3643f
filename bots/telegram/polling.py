"""Fetching updates by long polling, for machines without a public address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bots.backoff import backoff
from bots.telegram.faults import seconds_to_wait
from bots.telegram.updates import ALLOWED_UPDATES, update_id

log = structlog.get_logger(__name__)

LONG_POLL = 25  # seconds; Telegram allows up to 50
BATCH = 100

Take = Callable[[Sequence[object]], Awaitable[set[int]]]
"""Delivers raw updates durably and returns the positions of those that were not."""


class PollingBot(Bot):
    """The bot, able to fetch updates without parsing them.

    Bot.get_updates parses a batch as a whole and loses all of it for one malformed update.
    """

    async def fetch_updates(self, offset: int) -> list[object]:
        """The updates from `offset` on, as they came; waits for one up to LONG_POLL seconds."""
        fetched = await self._post(
            "getUpdates",
            {
                "offset": offset,
                "limit": BATCH,
                "timeout": LONG_POLL,
                "allowed_updates": list(ALLOWED_UPDATES),
            },
            read_timeout=LONG_POLL + 10,
        )
        return fetched if isinstance(fetched, list) else []


class Poller:
    """One long poll after the other; an update is confirmed only once it is stored."""

    def __init__(self, bot: PollingBot, take: Take, fault: Callable[[str], None]) -> None:
        """`fault` hears a code when polling is out of order, and "" when it works again."""
        self._bot = bot
        self._take = take
        self._fault = fault
        self._offset = 0
        self._stored: set[int] = set()  # beyond the offset, so not to be delivered again

    async def run(self) -> None:
        """Poll until cancelled; every fault is waited out."""
        failures = 0
        while True:
            try:
                complete = await self._once()
                self._fault("")
            except TelegramError as error:
                complete = False
                self._alarm(error)
                if isinstance(error, RetryAfter):
                    await asyncio.sleep(seconds_to_wait(error))
            except Exception as error:
                # Whatever it is: a poller that has died would be a bot that is deaf.
                complete = False
                log.error("telegram_poll_broke", fault=type(error).__name__)
            failures = 0 if complete else failures + 1
            if failures:
                await asyncio.sleep(backoff(min(failures, 6)).total_seconds())

    def _alarm(self, error: TelegramError) -> None:
        if isinstance(error, InvalidToken):
            self._fault("token")
            log.critical("telegram_token_rejected")
        elif isinstance(error, Conflict):
            self._fault("conflict")
            log.critical("telegram_polled_elsewhere_or_webhook_set")
        else:
            log.warning("telegram_poll_failed", fault=type(error).__name__)

    async def _once(self) -> bool:
        """Fetch and deliver one batch; whether all of it could be stored."""
        batch = await self._bot.fetch_updates(self._offset)
        numbered = {number: raw for raw in batch if (number := update_id(raw)) is not None}
        fresh = [number for number in sorted(numbered) if number not in self._stored]
        failed = await self._take([numbered[number] for number in fresh])
        missing = {fresh[position] for position in failed}
        self._stored.update(set(fresh) - missing)
        if numbered:
            self._offset = min(missing) if missing else max(numbered) + 1
            self._stored = {number for number in self._stored if number >= self._offset}
        return not missing and len(numbered) == len(batch)
