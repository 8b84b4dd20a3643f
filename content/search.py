"""Finding topics by the words people use, where no label of language understanding fits.

Words are compared as skeletons (see `nlu.normalize`), so script and spelling don't matter,
and as beginnings, since Mongolian puts its endings behind.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from content.entitlement import entitlements
from content.followups import SHORTEST, likeness, tokens, word_list

NAME, TEXT, PHRASE = 3.0, 1.0, 5.0
"""Weights of a word in a topic's names, of one in its statements, and of a whole name."""
ENOUGH = 3.5
"""A score below this is chance: one common word of a statement scores about 3."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic that may be meant; a higher score is a better fit."""

    topic: str
    score: float


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
    ignored = word_list("filler") | word_list("common")
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
