"""How many may come from one network address: a whole school, but no flood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bots.web.allowance import Allowance

HOUR = 3600.0


class Crowd:
    """Open pages and new visitors of each network address, in this process.

    `pages` may be open at once, `newcomers` come in an hour; 0: as many as like.
    """

    def __init__(self, pages: int, newcomers: int) -> None:
        self._pages = pages
        self._open: Counter[str] = Counter()
        self._newcomers = Allowance(newcomers, newcomers / HOUR) if newcomers else None

    def full(self, network: str) -> bool:
        """Whether no further page of this address has room."""
        return bool(self._pages) and self._open[network] >= self._pages

    @contextmanager
    def page(self, network: str) -> Iterator[None]:
        """A page of this address is open."""
        self._open[network] += 1
        try:
            yield
        finally:
            self._open[network] -= 1
            if not self._open[network]:
                del self._open[network]

    def newcomer(self, network: str) -> float:
        """Somebody new comes: 0.0, or how many seconds they must wait."""
        return self._newcomers.take(network) if self._newcomers else 0.0
