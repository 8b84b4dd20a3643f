"""Answers that a form may accept, for walking any form to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from conversations.survey.case import Case
from conversations.survey.form import Form
from conversations.survey.interpreter import Rejected, Spot, Walk

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
TRIES = 40
STEPS = 5000


class Stuck(Exception):
    """No generated answer is accepted: the form asks for something particular."""


def candidates(walk: Walk, spot: Spot, random: Random) -> str:
    """One answer of the right shape."""
    kind = spot.node.kind
    if spot.is_more:
        return "no" if "[3]" in spot.ref or random.random() < 0.5 else "yes"
    if kind in ("select_one", "range"):
        names = [option.name for option in walk.options(spot)]
        return random.choice(names) if names else ""
    if kind in ("select_multiple", "rank"):
        names = [option.name for option in walk.options(spot)]
        random.shuffle(names)
        size = len(names) if kind == "rank" else random.randint(0, len(names))
        return " ".join(names[:size])
    if kind == "integer":
        usual = random.random() < 0.8
        return str(random.choice([0, 1, 2, 3, 5, 18] if usual else [-1, 40, 100, 2020, 10**7]))
    if kind == "decimal":
        return str(random.choice([0.5, 1, 2.5, 10.1, 12.5, 37.2, 100, 130, -3]))
    return {
        "date": random.choice(["2026-11-24", "2020-02-29", "1990-01-01", "2030-05-05"]),
        "time": "14:30:00",
        "datetime": "2026-11-24T14:30:00.000+08:00",
        "geopoint": "47.92 106.92 0 0",
        "acknowledge": "OK",
        "text": random.choice(["a", "Бат", "hello world", "12345", "99112233", "0712345678", "A1"]),
    }.get(kind, "media-1")


def walk_through(form: Form, random: Random, locale: str = "en") -> tuple[Case, list[str]]:
    """A case answered to its end, each step from its document; and what expressions failed.

    Raises Stuck when a required question accepts nothing, and AssertionError on a loop.
    """
    document = Walk.start(form, "case", NOW, locale=locale).case.to_document()
    faults: list[str] = []
    for _ in range(STEPS):
        walk = Walk(form, Case.from_document(document), NOW, locale=locale)
        spot = walk.current()
        if spot is None:
            return walk.case, faults
        for note in walk.notes(spot):
            walk.label(note)
        walk.label(spot), walk.hint(spot), walk.headings(spot), walk.progress()
        answer(walk, spot, random)
        faults += walk.state.faults
        document = walk.case.to_document()
    raise AssertionError("the form does not end")


def answer(walk: Walk, spot: Spot, random: Random) -> str:
    """Answer or skip one question; raises Stuck."""
    for _ in range(TRIES):
        value = candidates(walk, spot, random)
        try:
            if value:
                walk.answer(spot, value)
            else:
                walk.skip(spot)
            return value
        except Rejected:
            continue
    try:
        walk.skip(spot)
    except Rejected:
        raise Stuck(spot.ref) from None
    return ""
