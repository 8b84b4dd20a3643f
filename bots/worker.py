"""The worker: runs citizens' turns, sends, files, lets go.

What comes in through its own process it answers at once, before the platform is told that it
arrived; what waits in an inbox (of another process, or because the citizen was not idle) it
takes in order.

Any number of workers may run in any number of processes. Each citizen is held by one at a
time through a lease in the session document; every write is a compare-and-set, so a worker
that is killed at any point leaves a whole turn or none.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog

from bots import metrics
from bots.backoff import backoff
from bots.channel import Channel
from bots.door import RELEASE_AFTER, Door
from bots.facts import Facts
from bots.replies import Outcome, Replies
from bots.turns import Ran, run_stored_turn, stored
from bots.turnstile import Turnstile
from conversations.engine import apologise
from conversations.messages import Incoming
from conversations.state import State
from conversations.world import World
from storage.store import Document, Session, StorageError, Store

log = structlog.get_logger()

AT_ONCE = 64
"""Citizens with work in their inboxes attended to at once."""
SWEEP_EVERY = 0.1
SWEEP_BESIDE_INTAKE = 0.5
"""Seconds between sweeps while this process takes events in itself, and so is told of each: a
sweep reads all that is due, which costs the database more than a turn when many are waiting."""
SWEEP = 200
"""Citizens looked at in one sweep: bounds how much a process takes on at once."""
MAX_TRIES = 3
"""How often an inbox entry is tried before it is set aside for people to look at."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time as stored everywhere: UTC, to the millisecond MongoDB keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Worker:
    """Attends to citizens until stopped; see the module's description."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], facts: Facts, clock: Clock = utc_now
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self._store = store
        self._facts = facts
        self._clock = clock
        self._replies = Replies(store, channels, clock)
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._active: dict[str, bool] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._turnstile = Turnstile()
        self._door = Door(
            store, facts, self._replies, self._turnstile, self.id, clock, self._attend_to
        )
        self._was_told = False

    async def start(self) -> None:
        """Begin to attend."""
        self._tasks = [asyncio.create_task(self._consume()) for _ in range(AT_ONCE)]
        self._tasks.append(asyncio.create_task(self._sweep()))

    async def stop(self) -> None:
        """Stop at once; what is unfinished is taken up by another worker."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, self._door.close(), return_exceptions=True)

    def wake(self, citizen: str) -> None:
        """Something came in for `citizen`: attend to them as soon as possible."""
        self._was_told = True
        self._attend_to(citizen)

    def _attend_to(self, citizen: str) -> None:
        if citizen in self._active:
            self._active[citizen] = True
        else:
            self._active[citizen] = False
            self._queue.put_nowait(citizen)

    async def _sweep(self) -> None:
        """Find what nobody was woken for: other processes' events, lost leases, holds.

        Only while there is a hand free. In any order, so that several workers seldom reach for
        the same citizen.
        """
        while True:
            due = await self._due() if len(self._active) < AT_ONCE else []
            for citizen in random.sample(due, len(due)):
                if citizen not in self._active:
                    self._attend_to(citizen)
            pause, self._was_told = (SWEEP_BESIDE_INTAKE if self._was_told else SWEEP_EVERY), False
            await asyncio.sleep(pause)

    async def _due(self) -> list[str]:
        try:
            return await self._store.sessions.due(self._clock(), SWEEP)
        except StorageError as error:
            log.warning("database away", error=type(error).__name__)
            return []

    async def _consume(self) -> None:
        while True:
            citizen = await self._queue.get()
            again = True
            try:
                while again:
                    self._active[citizen] = False
                    await self.attend(citizen)
                    again = self._active[citizen]
            except StorageError as error:
                log.warning("database away", error=type(error).__name__)
            except Exception:
                log.exception("attending failed")
            finally:
                self._active.pop(citizen, None)

    async def answer(self, citizen: str, incoming: Incoming, waited: float) -> bool:
        """Answer what just came in, if that can be done now; see `bots.door`."""
        if not self._tasks:
            return False
        self._was_told = True
        return await self._door.answer(citizen, incoming, waited)

    async def attend(self, citizen: str) -> None:
        """Do all that waits for one citizen, in order."""
        async with self._turnstile.turn_of(citizen) as turn:
            if turn.filing:
                await asyncio.wait({turn.filing})
            if turn.kept:
                await self._replies.put_away(turn.kept, self.id)
                if turn.kept.held:
                    await self._store.outbox.release(citizen, self._clock(), RELEASE_AFTER)
                turn.kept = None
            await self._attend(citizen)

    async def _attend(self, citizen: str) -> None:
        while True:
            now = self._clock()
            session = await self._store.sessions.read(citizen)
            if session is None or session.leased_to_other(self.id, now):
                return
            held = session.hold is not None and session.hold > now
            if session.pending and not held:
                if not await self._store.sessions.claim(session, self.id, now):
                    continue
                outcome = await self._replies.finish(session, self.id, started=session.hold is None)
            elif session.inbox:
                outcome = await self._take(session, now)
            elif session.lease and session.lease["by"] != self.id:
                await self._store.sessions.claim(session, self.id, now)
                continue
            elif session.lease:
                outcome = Outcome.of(await self._store.sessions.settle(session, self.id))
            else:
                return
            if outcome is Outcome.DONE:
                if session.held:
                    await self._store.outbox.release(citizen, now, RELEASE_AFTER)
                return

    async def _take(self, session: Session, now: datetime) -> Outcome:
        """One turn: run, commit, send, file."""
        entry = session.inbox[0]
        try:
            incoming = Incoming.from_document({k: v for k, v in entry.items() if k != "tries"})
            ran = await run_stored_turn(session, incoming, now=now, facts=self._facts)
        except StorageError:
            raise
        except Exception as error:
            if entry.get("tries", 0) + 1 < MAX_TRIES:
                log.exception("turn failed", tries=entry.get("tries", 0) + 1)
                metrics.TURNS.labels("failed").inc()
                until = now + backoff(entry.get("tries", 0) + 1)
                await self._store.sessions.put_off(session.citizen, entry["id"], until)
                return Outcome.DONE
            ran = await self._set_aside(session, entry, error, now)
        return await self._commit(session, entry, ran, now)

    async def _set_aside(
        self, session: Session, entry: Document, error: Exception, now: datetime
    ) -> Ran:
        """Keep what can't be processed for people to look at; tell the citizen, and go on."""
        metrics.TURNS.labels("set_aside").inc()
        log.error("inbox entry set aside", error=type(error).__name__)
        await self._store.filing.set_aside(session.citizen, entry, type(error).__name__)
        world = World(now, f"{session.citizen}/{entry['id']}")
        state, events = apologise(State.from_document(session.state), world)
        return stored(session, state, events, now)

    async def _commit(self, session: Session, entry: Document, ran: Ran, now: datetime) -> Outcome:
        committed = await self._store.sessions.commit(
            session,
            self.id,
            now,
            done=entry["id"],
            state=ran.state,
            events=ran.events,
            keep=ran.keep,
        )
        if not committed:
            return Outcome.MORE
        session.version += 1
        metrics.TURNS.labels("done").inc()
        arrived = entry.get("at", now)
        metrics.TURN_SECONDS.observe((self._clock() - arrived).total_seconds())
        session.pending = [*session.pending, *ran.events]
        outcome = await self._replies.finish(session, self.id, started=None)
        metrics.REPLY_SECONDS.observe((self._clock() - arrived).total_seconds())
        return outcome
