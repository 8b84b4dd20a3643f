"""Answering at the door: what comes in is answered before the platform hears that it arrived.

The event and its whole turn are stored in one write, where an inbox needs two. If the next
event is there already when the replies are out, the session is handed on to it: that saves the
write that lets go and the next read, and what is to be filed is filed for several turns at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bots import metrics
from bots.facts import Facts
from bots.replies import Outcome, Replies
from bots.turns import Ran, run_stored_turn
from bots.turnstile import Turn, Turnstile
from conversations.messages import Incoming
from storage.store import Session, StorageError, Store

log = structlog.get_logger()

AT_ONCE = 128
"""Events in hand at once, until their replies are out; what is beyond goes into the inbox."""
PATIENCE = 3.0
"""Seconds an event may wait for the turns before it, counted from its arrival: many events of one
chat must not hold the platform's few connections. Meta wants an answer within 5 s."""
PATIENCE_WITH_PLATFORMS = 0.2
"""Seconds it waits while the turn before it is still being sent: a platform that brings one
event after another can't take in what we send while it waits for us."""

RELEASE_AFTER = timedelta(seconds=60)
"""What a campaign held until the citizen writes comes so long after, when they are done."""


class Door:
    """Answers events as they come in, for one worker."""

    def __init__(
        self,
        store: Store,
        facts: Facts,
        replies: Replies,
        turnstile: Turnstile,
        worker: str,
        clock: Callable[[], datetime],
        attend_to: Callable[[str], None],
    ) -> None:
        """`attend_to` has the worker see to whatever is left of a citizen's work."""
        self._store = store
        self._facts = facts
        self._replies = replies
        self._turnstile = turnstile
        self._worker = worker
        self._clock = clock
        self._attend_to = attend_to
        self._in_hand = 0
        self._finishing: set[asyncio.Task[None]] = set()

    async def answer(self, citizen: str, incoming: Incoming, waited: float) -> bool:
        """Run the turn of `incoming`; True once both are stored. Replies follow after that.

        It has `waited` so many seconds already.

        False where it can't be done now (the turn before takes long, something else waits, the
        event was seen before, the turn fails): nothing is written then, and the event belongs
        into the inbox.
        """
        if self._in_hand + len(self._finishing) >= AT_ONCE:
            return False
        self._in_hand += 1
        try:
            turn = await self._take(citizen, waited)
            return await self._answer(citizen, turn, incoming)
        except TimeoutError:
            return False
        finally:
            self._in_hand -= 1
            self._see_to_kept(citizen)

    async def close(self) -> None:
        """Stop at once; what is unfinished is taken up by another worker."""
        for task in self._finishing:
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)

    async def _take(self, citizen: str, waited: float) -> Turn:
        soon = PATIENCE_WITH_PLATFORMS - waited
        try:
            return await self._turnstile.take(citizen, soon)
        except TimeoutError:
            if self._turnstile.sending(citizen):
                raise
        return await self._turnstile.take(citizen, PATIENCE - max(waited, PATIENCE_WITH_PLATFORMS))

    async def _answer(self, citizen: str, turn: Turn, incoming: Incoming) -> bool:
        """Run and commit; the rest is left to a task that lets go of the turn."""
        now, committed = self._clock(), False
        try:
            session = turn.kept or await self._store.sessions.read(citizen)
            if session is None or not (turn.kept or session.idle):
                return False
            ran = await self._run(session, incoming, now)
            committed = ran is not None and await self._commit(session, incoming, ran, now)
            if ran is None or not committed:
                return False
        finally:
            if not committed:
                self._turnstile.leave(citizen)
        turn.kept = None
        metrics.TURNS.labels("done").inc()
        metrics.TURN_SECONDS.observe((self._clock() - now).total_seconds())
        after = replace(
            session,
            version=session.version + 1,
            state=ran.state,
            pending=[*session.pending, *ran.events],
            last_inbound=now,
            off="",
        )
        task = asyncio.create_task(self._finish(turn, after, now))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)
        return True

    async def _run(self, session: Session, incoming: Incoming, now: datetime) -> Ran | None:
        try:
            facts = self._facts.once(partial(self._replies.file, session, self._worker))
            return await run_stored_turn(session, incoming, now=now, facts=facts)
        except StorageError:
            raise
        except Exception as error:
            # The inbox counts how often a turn is tried.
            log.info("turn failed at the door", error=type(error).__name__)
            return None

    async def _commit(self, session: Session, incoming: Incoming, ran: Ran, now: datetime) -> bool:
        return await self._store.sessions.commit_arrival(
            session,
            self._worker,
            now,
            arrived=incoming.id,
            state=ran.state,
            events=ran.events,
            keep=ran.keep,
        )

    async def _finish(self, turn: Turn, session: Session, arrived: datetime) -> None:
        """Send and file what was said; hand the session on if somebody waits for it."""
        citizen = session.citizen

        def sent() -> None:
            turn.sending = False

        turn.sending = True
        try:
            outcome = await self._replies.finish(
                session,
                self._worker,
                started=None,
                sent=sent,
                wanted=lambda: bool(turn.wanted),
            )
            metrics.REPLY_SECONDS.observe((self._clock() - arrived).total_seconds())
            if outcome is Outcome.KEPT:
                turn.kept = session
            elif outcome is Outcome.MORE:
                self._attend_to(citizen)
            elif session.held:
                await self._store.outbox.release(citizen, self._clock(), RELEASE_AFTER)
        except StorageError as error:
            log.warning("database away", error=type(error).__name__)
        except Exception:
            log.exception("finishing failed")
        finally:
            turn.sending = False
            self._turnstile.leave(citizen)
            self._see_to_kept(citizen)

    def _see_to_kept(self, citizen: str) -> None:
        if self._turnstile.left_behind(citizen):
            self._attend_to(citizen)
