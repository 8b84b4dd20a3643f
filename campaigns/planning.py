"""Planning a push: who gets which message in which batch, and when.

Every step may be repeated after a crash: ids derive from push and citizen, batches from the
order of a keyed hash, and nothing leaves before the batches are given their times at the end.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from content.hours import Hours, zone_of
from storage.outbox import HELD, LANE, WAITING
from storage.store import Document, Store

BATCH = 50
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
    store: Store, push: Document, recipients: Iterable[Recipient], now: datetime, wave: str = ""
) -> int:
    """Put a push's messages and batches into the outbox, without times; how many messages.

    Batches are called by push, `wave`, channel and zone.
    """
    await store.outbox.put_push(push)
    groups: dict[tuple[str, int], list[Recipient]] = defaultdict(list)
    for recipient in recipients:
        groups[recipient.channel, zone_of(recipient.place)].append(recipient)
    messages: list[Document] = []
    batches: list[Document] = []
    held: list[str] = []
    for (channel, zone), group in sorted(groups.items()):
        name = f"{push['_id']}:{wave}{channel}:{zone}"
        waiting = [one for one in group if not _waits_for_them(one)]
        waiting.sort(key=lambda one: _lot(push["_id"], one.citizen))
        for number, one in enumerate(waiting):
            batch = f"{name}:{number // BATCH:05}"
            messages.append(_message(push, one, zone, now, batch, number % BATCH))
        for start in range(0, len(waiting), BATCH):
            size = min(BATCH, len(waiting) - start)
            batches.append(_batch(f"{name}:{start // BATCH:05}", push, channel, zone, size))
        for one in group:
            if _waits_for_them(one):
                held.append(one.citizen)
                messages.append(_message(push, one, zone, now, "", 0))
    await store.outbox.add_messages(messages)
    await store.outbox.add_batches(batches)
    await store.outbox.mark_held(held)
    return len(messages)


async def give_times(
    store: Store, push: str, hours: Hours, now: datetime, per_minute: int = 0
) -> None:
    """Spread what is left of a push evenly over the hours from `now` on, by time zone.

    `per_minute` makes it slower where the hours would have it faster. What finds no more time
    gets none, and is not sent.
    """
    left = await store.outbox.unfinished(push)
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
    await store.outbox.set_times(times)


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


def shifted(hours: Hours, now: datetime, days: int) -> Hours:
    """The same hours of the day, for so many days from `now` on."""
    return replace(hours, start=now, end=now + timedelta(days=days))
