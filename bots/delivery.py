"""One campaign message: whether it may go now, handing it over once, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bots import metrics
from bots.backoff import backoff
from bots.channel import Receipt, Result
from bots.lanes import Item, Lane, UtilityChannel
from bots.pushes import Action, Push, Verdict, answered, verdict
from conversations.messages import Outgoing
from storage.invitations import marked
from storage.outbox import FAILED, SENT, SKIPPED, UNKNOWN, WAITING
from storage.store import Document, Store

log = structlog.get_logger()

GIVE_UP_AFTER = 8
OUT_OF_ORDER = timedelta(seconds=60)
PATIENCE = 20.0
Sleep = Callable[[float], Awaitable[None]]
LANGUAGES = {"mn": "mn_MN", "en": "en_US", "kk": "kk_KZ"}
"""Meta's codes of the languages a template is approved in."""

FINAL = {
    Result.SENT: (SENT, "delivered"),
    Result.UNKNOWN: (UNKNOWN, "invited"),
    Result.BLOCKED: ("blocked", "unreachable"),
    Result.REFUSED: ("refused", "unreachable"),
}
"""What a result makes of a message, and of the invitation it carries."""


class Delivery:
    """Deals with the messages of one process, one at a time."""

    def __init__(
        self,
        store: Store,
        worker: str,
        clock: Callable[[], datetime],
        sleep: Sleep,
        idle: timedelta,
    ) -> None:
        """`idle` is how long somebody must not have written to be written to."""
        self._store = store
        self._worker = worker
        self._clock = clock
        self._sleep = sleep
        self._idle = idle

    def verdict(
        self, lane: Lane, push: Push, message: Document, contact: dict[str, Any]
    ) -> Verdict:
        """What is to be done with a message now; `contact` as `Sessions.contacts` tells it."""
        template = lane.template and bool(push.templates)
        return verdict(push, message, contact, self._clock(), idle=self._idle, template=template)

    async def leave_out(self, message: Document, what: Verdict) -> None:
        """Note that it waits until they write, or is not sent at all."""
        now = self._clock()
        if what.action is Action.HOLD:
            await self._store.outbox.hold(message["_id"], message["citizen"], what.reason, now)
            return
        await self._store.outbox.finish(message["_id"], SKIPPED, what.reason, now, WAITING)
        if what.disposition:
            await self._mark(message, what.disposition, now, what.reason)

    async def lost_on_the_way(self, message: Document, now: datetime) -> None:
        """A sender died between handing it over and noting it: nobody knows whether it came.

        It is never sent again; the citizen finds the survey in the menu.
        """
        if await self._store.outbox.finish(message["_id"], UNKNOWN, "sender lost", now):
            metrics.SENDS.labels(message["channel"], "campaign", "unknown").inc()
            await self._mark(message, "invited", now)

    async def hand_over(
        self,
        lane: Lane,
        item: Item,
        push: Push,
        contact: dict[str, Any],
        action: Action,
    ) -> datetime | None:
        """Hand it to the platform as soon as there is room, and note what became of it.

        When it must be taken up again; None if it is dealt with. It is among `lane.coming`
        until it starts.
        """
        message = item.message
        try:
            if await self._is_answered(push, message):
                await self.leave_out(message, Verdict(Action.SKIP, "answered"))
                return None
            begun = await self._store.outbox.begin(message["_id"], self._worker, self._clock())
            while begun and lane.may_send(self._clock()):
                if not (delay := lane.window.delay(parts=item.parts)):
                    break
                await self._sleep(delay)
        finally:
            lane.coming -= item.parts
        if not begun:
            return None
        # From here to the window's start nothing is awaited: the room is still there.
        now = self._clock()
        if not lane.may_send(now) or not push.hours.open_at(now, message["zone"]):
            # The database took its time.
            await self._store.outbox.finish(message["_id"], WAITING, "late", now)
            return item.due
        number = lane.window.begin(item.parts)
        try:
            receipt = await self._send(lane, message, push, contact, action)
        finally:
            lane.window.end(number)
        metrics.SENDS.labels(lane.name, "campaign", receipt.result).inc()
        return await self._note(lane, message, receipt)

    async def _is_answered(self, push: Push, message: Document) -> bool:
        """Whether a reminder would come too late."""
        if not push.kind.startswith("remind"):
            return False
        return answered(await self._store.invitations.of(message["campaign"], message["citizen"]))

    async def _send(
        self, lane: Lane, message: Document, push: Push, contact: dict[str, Any], action: Action
    ) -> Receipt:
        where = await self._store.addresses.of(message["citizen"])
        if where is None:
            return Receipt(Result.REFUSED, reason="no address")
        locale = message["locale"]
        last = contact["last_inbound"]
        try:
            async with asyncio.timeout(PATIENCE):
                if action is Action.TEMPLATE:
                    parts = push.templates.get(locale, [])
                    utility: UtilityChannel = lane.channel  # type: ignore[assignment]
                    return await utility.send_utility(where[1], LANGUAGES[locale], parts)
                words = Outgoing.from_document(push.words(locale))
                since = last.timestamp() if last else 0.0
                return await lane.channel.send(where[1], words, since)
        except TimeoutError:
            return Receipt(Result.UNKNOWN, reason="took too long")
        except Exception as error:
            log.exception("channel failed", channel=lane.name)
            return Receipt(Result.UNKNOWN, reason=type(error).__name__)

    async def _note(self, lane: Lane, message: Document, receipt: Receipt) -> datetime | None:
        """Write down what became of a send; when it is tried again, if it is."""
        now = self._clock()
        if receipt.moved_to:
            await self._store.addresses.move(message["citizen"], receipt.moved_to)
        if receipt.result in FINAL:
            status, disposition = FINAL[receipt.result]
            mark = None
            if message["kind"] == "invite":
                fields = {"reason": receipt.reason} if receipt.reason else {}
                who = message["campaign"], message["citizen"]
                mark = marked(*who, disposition, now, **fields)
            await self._store.outcomes.note(message["_id"], status, receipt.reason, now, mark)
            if receipt.result is Result.BLOCKED:
                reason = receipt.reason or "blocked"
                await self._store.sessions.switch_off(message["citizen"], reason)
                await self._store.citizens.switch_off(message["citizen"], reason)
            return None
        if receipt.result is Result.WINDOW:
            await self._store.outbox.hold(message["_id"], message["citizen"], receipt.reason, now)
            return None
        return await self._try_again(lane, message, receipt, now)

    async def _try_again(
        self, lane: Lane, message: Document, receipt: Receipt, now: datetime
    ) -> datetime | None:
        until = now + timedelta(seconds=receipt.delay)
        if receipt.result is Result.STOPPED:
            log.error("channel out of order", channel=lane.name, reason=receipt.reason)
            until = now + OUT_OF_ORDER
        if receipt.result is Result.STOPPED or receipt.everyone:
            lane.pause(until)
            await self._store.pacing.pause(lane.name, until)
        if receipt.result is Result.RETRY:
            message["tries"] = message.get("tries", 0) + 1
            if message["tries"] >= GIVE_UP_AFTER:
                await self._store.outbox.finish(message["_id"], FAILED, receipt.reason, now)
                await self._mark(message, "unreachable", now, receipt.reason)
                return None
            until = now + backoff(message["tries"])
        await self._store.outbox.finish(message["_id"], WAITING, receipt.reason, now)
        return until

    async def _mark(
        self, message: Document, disposition: str, now: datetime, reason: str = ""
    ) -> None:
        """What became of the message is what became of the invitation it carries."""
        if message["kind"] == "invite":
            fields = {"reason": reason} if reason else {}
            await self._store.invitations.mark(
                message["campaign"], message["citizen"], disposition, now, **fields
            )
