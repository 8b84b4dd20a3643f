"""Planning a push: who gets which message in which batch, and when.

Every step may be repeated after a crash: ids derive from push and citizen, batches from the
order of a keyed hash, and a batch is stored after its messages.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from content.hours import Hours, zone_of
from storage.outbox import HELD, LANE, WAITING
from storage.store import Document, Store

BATCH = 50
TOGETHER = 2
"""Batches stored at a time; planning then rests as long as that took, so that what is planned
already is sent and citizens are answered.
"""
NEXT = "next"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a push; `reach` as in `campaigns.sample.Member`."""

    citizen: str
    channel: str
    locale: str = "mn"
    place: str = ""
    facility: str = ""
    reach: str = "now"


async def enqueue(
    store: Store,
    push: Document,
    recipients: Iterable[Recipient],
    now: datetime,
    wave: str = "",
    spread: Hours | None = None,
    per_minute: int = 0,
) -> int:
    """Put a push's messages and batches into the outbox; how many messages.

    Batches are called by push, `wave`, channel and zone. With `spread` they get their times at
    once, and those due first are stored first: where the push is open, sending begins while the
    rest is planned. The same recipients make the same batches, so this may be repeated.
    """
    await store.outbox.put_push(push)
    batches, held = _planned(push, recipients, now, wave)
    if spread is not None:
        plans = [batch.document for batch in batches]
        times = {
            name: (at, span)
            for name, at, span in _times(plans, push["_id"], spread, now, per_minute)
        }
        for batch in batches:
            if batch.document["_id"] in times:
                at, span = times[batch.document["_id"]]
                batch.document.update(at=at, span=span, due=at)
        batches.sort(key=lambda one: one.document.get("due", spread.end))
    for start in range(0, len(batches), TOGETHER):
        some, began = batches[start : start + TOGETHER], time.monotonic()
        await store.outbox.add_messages([each for one in some for each in one.messages])
        await store.outbox.add_batches([one.document for one in some])
        await asyncio.sleep(time.monotonic() - began)
    await store.outbox.add_messages(held)
    await store.outbox.mark_held([each["citizen"] for each in held])
    return sum(len(one.messages) for one in batches) + len(held)


@dataclass(frozen=True, slots=True)
class _Batch:
    document: Document
    messages: list[Document]


def _planned(
    push: Document, recipients: Iterable[Recipient], now: datetime, wave: str
) -> tuple[list[_Batch], list[Document]]:
    """Batches with their messages, and the messages that wait for people to write."""
    groups: dict[tuple[str, int], list[Recipient]] = defaultdict(list)
    for recipient in recipients:
        groups[recipient.channel, zone_of(recipient.place)].append(recipient)
    batches: list[_Batch] = []
    held: list[Document] = []
    for (channel, zone), group in sorted(groups.items()):
        waiting = [one for one in group if not _waits_for_them(one)]
        waiting.sort(key=lambda one: _lot(push["_id"], one.citizen))
        for start in range(0, len(waiting), BATCH):
            name = f"{push['_id']}:{wave}{channel}:{zone}:{start // BATCH:05}"
            some = waiting[start : start + BATCH]
            messages = [
                _message(push, one, zone, now, name, number) for number, one in enumerate(some)
            ]
            batches.append(_Batch(_batch(name, push, channel, zone, len(some)), messages))
        held += [_message(push, one, zone, now, "", 0) for one in group if _waits_for_them(one)]
    return batches, held


async def give_times(
    store: Store, push: str, hours: Hours, now: datetime, per_minute: int = 0
) -> None:
    """Spread what is left of a push evenly over the hours from `now` on, by time zone.

    `per_minute` makes it slower where the hours would have it faster. What finds no more time
    gets none, and is not sent.
    """
    left = await store.outbox.unfinished(push)
    await store.outbox.set_times(_times(left, push, hours, now, per_minute))


def _times(
    left: Sequence[Document], push: str, hours: Hours, now: datetime, per_minute: int
) -> list[tuple[str, datetime, float]]:
    """Each batch's start and span in seconds."""
    whole = sum(batch["size"] for batch in left)
    zones: dict[int, list[Document]] = defaultdict(list)
    for batch in left:
        zones[batch["zone"]].append(batch)
    times: list[tuple[str, datetime, float]] = []
    for zone, batches in zones.items():
        seconds = hours.open_seconds(now, zone)
        if per_minute:
            seconds = max(seconds, whole * 60 / per_minute)
        batches.sort(key=lambda one: _lot(push, one["_id"]))
        total = sum(batch["size"] for batch in batches)
        before = 0
        for batch in batches:
            at = hours.after(seconds * before / total, now, zone)
            if at is not None:
                times.append((batch["_id"], at, seconds * batch["size"] / total))
            before += batch["size"]
    return times


def until(hours: Hours, end: datetime) -> Hours:
    """The same hours, ending earlier."""
    return replace(hours, end=min(hours.end, end))


def _waits_for_them(recipient: Recipient) -> bool:
    """Only Messenger forbids writing first; the web chat keeps what it was told."""
    return recipient.reach == NEXT and recipient.channel == "messenger"


def _message(
    push: Document, one: Recipient, zone: int, now: datetime, batch: str, number: int
) -> Document:
    message: Document = {
        "_id": f"{push['_id']}:{one.citizen}",
        "lane": LANE,
        "push": push["_id"],
        "campaign": push["campaign"],
        "kind": push["kind"],
        "citizen": one.citizen,
        "channel": one.channel,
        "locale": one.locale,
        "place": one.place,
        "facility": one.facility,
        "zone": zone,
        "number": number,
        "status": WAITING if batch else HELD,
        "at": now,
    }
    if batch:
        message["batch"] = batch
    return message


def _batch(name: str, push: Document, channel: str, zone: int, size: int) -> Document:
    return {"_id": name, "push": push["_id"], "channel": channel, "zone": zone, "size": size}


def _lot(seed: str, name: str) -> bytes:
    return hashlib.blake2b(name.encode(), key=seed.encode()[:64], digest_size=12).digest()
