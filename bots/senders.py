"""Senders of the campaign lanes: messages to many, at a pace that no platform objects to.

Replies never pass here and never wait. One process at a time holds a channel's lane
(`storage.pacing`) and sends within its window (`bots.window`): only while the push is open,
within its hours where the citizen lives, to somebody who agreed, has not stopped and is not in
the middle of a conversation, and at most once (`storage.outbox`).
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bots.channel import Channel
from bots.delivery import PATIENCE, Delivery, Sleep
from bots.lanes import Batch, Group, Item, Lane
from bots.pushes import AGAIN, Action, Push, Pushes, Verdict
from bots.window import Monotonic
from bots.worker import utc_now
from conversations.messages import Outgoing
from storage.outbox import SENDING, WAITING
from storage.store import Document, StorageError, Store

log = structlog.get_logger()

AT_ONCE = 40
"""Messages of one channel that may be on their way or not noted yet: so many a kill may leave
unknown.
"""
IN_HAND = 60
"""Messages ready to be sent that a process holds before it takes no further batch."""
TOGETHER = 12
"""Most messages whose citizens are looked up together, just before their turn."""
AHEAD = 0.3
"""So many seconds' worth of messages are looked up together, while as many before them are sent:
what is known of a citizen is at most about twice as old when their turn comes.
"""
EARLY = 0.05
"""So many seconds before there is room for it a message is taken up, so that it is in sending
when there is.
"""
LOOK_EVERY = 0.25
RENEW_EVERY = 1.0
SOON = 0.05
REVISIT = timedelta(seconds=10)
"""When a batch is looked at again in which something is still on its way, or went wrong."""
LOST = timedelta(seconds=PATIENCE + 10)
"""No living sender takes so long over a message: it died while it handed it over."""
IDLE = timedelta(seconds=60)
"""Somebody who wrote so short a time ago is in a conversation: nothing interrupts it."""


class CampaignSender:
    """Sends the campaign lanes that this process holds."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        rates: Mapping[str, float],
        clock: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
        idle: timedelta = IDLE,
        monotonic: Monotonic = time.monotonic,
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
        self._monotonic = monotonic
        self._pushes = Pushes(store, clock)
        self._delivery = Delivery(store, self.id, clock, sleep, idle)
        self._template = template
        self._lanes: list[Lane] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._runners: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to send."""
        self._lanes = [
            Lane(
                name,
                channel,
                self._rates.get(name, 0.0),
                self._monotonic,
                template=self._template,
            )
            for name, channel in self._channels.items()
        ]
        self._keepers = [asyncio.create_task(self._keep(lane)) for lane in self._lanes]
        self._runners = [asyncio.create_task(self._run(lane)) for lane in self._lanes]

    async def stop(self) -> None:
        """Stop; what is on its way is finished first, what is left is for others."""
        await _end(self._runners)
        going = [task for lane in self._lanes for task in lane.going]
        if going:
            await asyncio.wait(going, timeout=PATIENCE)
        await _end(self._keepers)
        for lane in self._lanes:
            if lane.held:
                await self._store.pacing.leave(lane.name, self.id)
        self._lanes = []

    # -- holding a lane -----------------------------------------------------------------

    async def _keep(self, lane: Lane) -> None:
        """Hold the lane; where another does, be there when it is lost."""
        while True:
            pause = RENEW_EVERY
            try:
                pause = await self._look(lane)
            except StorageError as error:
                log.warning("database away", error=type(error).__name__)
            except Exception:
                log.exception("lane not looked at", channel=lane.name)
            await self._sleep(pause)

    async def _look(self, lane: Lane) -> float:
        """Renew or take the hold; seconds until it is worth looking again."""
        began, now, replies = self._monotonic(), self._clock(), lane.replies_since()
        if lane.held:
            lane.window.count(replies)
            replies = 0
        look = await self._store.pacing.look(lane.name, self.id, now, replies)
        lane.note(look, began)
        left = (look.until - self._clock()).total_seconds()
        return RENEW_EVERY if look.mine else min(RENEW_EVERY, max(SOON, left))

    # -- sending ------------------------------------------------------------------------

    async def _run(self, lane: Lane) -> None:
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

    async def _step(self, lane: Lane) -> float:
        """Send what is due, group by group; seconds until it is worth looking again."""
        if not lane.held:
            lane.let_go()
            return LOOK_EVERY
        if not lane.may_send(self._clock()):
            return SOON
        group = await self._next(lane)
        while group.items:
            # While a group is sent the next one is looked up: sending never rests for it.
            sent, following = await asyncio.gather(
                self._send(lane, group), self._next(lane), return_exceptions=True
            )
            if isinstance(following, BaseException):
                raise following
            if isinstance(sent, BaseException) or not lane.may_send(self._clock()):
                lane.put_back(following.items)
                if isinstance(sent, BaseException):
                    raise sent
                return SOON
            group = following
        return LOOK_EVERY

    async def _next(self, lane: Lane) -> Group:
        """The next messages that are due, with what is known now of their citizens."""
        now = self._clock()
        await self._take_batches(lane, now)
        rate = self._rates.get(lane.name, 0.0)
        items = lane.take_due(now, min(TOGETHER, max(1, int(rate * AHEAD))) if rate else TOGETHER)
        try:
            citizens = [item.message["citizen"] for item in items]
            contacts = await self._store.sessions.contacts(citizens) if items else {}
            await self._store.addresses.look_up(citizens)
        except BaseException:
            lane.put_back(items)
            raise
        return Group(items, contacts)

    async def _send(self, lane: Lane, group: Group) -> None:
        """Send a group's messages, each when there is room; what can't go is kept for later."""
        items = group.items
        try:
            while items and await self._room(lane):
                item = items.pop(0)
                await self._turn(lane, item, group.contacts[item.message["citizen"]])
        finally:
            lane.put_back(items)

    async def _room(self, lane: Lane) -> bool:
        """Wait until the window is about to have room; False if nothing may be sent any more."""
        while lane.may_send(self._clock()):
            lane.window.count(lane.replies_since())
            delay = lane.window.delay(lane.coming) - EARLY
            if len(lane.going) >= AT_ONCE:
                delay = max(delay, SOON)
            if delay <= 0:
                return True
            await self._sleep(delay)
        return False

    async def _turn(self, lane: Lane, item: Item, contact: dict[str, Any]) -> None:
        """One message's turn has come, and there is room for it."""
        if item.batch.lost:
            return
        message = item.message
        try:
            if message["status"] == SENDING:
                await self._delivery.lost_on_the_way(message, self._clock())
                await self._dealt_with(lane, item.batch)
                return
            push = await self._pushes.get(message["push"])
            what = self._delivery.verdict(lane, push, message, contact)
            if what.action is Action.LATER and what.until is not None:
                lane.add(message, item.batch, what.until)
            elif what.action is Action.LEAVE:
                await self._leave(lane, item, what)
            else:
                self._begin(lane, item, push, contact, what)
        except Exception as error:
            await self._went_wrong(lane, item.batch, error)

    def _begin(
        self, lane: Lane, item: Item, push: Push, contact: dict[str, Any], what: Verdict
    ) -> None:
        """Deal with a message beside the others: nobody's turn waits for the database."""
        if what.action in (Action.SEND, Action.TEMPLATE):
            item.parts = _parts(lane, push, item.message, what.action)
            lane.coming += item.parts
        task = asyncio.create_task(self._deal_with(lane, item, push, contact, what))
        lane.going.add(task)
        task.add_done_callback(lane.going.discard)

    async def _deal_with(
        self, lane: Lane, item: Item, push: Push, contact: dict[str, Any], what: Verdict
    ) -> None:
        again = None
        try:
            if what.action in (Action.SEND, Action.TEMPLATE):
                again = await self._delivery.hand_over(lane, item, push, contact, what.action)
            else:
                await self._delivery.leave_out(item.message, what)
            if again is None:
                await self._dealt_with(lane, item.batch)
            elif not item.batch.lost:
                lane.add(item.message, item.batch, again)
        except Exception as error:
            await self._went_wrong(lane, item.batch, error)

    # -- batches ------------------------------------------------------------------------

    async def _take_batches(self, lane: Lane, now: datetime) -> None:
        if now < lane.look_again or lane.ready(now, IN_HAND) >= IN_HAND:
            return
        for found in await self._store.outbox.due_batches(lane.name, now, list(lane.batches)):
            await self._take(lane, found, now)
            if lane.ready(now, IN_HAND) >= IN_HAND:
                return
        lane.look_again = now + timedelta(seconds=LOOK_EVERY)

    async def _take(self, lane: Lane, found: Document, now: datetime) -> None:
        batch = Batch(found["_id"], found["due"], found["at"], found["span"], found["size"])
        try:
            push = await self._pushes.get(found["push"])
        except KeyError:
            await self._store.outbox.put_off_batch(batch.id, batch.due, None)
            return
        opens = push.hours.next_open(now, found["zone"]) if push.is_open else now + AGAIN
        messages = await self._store.outbox.messages(batch.id)
        messages.sort(key=lambda each: int(each["number"]))
        if opens is None or opens > now:
            first = int(messages[0]["number"]) if messages else 0
            await self._put_off(batch, opens, first)
            return
        batch.left = len(messages)
        for message in messages:
            if message["status"] == WAITING:
                lane.add(message, batch, batch.at + batch.offset(int(message["number"])))
            else:
                lane.add(message, batch, message["began"] + LOST)
        if batch.left:
            lane.batches[batch.id] = batch
        else:
            await self._finish(batch)

    async def _leave(self, lane: Lane, item: Item, what: Verdict) -> None:
        lane.lose(item.batch)
        await self._put_off(item.batch, what.until, int(item.message["number"]))

    async def _put_off(self, batch: Batch, until: datetime | None, first: int) -> None:
        """Leave a batch until then, when the message of number `first` is due."""
        at = None if until is None else until - batch.offset(first)
        await self._store.outbox.put_off_batch(batch.id, batch.due, until, at)

    async def _dealt_with(self, lane: Lane, batch: Batch) -> None:
        batch.left -= 1
        if batch.left <= 0 and not batch.lost:
            lane.lose(batch)
            await self._finish(batch)

    async def _finish(self, batch: Batch) -> None:
        """It is done, or looked at again for what is still on its way."""
        if await self._store.outbox.messages(batch.id):
            until = self._clock() + REVISIT
            await self._store.outbox.put_off_batch(batch.id, batch.due, until)
        else:
            await self._store.outbox.finish_batch(batch.id)

    async def _went_wrong(self, lane: Lane, batch: Batch, error: Exception) -> None:
        """Leave the batch alone for a moment; what was handed over is never sent again."""
        lane.lose(batch)
        if isinstance(error, StorageError):
            log.warning("database away", error=type(error).__name__)
            return
        log.error("campaign message failed", channel=lane.name, exc_info=error)
        await self._store.outbox.put_off_batch(batch.id, batch.due, self._clock() + REVISIT)


def _parts(lane: Lane, push: Push, message: Document, action: Action) -> int:
    """As how many messages the platform gets it: a template is one, words may be cut."""
    if action is Action.TEMPLATE:
        return 1
    return lane.parts(Outgoing.from_document(push.words(message["locale"])))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()
