"""What a turn may know: the clock, fresh ids and facts, all injected.

A turn asks `world.get(query)`. A fact that is not at hand raises `Missing`; the caller
fetches it (NLU, a form version, a budget, …) and runs the same turn again. Since a turn
is pure, running it twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

T = TypeVar("T")


class Query(Generic[T]):
    """Base of all questions a turn may ask; subclasses are frozen dataclasses."""

    steady: ClassVar[bool] = False
    """Whether the answer never depends on what a citizen did a moment ago."""


class Missing(Exception):
    """Raised by a turn that needs a fact which was not fetched yet."""

    def __init__(self, query: Query[Any]) -> None:
        super().__init__(type(query).__name__)
        self.query = query


@dataclass
class World:
    """Everything outside the citizen's own state that one turn may see.

    `seed` makes the ids of a turn derive from its incoming event, so that a turn that
    runs again after a crash gives the same ids.
    """

    now: datetime
    seed: str
    facts: Mapping[Query[Any], Any] = field(default_factory=dict)
    _issued: int = 0

    def get(self, query: Query[T]) -> T:
        """The fact asked for; raises `Missing` when the caller must fetch it first."""
        if query not in self.facts:
            raise Missing(query)
        fact: T = self.facts[query]
        return fact

    def new_id(self) -> str:
        """A fresh id, the same one each time this turn is run again."""
        self._issued += 1
        return hashlib.blake2b(f"{self.seed}/{self._issued}".encode(), digest_size=12).hexdigest()
