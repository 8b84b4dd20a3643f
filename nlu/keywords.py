"""Understanding by keywords: what answers while Rasa is slow, down or not installed yet."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from nlu.normalize import skeleton

MODEL = "keywords"
SURE = 0.6
"""Confidence of a phrase of several words; a single word says less."""
UNSURE = 0.45

_FILE = Path(__file__).parent / "lexicon" / "keywords.yml"


def rank(text: str) -> tuple[tuple[str, float], ...]:
    """The intents whose phrases stand in `text`, the longest phrase first; at most five."""
    folded = skeleton(text)
    best: dict[str, tuple[int, float]] = {}
    for intent, pattern, length, confidence in _phrases():
        if pattern.search(folded) and length > best.get(intent, (0, 0.0))[0]:
            best[intent] = (length, confidence)
    order = sorted(best.items(), key=lambda item: -item[1][0])[:5]
    if not order:
        return ()
    longest = order[0][1][0]
    return tuple((intent, round(sure * length / longest, 3)) for intent, (length, sure) in order)


@cache
def _phrases() -> list[tuple[str, re.Pattern[str], int, float]]:
    """Intent, pattern over skeletons, length and confidence of every phrase."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    found = []
    for intent, phrases in content.items():
        for phrase in map(str, phrases):
            folded = skeleton(phrase)
            whole = phrase.endswith(".")
            pattern = rf"^{re.escape(folded)}$" if whole else rf"(?:^|\s){re.escape(folded)}"
            sure = SURE if whole or " " in folded else UNSURE
            found.append((intent, re.compile(pattern), len(folded), sure))
    return found
