"""How often one token may ask."""

from __future__ import annotations

import math
import time
from collections import OrderedDict

BURST = 120.0
PER_SECOND = 2.0
KNOWN = 10_000


class Allowance:
    """A bucket for each token: `BURST` requests at once, then `PER_SECOND`."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> int:
        """0 if `who` may ask now, else how many seconds to wait."""
        now = time.monotonic()
        left, at = self._buckets.pop(who, (BURST, now))
        left = min(BURST, left + (now - at) * PER_SECOND)
        allowed = left >= 1
        self._buckets[who] = (left - 1 if allowed else left, now)
        if len(self._buckets) > KNOWN:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / PER_SECOND)
