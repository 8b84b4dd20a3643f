"""How much one visitor may do: a token bucket for each."""

from __future__ import annotations

import time
from collections.abc import Callable

SWEEP_AT = 10_000
"""Visitors remembered before those with nothing spent are forgotten."""


class Allowance:
    """At most `burst` things at once, and `per_second` in the long run, for each key."""

    def __init__(
        self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._spent: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> float:
        """Use up one of `key`'s; returns 0.0, or how many seconds to wait when none is left."""
        now = self._clock()
        spent = self._left_over(key, now)
        if spent + 1 > self._burst:
            return (spent + 1 - self._burst) / self._per_second
        self._spent[key] = (spent + 1, now)
        if len(self._spent) > SWEEP_AT:
            self._sweep(now)
        return 0.0

    def _left_over(self, key: str, now: float) -> float:
        spent, then = self._spent.get(key, (0.0, now))
        return max(0.0, spent - (now - then) * self._per_second)

    def _sweep(self, now: float) -> None:
        self._spent = {
            key: kept for key, kept in self._spent.items() if self._left_over(key, now) > 0
        }
