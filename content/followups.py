"""Short follow-up questions: another part of the topic at hand, another topic, another year.

The words are in `followups.yml`, compared as skeletons, so script and spelling don't matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz

from content.entitlement import Part, entitlements
from nlu.normalize import words

FILE = Path(__file__).parent / "followups.yml"
LONGEST = 6
"""Words of a follow-up; a longer text says something of its own."""
CLOSE = 84.0
SHORTEST = 3
ALIKE = 0.9
"""Likeness from which a typed word is a form of a name's word."""
PARTS = (*(str(part) for part in Part), "source", "related")
"""The parts of a topic that a button or a follow-up question can ask for."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A short question about the entitlement at hand: another part, another topic, or both."""

    part: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MoneyFollowUp:
    """A short question about the budget at hand: `year` (-1 for the one before), sector, …"""

    year: int = 0
    sector: str = ""
    facility: str = ""
    exact: bool = False


def tokens(text: str) -> list[str]:
    """The skeletons of the words of `text`."""
    return [word.skeleton for word in words(text)]


def likeness(typed: str, known: str) -> float:
    """How surely two skeletons are forms of one word: 0 to 1."""
    if typed == known:
        return 1.0
    short, long = sorted((typed, known), key=len)
    if len(short) < SHORTEST:
        return 0.0
    if long.startswith(short):
        return 0.95 if len(long) - len(short) <= 5 else 0.8
    if len(short) < 4:
        return 0.0
    ratio = fuzz.ratio(typed[: len(known) + 1], known)
    return ratio / 100 * 0.9 if ratio >= CLOSE else 0.0


@cache
def _file() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return raw


def _skeletons(listed: list[str]) -> frozenset[str]:
    return frozenset(token for word in listed for token in tokens(str(word)))


@cache
def word_list(name: str) -> frozenset[str]:
    """The skeletons of one of the plain lists: filler, common, years."""
    return _skeletons(_file()[name])


@cache
def _groups(name: str) -> dict[str, frozenset[str]]:
    return {group: _skeletons(listed) for group, listed in _file()[name].items()}


@cache
def _names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each name a topic goes by, as its topic and the skeletons of the name's words."""
    return tuple(
        (topic, tuple(tokens(name)))
        for topic, entry in entitlements().items()
        for name in (*entry.words.mn, *entry.words.en)
    )


def follow_up(text: str) -> FollowUp | None:
    """What a short text asks about the entitlement at hand, or None if it is no follow-up."""
    typed = tokens(text)
    if not typed or len(typed) > LONGEST:
        return None
    groups = _groups("parts")
    parts, rest = [], []
    for token in typed:
        if part := next((name for name, known in groups.items() if token in known), ""):
            parts.append(part)
        elif token not in word_list("filler"):
            rest.append(token)
    topic = _named(rest) if rest else ""
    if rest and not topic:
        return None
    # "How much" beats "how": the words listed last are the vaguest.
    part = min(parts, key=list(groups).index) if parts else ""
    return FollowUp(part, topic) if part or topic else None


def _named(typed: list[str]) -> str:
    """The topic whose whole name is typed, and nothing else; "" where there is none."""
    for topic, name in _names():
        heard = [any(likeness(token, word) >= ALIKE for token in typed) for word in name]
        meant = [any(likeness(token, word) >= ALIKE for word in name) for token in typed]
        if all(heard) and all(meant):
            return topic
    return ""


def money_follow_up(text: str) -> MoneyFollowUp | None:
    """What a short text asks about the budget at hand, or None if it is no follow-up."""
    typed = words(text)
    if not typed or len(typed) > LONGEST:
        return None
    groups = _groups("money")
    year, asked = 0, set[str]()
    for word in typed:
        token, figure = word.skeleton, word.canonical
        group = next((name for name, known in groups.items() if token in known), "")
        if len(figure) == 4 and figure.isdecimal() and 1992 <= int(figure) <= 2100:
            year = int(figure)
        elif group:
            asked.add(group)
        elif token not in word_list("filler") and token not in word_list("years"):
            return None
    if not year and not asked:
        return None
    return MoneyFollowUp(
        year=year or (-1 if "last_year" in asked else 0),
        sector=next((sector for sector in ("education", "health") if sector in asked), ""),
        facility=next((k for k in ("school", "kindergarten", "hospital") if k in asked), ""),
        exact="exact" in asked,
    )
