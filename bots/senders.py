"""Senders of the campaign lane: messages to many, at the pace of a schedule all share.

Replies never pass here and never wait. A message is sent only while its push is open, within
its hours where the citizen lives, to somebody who agreed, has not stopped and is not in the
middle of a conversation, in a slot of its channel's schedule (`storage.pacing`), and at most
once (`storage.outbox`).
"""

from __future__ import annotations

import asyncio
import heapq
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bots import metrics
from bots.backoff import backoff
from bots.channel import Channel, Receipt, Result
from bots.lanes import Batch, Item, Lane, UtilityChannel
from bots.pushes import AGAIN, Action, Push, Pushes, Verdict, answered, verdict
from bots.worker import utc_now
from conversations.messages import Outgoing
from storage.invitations import marked
from storage.outbox import FAILED, SENT, SKIPPED, UNKNOWN, WAITING
from storage.pacing import Slot
from storage.store import Document, StorageError, Store

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
AT_ONCE = 200
"""Messages of one channel and process that may be on their way."""
IN_HAND = 60
"""Messages ready to be sent that a process holds before it takes no further batch."""
TOGETHER = 12
"""Slots reserved at a time."""
LOOK_EVERY = 0.25
IDLE = timedelta(seconds=60)
"""Somebody who wrote so short a time ago is in a conversation: nothing interrupts it."""
GIVE_UP_AFTER = 8
OUT_OF_ORDER = timedelta(seconds=60)
PATIENCE = 20.0
LANGUAGES = {"mn": "mn_MN", "en": "en_US", "kk": "kk_KZ"}
"""Meta's codes of the languages a template is approved in."""

FINAL = {
    Result.SENT: (SENT, "delivered"),
    Result.UNKNOWN: (UNKNOWN, "invited"),
    Result.BLOCKED: ("blocked", "unreachable"),
    Result.REFUSED: ("refused", "unreachable"),
}
"""What a result makes of a message, and of the invitation it carries."""

Sleep = Callable[[float], Awaitable[None]]


