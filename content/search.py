"""Finding topics by the words people use, where no label of language understanding fits.

Words are compared as skeletons (see `nlu.normalize`), so script and spelling don't matter,
and as beginnings, since Mongolian puts its endings behind.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from content.entitlement import Part, entitlements
from nlu.normalize import words

FOLLOWUPS = Path(__file__).parent / "followups.yml"
NAME, TEXT, PHRASE = 3.0, 1.0, 5.0
"""Weights of a word in a topic's names, of one in its statements, and of a whole name."""
CLOSE = 84.0
SHORTEST = 3
NOT_PARTS = ("filler", "common")
ENOUGH = 3.5
"""A score below this is chance: one common word of a statement scores about 3."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic that may be meant; a higher score is a better fit."""

    topic: str
    score: float


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A short question about the topic at hand: another part, another topic, or both."""

    part: str = ""
    topic: str = ""


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
def _index() -> dict[str, dict[str, float]]:
    """Skeleton of each word -> topic -> weight, rarer words heavier."""
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for topic, entry in entitlements().items():
        told = " ".join(f"{item.text.mn} {item.text.en}" for item in entry.told)
        named = " ".join([entry.title.mn, entry.title.en, *entry.words.mn, *entry.words.en])
        for text, weight in ((told, TEXT), (named, NAME)):
            for token in tokens(text):
                weights[token][topic] = weight
    total = len(entitlements())
    return {
        token: {topic: weight * math.log(1 + total / len(found)) for topic, weight in found.items()}
        for token, found in weights.items()
        if len(token) >= SHORTEST and not token.isdigit()
    }


def search(text: str, limit: int = 3) -> list[Hit]:
    """The topics that `text` is likely about, best first; [] when nothing fits."""
    ignored = _followups()["filler"] | _followups()["common"]
    scores: dict[str, float] = defaultdict(float)
    typed = tokens(text)
    for token in dict.fromkeys(typed):
        if token in ignored:
            continue
        best: dict[str, float] = {}
        for known, found in _index().items():
            if like := likeness(token, known):
                for topic, weight in found.items():
                    best[topic] = max(best.get(topic, 0.0), like * weight)
        for topic, score in best.items():
            scores[topic] += score
    phrase = f" {' '.join(typed)}"
    for name, topic in _phrases():
        if f" {name}" in phrase:
            scores[topic] += PHRASE
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return [Hit(topic, round(score, 2)) for topic, score in ranked if score >= ENOUGH]


@cache
def _phrases() -> list[tuple[str, str]]:
    """Names of several words, as skeletons, with their topics."""
    return [
        (" ".join(tokens(name)), topic)
        for topic, entry in entitlements().items()
        for name in (entry.title.mn, entry.title.en, *entry.words.mn, *entry.words.en)
        if len(tokens(name)) > 1
    ]


@cache
def _followups() -> dict[str, frozenset[str]]:
    raw: dict[str, list[str]] = yaml.safe_load(FOLLOWUPS.read_text("utf-8"))
    return {
        part: frozenset(token for word in listed for token in tokens(str(word)))
        for part, listed in raw.items()
    }


@cache
def _names() -> dict[str, dict[str, int]]:
    """Skeleton -> the topics whose search words hold it, with how many words that name has."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for topic, entry in entitlements().items():
        for name in (*entry.words.mn, *entry.words.en):
            split = tokens(name)
            for token in split:
                found[token][topic] = min(len(split), found[token].get(topic, 9))
    return found


def follow_up(text: str, longest: int = 6) -> FollowUp | None:
    """What a short text asks about the topic at hand, or None if it is no follow-up."""
    typed = tokens(text)
    if not typed or len(typed) > longest:
        return None
    parts: list[str] = []
    topics: dict[str, float] = defaultdict(float)
    lists = _followups()
    for token in typed:
        part = next((p for p, known in lists.items() if p not in NOT_PARTS and token in known), "")
        if part:
            parts.append(part)
        elif token not in lists["filler"]:
            named = _named(token)
            if not named:
                return None
            for topic, weight in named.items():
                topics[topic] += weight
    topic = max(topics, key=lambda name: (topics[name], name)) if topics else ""
    # "How much" beats "how": the words listed last are the vaguest.
    part = min(parts, key=list(lists).index) if parts else ""
    return FollowUp(part, topic) if part or topic else None


def _named(token: str) -> dict[str, float]:
    """The topics that `token` names: one-word names count more than parts of longer ones."""
    found: dict[str, float] = {}
    for known, named in _names().items():
        if len(known) >= 4 and (like := likeness(token, known)) >= 0.9:
            for topic, size in named.items():
                found[topic] = max(found.get(topic, 0.0), like / size)
    return found


PARTS = (*(str(part) for part in Part), "source", "related")
"""The parts of a topic that a button or a follow-up question can ask for."""
