"""When to try again: exponential backoff with jitter."""

from __future__ import annotations

import random
from datetime import timedelta

BASE = 1.0
LONGEST = 300.0


def backoff(tries: int, longest: float = LONGEST) -> timedelta:
    """How long to wait after `tries` failures: 1, 2, 4 … `longest` s, each ± half (full spread).

    Jitter keeps many that failed together from coming back together.
    """
    span = min(longest, BASE * 2.0 ** max(0, tries - 1))
    return timedelta(seconds=span * (0.5 + random.random()))  # noqa: S311
