"""Estimates with what is uncertain about them, and whether two differ.

Wilson's interval for shares (J. Am. Stat. Assoc. 22 (1927) 209-212), Student's for means,
Welch's test for the difference of two means (Biometrika 34 (1947) 28-35). With weights, n is
Kish's effective n. Answers are taken for a simple random sample; who chose to answer is not
one, and no interval tells of that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval (None where it can't be told) and the n behind it."""

    value: float
    low: float | None
    high: float | None
    n: float
    variance: float = 0.0


def share(part: float, whole: float) -> Estimate:
    """Wilson's interval for `part` of `whole`; raises ZeroDivisionError for none at all."""
    p, z2 = part / whole, Z * Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z / (1 + z2 / whole) * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half), whole, p * (1 - p))


def mean(values: Sequence[float], weights: Sequence[float] | None = None) -> Estimate:
    """Student's interval for a mean, perhaps weighted; raises ZeroDivisionError for none."""
    used = weights if weights is not None else [1.0] * len(values)
    total = sum(used)
    n = total * total / sum(w * w for w in used)
    average = sum(w * v for w, v in zip(used, values, strict=True)) / total
    if n < 1.5:
        return Estimate(average, None, None, n)
    spread = sum(w * (v - average) ** 2 for w, v in zip(used, values, strict=True)) / total
    variance = spread * n / (n - 1)
    half = t_quantile(0.975, n - 1) * math.sqrt(variance / n)
    return Estimate(average, average - half, average + half, n, variance)


def difference(one: Estimate, other: Estimate) -> tuple[float, float | None]:
    """`other` less `one`, and how probable such a difference is by chance (Welch); or None."""
    change = other.value - one.value
    if one.low is None or other.low is None:
        return change, None
    a, b = one.variance / one.n, other.variance / other.n
    if a + b == 0:
        return change, None if change == 0 else 0.0
    freedom = (a + b) ** 2 / (a * a / (one.n - 1) + b * b / (other.n - 1))
    return change, 2 * (1 - t_cdf(abs(change) / math.sqrt(a + b), freedom))


def t_cdf(t: float, freedom: float) -> float:
    """Student's distribution, by the incomplete beta function (DLMF 8.17.22)."""
    x = freedom / (freedom + t * t)
    tail = 0.5 * _beta(x, freedom / 2, 0.5)
    return 1 - tail if t > 0 else tail


def t_quantile(p: float, freedom: float) -> float:
    """The value below which a share `p` (over a half) of Student's distribution lies."""
    low, high = 0.0, 1e3
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, freedom) < p else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log1p(-x)
    ) / a  # fmt: skip
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 300):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d)
            c = 1 + numerator / c
            fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * fraction
