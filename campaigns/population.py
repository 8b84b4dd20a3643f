"""Who there is to ask: everybody's profile, and who was asked lately.

While an audience is put together it is counted again and again. Reading everybody takes the
embedded database seconds where there are many, so what was read is kept for a while then.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from content.place_resolver import soums
from storage.store import Document, Store

T = TypeVar("T")

FEW = 500
"""So many people's invitations are looked up one by one sooner than everybody's."""

MANY = 20_000
"""People from which everybody is read in parts."""

SLOW, REST, LONGEST = 0.3, 15, 60.0
"""Seconds from which reading is slow; what it found is then kept so many times as long as it
took, at most so many seconds.
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """What audiences look at; `why_not` says why somebody is never asked, or is ""."""

    citizen: str
    channel: str
    locale: str
    place: str
    why_not: str
    seen_at: datetime | None
    tags: tuple[str, ...]

    @classmethod
    def of(cls, document: Document) -> Profile:
        """From the stored shape; strings many people share are kept once."""
        return cls(
            document["_id"],
            sys.intern(document.get("channel", "")),
            sys.intern(document.get("locale", "mn")),
            sys.intern(document.get("place", "")),
            _why_not(document),
            document.get("seen_at"),
            tuple(sys.intern(tag) for tag in document.get("tags", ())),
        )


def _why_not(document: Document) -> str:
    if document.get("consent") != "given":
        return "no_consent"
    if document.get("stopped"):
        return "stopped"
    return "off" if document.get("left") or document.get("off") else ""


class Kept(Generic[T]):
    """Something that is read anew each time, unless reading takes long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reading = asyncio.Lock()
        self._until = float("-inf")
        self._found: T | None = None

    async def get(self, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` finds, or found a while ago; who comes meanwhile waits for it too."""
        async with self._reading:
            return await self._get(read)

    async def _get(self, read: Callable[[], Awaitable[T]]) -> T:
        began = self._clock()
        if self._found is not None and began < self._until:
            return self._found
        found = await read()
        now = self._clock()
        self._found = found if now - began > SLOW else None
        self._until = now + min(LONGEST, (now - began) * REST)
        return found


class Population:
    """Profiles and invitations as audiences need them, read for one count or kept for many.

    `gently` reads everybody place by place where there are many: the embedded server, which
    gathers a whole answer first, would let nobody else in for a second or two. Somebody who
    moves meanwhile may be missed, so it is for counting, not for asking.
    """

    def __init__(self, store: Store, *, gently: bool = False) -> None:
        self._store = store
        self._gently = gently
        self._everybody: Kept[list[Profile]] = Kept()
        self._asked: Kept[list[tuple[str, str]]] = Kept()

    async def everybody(self) -> list[Profile]:
        """Everybody known."""
        return await self._everybody.get(self._read_everybody)

    async def _read_everybody(self) -> list[Profile]:
        if not self._gently or await self._store.citizens.about() < MANY:
            return await self._matching({})
        found: dict[str, Profile] = {}
        for part in _slices():
            found |= {each.citizen: each for each in await self._matching({"place": part})}
        return list(found.values())

    async def asked_since(self, since: datetime, among: Sequence[Profile]) -> list[tuple[str, str]]:
        """(citizen, campaign) of the invitations since then, at least of those `among`."""
        invitations = self._store.invitations
        if len(among) <= FEW:
            return await invitations.asked_among([each.citizen for each in among], since)
        return await self._asked.get(lambda: invitations.asked_since(since))

    async def in_places(self, places: Iterable[str]) -> list[Profile]:
        """Everybody in these places and beneath."""
        found: list[Profile] = []
        for place in _topmost(places):
            found += await self._matching({"place": {"$gte": place, "$lt": place + ":"}})
        return found

    async def tagged(self, tags: Iterable[str]) -> list[Profile]:
        """Everybody who has one of these tags."""
        return await self._matching({"tags": {"$in": list(tags)}})

    async def named(self, citizens: Iterable[str]) -> list[Profile]:
        """Those of these ids who are known."""
        return [Profile.of(each) for each in await self._store.citizens.of(list(citizens))]

    async def _matching(self, query: dict[str, Any]) -> list[Profile]:
        return [Profile.of(each) async for each in self._store.citizens.matching(query)]


def _slices() -> Iterator[Any]:
    """Conditions on a place that hold all there can be: by soum and district, and no place."""
    bounds = soums()
    yield {"$lt": bounds[0]}
    yield from ({"$gte": one, "$lt": other} for one, other in itertools.pairwise(bounds))
    yield {"$gte": bounds[-1]}
    yield None


def _topmost(places: Iterable[str]) -> list[str]:
    """Without places that lie beneath another of them."""
    kept: list[str] = []
    for place in sorted(places):
        if not kept or not place.startswith(kept[-1]):
            kept.append(place)
    return kept