class CampaignSender:
    """Sends the campaign lane of every channel of a process."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        rates: Mapping[str, float],
        clock: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
        lease: timedelta = LEASE,
        idle: timedelta = IDLE,
        *,
        template: bool = False,
    ) -> None:
        """`rates` is messages a second by channel; a channel without one has no limit to
        obey. `template` says that Messenger has one for writing outside its window.
        """
        self.id = uuid.uuid4().hex[:12]
        self._store = store
        self._channels = channels
        self._rates = rates
        self._clock = clock
        self._sleep = sleep
        self._lease = lease
        self._idle = idle
        self._pushes = Pushes(store, clock)
        self._template = template
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to send."""
        self._tasks = [
            asyncio.create_task(self._run(Lane(name, channel, template=self._template)))
            for name, channel in self._channels.items()
        ]

    async def stop(self) -> None:
        """Stop; what is on its way is finished first, what is left is for others."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _run(self, lane: Lane) -> None:
        try:
            while True:
                try:
                    pause = await self._step(lane)
                except StorageError as error:
                    log.warning("database away", error=type(error).__name__)
                    pause = 1.0
                except Exception:
                    log.exception("campaign lane failed", channel=lane.name)
                    pause = 1.0
                if pause:
                    await self._sleep(pause)
        finally:
            if lane.going:
                await asyncio.wait(lane.going, timeout=PATIENCE)

    async def _step(self, lane: Lane) -> float:
        """Send what is due and has a slot; seconds until it is worth looking again."""
        now = self._clock()
        await self._renew(lane, now)
        await self._take_batches(lane, now)
        wanted = min(lane.ready(now, TOGETHER), AT_ONCE - len(lane.going))
        if wanted <= 0:
            return LOOK_EVERY
        rate = self._rates.get(lane.name, 0.0)
        slots = [Slot(now, now + timedelta(hours=1))] * wanted
        if rate:
            spent = lane.replies_since()
            slots = await self._store.pacing.reserve(lane.name, rate, wanted, now, spent)
        for slot in slots:
            item = heapq.heappop(lane.items)
            task = asyncio.create_task(self._deliver(lane, item, slot))
            lane.going.add(task)
            task.add_done_callback(lane.going.discard)
        return 0.0 if rate and slots else LOOK_EVERY / 5

    # -- batches ------------------------------------------------------------------------

    async def _take_batches(self, lane: Lane, now: datetime) -> None:
        while now >= lane.look_again and lane.ready(now, IN_HAND) < IN_HAND:
            claimed = await self._store.outbox.claim_batch(lane.name, self.id, now, self._lease)
            if claimed is None:
                lane.look_again = now + timedelta(seconds=LOOK_EVERY)
                return
            await self._take(lane, claimed, now)

    async def _take(self, lane: Lane, claimed: Document, now: datetime) -> None:
        push = await self._pushes.get(claimed["push"])
        opens = push.hours.next_open(now, claimed["zone"]) if push.is_open else now + AGAIN
        if opens is None or opens > now:
            await self._store.outbox.put_off_batch(claimed["_id"], self.id, opens)
            return
        messages = await self._store.outbox.messages(claimed["_id"])
        if any(message["_id"] in lane.flying for message in messages):
            await self._store.outbox.put_off_batch(claimed["_id"], self.id, now + self._lease / 3)
            return
        batch = Batch(claimed["_id"], 0, now)
        for message in sorted(messages, key=lambda each: int(each["number"])):
            if message["status"] != WAITING:
                await self._lost_on_the_way(message, now)
                continue
            offset = claimed["span"] * batch.left / max(1, claimed["size"])
            batch.left += 1
            lane.add(message, batch, claimed["at"] + timedelta(seconds=offset))
        if batch.left:
            lane.batches[batch.id] = batch
        else:
            await self._store.outbox.finish_batch(batch.id)

    async def _lost_on_the_way(self, message: Document, now: datetime) -> None:
        """A sender died between handing it over and noting it: nobody knows whether it came."""
        if await self._store.outbox.finish(message["_id"], UNKNOWN, "sender lost", now):
            metrics.SENDS.labels(message["channel"], "campaign", "unknown").inc()
            await self._mark(message, "invited", now)

    async def _renew(self, lane: Lane, now: datetime) -> None:
        for batch in list(lane.batches.values()):
            if now - batch.renewed < self._lease / 3:
                continue
            batch.renewed = now
            if not await self._store.outbox.renew_batch(batch.id, self.id, now, self._lease):
                lane.lose(batch)

    async def _dealt_with(self, lane: Lane, batch: Batch) -> None:
        batch.left -= 1
        if batch.left > 0 or batch.lost:
            return
        lane.lose(batch)
        if await self._store.outbox.messages(batch.id):
            soon = self._clock() + self._lease / 3
            await self._store.outbox.put_off_batch(batch.id, self.id, soon)
        else:
            await self._store.outbox.finish_batch(batch.id)

    # -- one message --------------------------------------------------------------------

    async def _deliver(self, lane: Lane, item: Item, slot: Slot) -> None:
        lane.flying.add(item.message["_id"])
        try:
            later = await self._attempt(lane, item, slot)
            if later is not None:
                lane.add(item.message, item.batch, later)
            else:
                await self._dealt_with(lane, item.batch)
        except StorageError as error:
            # The batch is looked at again when its lease has ended.
            log.warning("database away", error=type(error).__name__)
            lane.lose(item.batch)
        except Exception:
            log.exception("campaign message failed", channel=lane.name)
            lane.lose(item.batch)
        finally:
            lane.flying.discard(item.message["_id"])

    async def _attempt(self, lane: Lane, item: Item, slot: Slot) -> datetime | None:
        """When the message must be taken up again; None if it is dealt with."""
        message = item.message
        contact = await self._store.sessions.contact(message["citizen"])
        now = self._clock()
        if now < slot.at:
            await self._sleep((slot.at - now).total_seconds())
        push = await self._pushes.get(message["push"])
        now = self._clock()
        if item.batch.lost:
            return None
        if now > slot.until:
            return item.due
        what = await self._verdict(lane, push, message, contact, now)
        if what.action is Action.LATER:
            return what.until
        if what.action not in (Action.SEND, Action.TEMPLATE):
            await self._leave_out(lane, item, what, now)
            return None
        if not await self._store.outbox.begin(message["_id"], self.id, now):
            return None
        if self._clock() > slot.until:
            await self._store.outbox.finish(message["_id"], WAITING, "late", self._clock())
            return item.due
        receipt = await self._send(lane, message, push, contact, what.action)
        metrics.SENDS.labels(lane.name, "campaign", receipt.result).inc()
        return await self._note(lane, item, receipt)

    async def _verdict(
        self, lane: Lane, push: Push, message: Document, contact: dict[str, Any], now: datetime
    ) -> Verdict:
        what = verdict(
            push,
            message,
            contact,
            now,
            idle=self._idle,
            template=lane.template and bool(push.templates),
        )
        if what.action is Action.SEND and push.kind.startswith("remind"):
            invitation = await self._store.invitations.of(message["campaign"], message["citizen"])
            if answered(invitation):
                return Verdict(Action.SKIP, "answered")
        return what

    async def _leave_out(self, lane: Lane, item: Item, what: Verdict, now: datetime) -> None:
        message = item.message
        if what.action is Action.LEAVE:
            lane.lose(item.batch)
            await self._store.outbox.put_off_batch(item.batch.id, self.id, what.until)
        elif what.action is Action.HOLD:
            await self._store.outbox.hold(message["_id"], message["citizen"], what.reason, now)
        else:
            await self._store.outbox.finish(message["_id"], SKIPPED, what.reason, now, WAITING)
            if what.disposition:
                await self._mark(message, what.disposition, now, what.reason)

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

    async def _note(self, lane: Lane, item: Item, receipt: Receipt) -> datetime | None:
        """Write down what became of a send; when it is tried again, if it is."""
        message, now = item.message, self._clock()
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
