"""Sending and filing what a turn said: in order, once, and with what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import structlog

from bots import metrics
from bots.backoff import backoff
from bots.channel import Channel, Receipt, Result
from conversations.messages import Outgoing
from storage.store import Session, StorageError, Store

log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(minutes=10)
"""How long a reply is tried while the platform is away: it holds up those after it."""
LONGEST_WAIT = 30.0
"""Seconds between two tries at the most, so that replies are soon there when it is back."""
CHANNEL_PAUSE = timedelta(seconds=60)
"""How long a channel that is out of order (a bad token) is left alone."""
PATIENCE = 20.0
"""Seconds one send may take until its outcome counts as unknown."""

Event = dict[str, Any]


class Outcome(Enum):
    """Whether the citizen has more work waiting."""

    DONE = "done"
    MORE = "more"

    @classmethod
    def of(cls, done: bool) -> Outcome:
        """DONE if `done`, else MORE."""
        return cls.DONE if done else cls.MORE


class Replies:
    """Finishes committed turns: sends their replies, files their events, lets go."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._paused: dict[str, datetime] = {}

    async def finish(self, session: Session, worker: str, *, started: bool | None) -> Outcome:
        """Send and file what is pending in `session`, in order; then let go of it.

        `started` says that a lost worker may have begun to send these already: each such
        message is sent once more and recorded as unknown. None: this worker's own fresh turn.
        """
        if session.hold and session.hold > self._clock():
            await self._store.sessions.wait(session, worker, session.pending, session.hold)
            return Outcome.MORE
        if not await self.send(session, worker, started=bool(started)):
            return Outcome.MORE
        return await self.put_away(session, worker)

    async def send(self, session: Session, worker: str, *, started: bool = False) -> bool:
        """Send what is pending in `session`; False if some of it must wait, and that is stored."""
        async with self._alive(session.citizen, worker):
            return await self._send_all(session, worker, started) is None

    async def put_away(self, session: Session, worker: str) -> Outcome:
        """File what is pending in `session`, all of which is sent; then let go of it."""
        await self.file(session, worker)
        return Outcome.of(await self._store.sessions.settle(session, worker))

    async def file(self, session: Session, worker: str) -> None:
        """File what is pending in `session` now, all of which is sent.

        What is added to it meanwhile stays.
        """
        events = list(session.pending)
        if not events:
            return
        async with self._alive(session.citizen, worker):
            channel, _ = await self._store.addresses.of(session.citizen) or ("", "")
            await self._file(session.citizen, channel, events, worker)
        filed = {event["_id"] for event in events}
        session.pending[:] = [each for each in session.pending if each["_id"] not in filed]

    @asynccontextmanager
    async def _alive(self, citizen: str, worker: str) -> AsyncIterator[None]:
        """Keep the lease for as long as this lasts."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(self._store.sessions.lease.total_seconds() / 4)
                with suppress(StorageError):
                    await self._store.sessions.renew(citizen, worker, self._clock())

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _send_all(self, session: Session, worker: str, started: bool) -> datetime | None:
        """All of it, or up to what must wait: then until when, and that is put down."""
        channel, address = await self._store.addresses.of(session.citizen) or ("", "")
        pending = list(session.pending)
        for number, event in enumerate(pending):
            if event["type"] == "erased" and channel in self._channels:
                await self._channels[channel].forget(address)
            if event["type"] != "said" or "delivery" in event:
                continue
            until = await self._send(session, channel, address, event, started)
            if until is not None:
                await self._file(session.citizen, channel, pending[:number], worker)
                await self._store.sessions.wait(session, worker, pending[number:], until)
                return until
        return None

    async def _send(
        self, session: Session, channel: str, address: str, event: Event, started: bool
    ) -> datetime | None:
        """Send one reply and note its delivery; a time if it must wait until then."""
        now = self._clock()
        paused = self._paused.get(channel)
        if paused and paused > now:
            return paused
        if started:
            # Before it goes out again, so that no death in between leaves it unrecorded.
            await self._record(session, event, Receipt(Result.UNKNOWN, reason="worker lost"))
        receipt = await self._attempt(session, channel, address, event, now)
        metrics.SENDS.labels(channel, "reply", receipt.result).inc()
        if receipt.result is Result.STOPPED:
            log.error("channel out of order", channel=channel, reason=receipt.reason)
            await self._pause(channel, now + CHANNEL_PAUSE)
        elif receipt.result is Result.WAIT and receipt.everyone:
            await self._pause(channel, now + timedelta(seconds=receipt.delay))
        metrics.CHANNEL_UP.labels(channel).set(receipt.result is not Result.STOPPED)
        match receipt.result:
            case Result.STOPPED:
                return now + CHANNEL_PAUSE
            case Result.WAIT:
                return now + timedelta(seconds=receipt.delay)
            case Result.RETRY if now - event["at"] < GIVE_UP_AFTER:
                event["tries"] = event.get("tries", 0) + 1
                return now + backoff(event["tries"], LONGEST_WAIT)
            case Result.BLOCKED:
                session.off = receipt.reason or "blocked"
                await self._store.sessions.switch_off(session.citizen, session.off)
        if receipt.moved_to:
            await self._store.addresses.move(session.citizen, receipt.moved_to)
        event["delivery"] = {"result": str(receipt.result), "at": now}
        if receipt.result is not Result.SENT or started:
            await self._record(session, event, receipt)
        return None

    async def _pause(self, channel: str, until: datetime) -> None:
        """Everyone must wait: the replies of this process, and all campaign messages."""
        self._paused[channel] = until
        await self._store.pacing.pause(channel, until)

    async def _attempt(
        self, session: Session, channel: str, address: str, event: Event, now: datetime
    ) -> Receipt:
        if channel not in self._channels:
            return Receipt(Result.REFUSED, reason="no such channel or address")
        last = session.last_inbound
        message = Outgoing.from_document(event["message"])
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._channels[channel].send(
                    address, message, (last or now).timestamp()
                )
        except TimeoutError:
            return Receipt(Result.UNKNOWN, reason="took too long")
        except Exception as error:
            log.exception("channel failed", channel=channel)
            return Receipt(Result.REFUSED, reason=type(error).__name__)

    async def _record(self, session: Session, event: Event, receipt: Receipt) -> None:
        """Keep a send that did not simply succeed; without the words if there is no consent."""
        document: Event = {
            "_id": event["_id"],
            "citizen": session.citizen,
            "lane": "reply",
            "result": str(receipt.result),
            "at": event["at"],
            "attempts": [
                {"result": str(receipt.result), "reason": receipt.reason, "at": self._clock()}
            ],
        }
        if not event["keep"]:
            document["forget_at"] = event["at"] + timedelta(days=1)
        await self._store.filing.record_send(document)

    async def _file(self, citizen: str, channel: str, events: list[Event], worker: str) -> None:
        erased = _erased(events)
        after = events if erased is None else events[erased + 1 :]
        kept = [
            {k: v for k, v in event.items() if k not in ("keep", "tries")}
            for event in after
            if event["keep"]
        ]
        if erased is not None:
            await self._store.erase(citizen, worker, self._clock())
        elif any(event.get("changes", {}).get("consent") == "given" for event in events):
            await self._store.addresses.keep(citizen)
        await self._store.filing.file(citizen, channel, kept)


def erases(session: Session) -> bool:
    """Whether filing what is pending in `session` erases the citizen."""
    return _erased(session.pending) is not None


def _erased(events: list[Event]) -> int | None:
    """Where among `events` the citizen was last erased, if they were."""
    found = [number for number, event in enumerate(events) if event["type"] == "erased"]
    return found[-1] if found else None
