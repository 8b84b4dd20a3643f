"""Answering at the door: what comes in is answered before the platform hears that it arrived.

The event and its whole turn are stored in one write, where an inbox needs two. As soon as the
replies are out the next event may have the session: what was said is filed beside it, and the
session is let go of when that is done and nobody has taken it over.
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
from bots.replies import Outcome, Replies, erases
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
CARRIED = 24
"""Events a session may carry from turn to turn until they are filed: the whole is written anew
with each turn."""
CLOSING = 3.0
"""Seconds that filing is given when the worker stops: what is not filed is sent once more."""

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
        self._filing: set[asyncio.Task[None]] = set()

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
            return await self._answer(citizen, await self._take(citizen, waited), incoming)
        except TimeoutError:
            return False
        finally:
            self._in_hand -= 1
            if turn := self._turnstile.left_behind(citizen):
                self._file_beside(turn, citizen)

    async def close(self) -> None:
        """Stop at once; what is unfinished is taken up by another worker."""
        for task in self._finishing:
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)
        if self._filing:
            await asyncio.wait(self._filing, timeout=CLOSING)
        for task in self._filing:
            task.cancel()
        await asyncio.gather(*self._filing, return_exceptions=True)

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
        # The same list: what is being filed of the turns before goes from it, too.
        session.pending.extend(ran.events)
        version = session.version + 1
        after = replace(session, version=version, state=ran.state, last_inbound=now, off="")
        task = asyncio.create_task(self._finish(turn, after, now))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)
        return True

    async def _run(self, session: Session, incoming: Incoming, now: datetime) -> Ran | None:
        try:
            facts = self._facts.after(partial(self._replies.file, session, self._worker))
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
        """Send what was said, then leave the session to who comes next, and to be filed."""
        citizen = session.citizen
        turn.sending = True
        try:
            sent = await self._replies.send(session, self._worker)
            turn.sending = False
            metrics.REPLY_SECONDS.observe((self._clock() - arrived).total_seconds())
            if not sent:
                self._attend_to(citizen)
            elif erases(session) or len(session.pending) > CARRIED:
                await self._put_away(turn, session)
            else:
                turn.kept = session
                self._file_beside(turn, citizen)
        except StorageError as error:
            log.warning("database away", error=type(error).__name__)
        except Exception:
            log.exception("finishing failed")
        finally:
            turn.sending = False
            self._turnstile.leave(citizen)

    async def _put_away(self, turn: Turn, session: Session) -> None:
        """File everything and let go before anybody else has a turn."""
        if turn.filing:
            # Nothing of one who is erased may be filed after it.
            await asyncio.wait({turn.filing})
        outcome = await self._replies.put_away(session, self._worker)
        await self._done(session, outcome)

    def _file_beside(self, turn: Turn, citizen: str) -> None:
        """See that what is kept is filed, while other turns may go on."""
        if turn.filing is None:
            turn.filing = asyncio.create_task(self._file_kept(turn, citizen))
            self._filing.add(turn.filing)
            turn.filing.add_done_callback(self._filing.discard)

    async def _file_kept(self, turn: Turn, citizen: str) -> None:
        try:
            while (kept := turn.kept) is not None:
                await self._replies.file(kept, self._worker)
                if turn.is_wanted:
                    # Whoever has the turn goes on from what is kept, or leaves it behind.
                    break
                if turn.kept is not kept:
                    continue
                outcome = await self._replies.put_away(kept, self._worker)
                if turn.kept is kept:
                    turn.kept = None
                    await self._done(kept, outcome)
        except StorageError as error:
            log.warning("database away", error=type(error).__name__)
            self._attend_to(citizen)
        except Exception:
            log.exception("filing failed")
            self._attend_to(citizen)
        finally:
            self._turnstile.filed(citizen, turn)

    async def _done(self, session: Session, outcome: Outcome) -> None:
        if outcome is Outcome.MORE:
            self._attend_to(session.citizen)
        elif session.held:
            await self._store.outbox.release(session.citizen, self._clock(), RELEASE_AFTER)
