"""Signs that a case was not answered with care; flags for a person to look at, no verdicts."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

FAST = 1 / 3
"""A case that took less than this share of the median time."""
ALIKE = 5
"""So many indicators, all given the same score."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How many complete cases carry each flag, of `cases`; times in seconds, `median` None
    where none is known."""

    cases: int
    median: float | None
    quarter: float | None
    three_quarters: float | None
    fast: int
    alike: int
    empty: int
    again: int


def quality(
    seconds: Sequence[int | None],
    scores: Sequence[Sequence[str | None]],
    citizens: Sequence[str],
) -> Quality:
    """Flags over complete cases: their durations, their indicators' scores, and who they are.

    `alike` is straight-lining; `empty` cases scored less than half of the indicators; `again`
    cases are a citizen's second or later.
    """
    known = sorted(one for one in seconds if one is not None)
    median = statistics.median(known) if known else None
    quarters = statistics.quantiles(known, n=4) if len(known) > 1 else [None, None, None]
    given = [[one for one in row if one is not None] for row in scores]
    return Quality(
        cases=len(seconds),
        median=median,
        quarter=quarters[0],
        three_quarters=quarters[2],
        fast=sum(one < median * FAST for one in known) if median is not None else 0,
        alike=sum(len(row) >= ALIKE and len(set(row)) == 1 for row in given),
        empty=sum(2 * len(row) < len(whole) for row, whole in zip(given, scores, strict=True)),
        again=len(citizens) - len(set(citizens)),
    )
