"""Weights that make those who answered look like those who live there.

Raking (iterative proportional fitting): Deming & Stephan, Annals of Mathematical Statistics
11 (1940) 427-444. The effective sample size is Kish's: (Σw)² / Σw².
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from locales.told import Told

TURNS = 200
CLOSE = 1e-6


class WeightingError(ValueError):
    """Margins that can't be reached; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Raked:
    """`weights` have a mean of 1 over those weighted; NaN for those who are not."""

    weights: numpy.ndarray[tuple[int], numpy.dtype[numpy.float64]]
    weighted: int
    effective: float
    turns: int
    largest: float


def rake(
    values: Mapping[str, Sequence[str | None]],
    margins: Mapping[str, Mapping[str, float]],
    included: Sequence[bool],
) -> Raked:
    """Weights that give `included` rows the shares of `margins` in every column.

    Rows with a blank or a value without a margin in any of the columns get no weight. Raises
    WeightingError when a margin has nobody behind it or the weights do not settle.
    """
    use = numpy.array(included, dtype=bool)
    groups: list[list[tuple[numpy.ndarray, float]]] = []
    for column, shares in margins.items():
        total = sum(shares.values())
        if total <= 0 or any(share < 0 for share in shares.values()):
            raise WeightingError(Told("exports.fault.shares", column=column))
        here = numpy.array(values[column], dtype=object)
        use &= numpy.isin(here, list(shares))
        groups.append([(here == value, share / total) for value, share in shares.items()])
    if not use.any():
        raise WeightingError(Told("exports.fault.no_margin_case"))
    for column, group in zip(margins, groups, strict=True):
        for (rows, share), value in zip(group, margins[column], strict=True):
            if share and not (rows & use).any():
                share_of_it = f"{share:.1%}"
                raise WeightingError(
                    Told("exports.fault.nobody", column=column, value=value, share=share_of_it)
                )
    return _fit(use, [[(rows & use, share) for rows, share in group] for group in groups])


def _fit(use: numpy.ndarray, groups: list[list[tuple[numpy.ndarray, float]]]) -> Raked:
    weights = use.astype(float)
    total = float(use.sum())
    for turn in range(1, TURNS + 1):
        off = 0.0
        for group in groups:
            for rows, share in group:
                now = float(weights[rows].sum())
                if now > 0:
                    off = max(off, abs(now / total - share))
                    weights[rows] *= share * total / now
        if off < CLOSE:
            used = weights[use]
            effective = float(used.sum() ** 2 / (used**2).sum())
            weights[~use] = numpy.nan
            return Raked(weights, int(use.sum()), effective, turn, float(used.max()))
    raise WeightingError(Told("exports.fault.unsettled", turns=TURNS, off=f"{off:.4f}"))
