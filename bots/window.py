"""A lane's window: no second, wherever it begins, holds more sends than the platform allows.

A request reaches the platform at some moment between its start here and its answer here, and
nobody can say when. So a send counts from its start until one second after its answer, and one
may start only while fewer than `rate` count. Of any two sends that reach the platform within
one second of each other, each therefore counted when the later one started; hence no second
can hold more than `rate`, whatever the delays on the way and in this process.

Only the answer to a send that takes longer than `ANSWERED` is not waited for: it is taken to
have arrived by then. The price is the time an answer takes: at 50 ms the lane makes
rate / 1.05 sends a second.

A message of several parts is as many sends one after another: each counts from the start of the
first to one second after the answer to the last, which is always waited for, as parts may be
tried again. One of more parts than `rate` starts when nothing else counts.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SECOND = 1.0
ANSWERED = 2.0
"""Seconds after which a send without an answer has reached the platform, if it ever does."""
APART = 0.9
"""Sends start at least this part of 1/rate apart, so that they don't bunch."""
CATCH_UP = 3
"""So many starts may be late and made up for at once."""

Monotonic = Callable[[], float]


class Window:
    """One bot's or page's sends of the last second; without a `rate` there is no limit."""

    def __init__(self, rate: float, clock: Monotonic = time.monotonic) -> None:
        """`rate` is sends a second; below 1 it is taken as 1."""
        self._rate = max(1, int(rate)) if rate else 0
        self._clock = clock
        self._begun: dict[int, tuple[float, int]] = {}
        self._ended: deque[float] = deque()
        self._next = 0.0
        self._number = 0
        self.others = 0
        """Sends a second that other processes make, which are left room for."""

    def delay(self, ahead: int = 0, parts: int = 1) -> float:
        """Seconds for which certainly no message of `parts` may start; 0 if one may start now.

        `ahead` sends are about to start before it.
        """
        if not self._rate:
            return 0.0
        now = self._clock()
        self._forget(now)
        in_turn = self._next + ahead * APART / self._rate
        return max(0.0, self._room_at(now, ahead, parts) - now, in_turn - now)

    def begin(self, parts: int = 1) -> int:
        """A message of `parts` starts now; its number, for `end`."""
        self._number += 1
        if self._rate:
            now = self._clock()
            gap = APART / self._rate
            self._begun[self._number] = now, parts
            self._next = max(self._next, now - CATCH_UP * gap) + gap * parts
        return self._number

    def end(self, number: int) -> None:
        """The answer came, or nothing will."""
        if (found := self._begun.pop(number, None)) is not None:
            self.count(found[1])

    def count(self, sends: int) -> None:
        """So many sends are over, or were made past the window: replies, which never wait."""
        if self._rate:
            self._ended.extend([self._clock()] * sends)

    def _forget(self, now: float) -> None:
        """Drop what can't have reached the platform within the last second."""
        for number, (begun, parts) in list(self._begun.items()):
            if now - begun < ANSWERED:
                break
            if parts == 1:
                del self._begun[number]
                self._ended.append(now)
        while self._ended and now - self._ended[0] >= SECOND:
            self._ended.popleft()

    def _room_at(self, now: float, ahead: int, parts: int) -> float:
        """A moment before which there can't be room for `parts`."""
        limit = max(1, self._rate - self.others)
        going = sum(parts for _, parts in self._begun.values())
        over = going + len(self._ended) + ahead + min(parts, limit) - 1 - limit
        if over < 0:
            return now
        if over < len(self._ended):
            return self._ended[over] + SECOND
        # Whatever is on its way counts for a second after its answer.
        return now + SECOND
