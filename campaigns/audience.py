"""Whom a campaign asks: who matches, who of them can be reached, and who must not be asked.

Nobody without consent or under a stop is ever in an audience. "Reachable now" is careful:
`seen_at` may lag an hour behind, so on Messenger somebody may turn out reachable after all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.population import Population, Profile
from campaigns.sample import Member, draw
from storage.store import Document, Store

WINDOW = timedelta(hours=24)
"""Messenger: after a person's last message or tap (Meta's messaging window)."""
NOW, TEMPLATE, NEXT = "now", "template", "next"


@dataclass(frozen=True, slots=True)
class Cap:
    """How often one person is asked: `campaigns` in `days` days, and `reminders` a campaign."""

    campaigns: int = 1
    days: int = 14
    reminders: int = 2


@dataclass(frozen=True, slots=True)
class Audience:
    """What must hold of a citizen to be asked; empty fields ask for nothing.

    `places` are codes, each with everything beneath. `facilities` are those whose services
    they answered about before. `seen_within` is in days. `took_part` and `not_took_part` name
    campaigns. `tags` are the facilitators'; any of them will do. `citizens` is an imported
    list of ids. `sample` people are drawn with `seed`, by aimag in proportion if `stratified`.
    """

    places: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    seen_within: int = 0
    took_part: tuple[str, ...] = ()
    not_took_part: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    citizens: tuple[str, ...] = ()
    sample: int = 0
    stratified: bool = False
    seed: str = ""

    def __post_init__(self) -> None:
        for place in self.places:
            if not place.isdecimal() or len(place) not in (2, 4, 6):
                raise ValueError(f"{place!r} is no place's code: it has 2, 4 or 6 digits")
        if self.sample < 0 or self.seen_within < 0:
            raise ValueError("a sample and a number of days can't be below zero")

    def to_document(self) -> dict[str, Any]:
        """The shape stored; empty fields are left out."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value
        }

    @classmethod
    def from_document(cls, document: Document) -> Audience:
        """The reverse of `to_document`; raises ValueError for a code that is none."""
        fields: dict[str, Any] = {
            name: tuple(document[name]) if isinstance(document[name], list) else document[name]
            for name in cls.__slots__
            if name in document
        }
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Counts:
    """An audience before it is asked, split by what would become of the question.

    The first three make up `total`, those who are asked; the others match but are not asked.
    `off` can't be reached until they write again (they blocked the bot).
    """

    now: int = 0
    template: int = 0
    next: int = 0
    stopped: int = 0
    no_consent: int = 0
    over_cap: int = 0
    off: int = 0
    not_drawn: int = 0

    @property
    def total(self) -> int:
        """How many are asked."""
        return self.now + self.template + self.next


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is asked, and the counts of all who match."""

    members: tuple[Member, ...]
    counts: Counts


async def select(
    store: Store,
    audience: Audience,
    now: datetime,
    *,
    cap: Cap | None = None,
    campaign: str = "",
    template: bool = False,
    population: Population | None = None,
) -> Selection:
    """Who is asked at `now`; `template` says that Messenger has one to reach people with.

    `campaign` itself does not count against the cap. With a `population` of the caller's,
    where reading takes long, people may be as they were up to a minute ago: good for counts.
    """
    people = population or Population(store)
    cap = cap or Cap()
    among, out = await _within(store, audience)
    profiles = await _profiles(people, audience)
    lately = await people.asked_since(now - timedelta(days=cap.days), profiles)

    def choose() -> Selection:
        asked = _too_often(lately, cap, campaign)
        fitting = (
            each
            for each in profiles
            if each.citizen not in out
            and (among is None or each.citizen in among)
            and _fits(each, audience, now)
        )
        return _select(fitting, audience, asked, now, template=template)

    return await asyncio.to_thread(choose)


def _select(
    profiles: Iterable[Profile],
    audience: Audience,
    asked: set[str],
    now: datetime,
    *,
    template: bool,
) -> Selection:
    tally = dict.fromkeys(Counts.__slots__, 0)
    chosen: list[Member] = []
    for profile in profiles:
        reason = profile.why_not or ("over_cap" if profile.citizen in asked else "")
        if reason:
            tally[reason] += 1
        else:
            chosen.append(_member(profile, now, template))
    drawn = draw(chosen, audience.sample, audience.seed, stratified=audience.stratified)
    tally["not_drawn"] = len(chosen) - len(drawn)
    for member in drawn:
        tally[member.reach] += 1
    return Selection(tuple(drawn), Counts(**tally))


def _member(profile: Profile, now: datetime, template: bool) -> Member:
    reach = NOW
    if profile.channel == "messenger":
        if profile.seen_at is None or now - profile.seen_at >= WINDOW:
            reach = TEMPLATE if template else NEXT
    elif profile.channel == "web":
        reach = NEXT
    return Member(profile.citizen, profile.channel, profile.locale, profile.place, reach)


async def _profiles(people: Population, audience: Audience) -> list[Profile]:
    """Profiles that may match, by the narrowest way to find them.

    One condition is left to the database: of several indexes the embedded one may take the
    wrong one.
    """
    if audience.citizens:
        return await people.named(audience.citizens)
    if audience.tags:
        return await people.tagged(audience.tags)
    if audience.places:
        return await people.in_places(audience.places)
    return await people.everybody()


def _fits(profile: Profile, audience: Audience, now: datetime) -> bool:
    """Whether all that is asked of a profile holds."""
    seen = profile.seen_at
    since = now - timedelta(days=audience.seen_within)
    return (
        (not audience.places or profile.place.startswith(audience.places))
        and (not audience.languages or profile.locale in audience.languages)
        and (not audience.channels or profile.channel in audience.channels)
        and (not audience.seen_within or (seen is not None and seen >= since))
        and (not audience.tags or any(tag in audience.tags for tag in profile.tags))
    )


async def _within(store: Store, audience: Audience) -> tuple[set[str] | None, set[str]]:
    """The ids among whom the audience is (None: anyone), and those who are not in it."""
    among: set[str] | None = None
    if audience.facilities:
        among = await store.cases.citizens_of(facility=audience.facilities)
    if audience.took_part:
        took = await store.cases.citizens_of(campaign=audience.took_part)
        among = took if among is None else among & took
    out: set[str] = set()
    if audience.not_took_part:
        out = await store.cases.citizens_of(campaign=audience.not_took_part)
    return among, out


def _too_often(lately: Iterable[tuple[str, str]], cap: Cap, campaign: str) -> set[str]:
    """Who was asked as often as the cap allows."""
    times: dict[str, set[str]] = {}
    for citizen, other in lately:
        if other != campaign:
            times.setdefault(citizen, set()).add(other)
    return {citizen for citizen, others in times.items() if len(others) >= cap.campaigns}
