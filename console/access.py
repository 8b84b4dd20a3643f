"""Who may do what: three roles, and the places a facilitator works in.

Every handler says what it needs with `@needs(...)`; one that says nothing is closed to all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web

from storage.users import User


class Right(StrEnum):
    """What a page or an action needs."""

    ANYONE = "anyone"  # nobody need be signed in
    SIGNED_IN = "signed_in"
    SEE = "see"  # results and progress, never addresses
    WORK = "work"  # surveys, campaigns, meetings, commitments
    TALK = "talk"  # what single citizens wrote, and answering them
    EXPORT = "export"
    MANAGE = "manage"  # accounts, everybody's tokens, the audit log


RIGHTS: dict[str, frozenset[Right]] = {
    "facilitator": frozenset({Right.SEE, Right.WORK, Right.TALK}),
    "analyst": frozenset({Right.SEE, Right.EXPORT}),
    "admin": frozenset(Right),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def needs(right: Right) -> Callable[[Handler], Handler]:
    """Mark a handler with the right it needs."""

    def mark(handler: Handler) -> Handler:
        handler.needs = right  # type: ignore[attr-defined]
        return handler

    return mark


def needed(handler: Any) -> Right | None:
    """The right a handler needs; None where nobody said, and then nobody gets in."""
    return getattr(handler, "needs", None)


@dataclass(frozen=True, slots=True)
class Access:
    """What one signed-in person may do."""

    user: User

    def may(self, right: str) -> bool:
        """Whether the role has the right."""
        return right in (Right.ANYONE, Right.SIGNED_IN) or right in RIGHTS[self.user.role]

    @property
    def everywhere(self) -> bool:
        """Whether all places are theirs: an analyst is held to places only if some are set."""
        if self.user.role == "analyst":
            return not self.user.places
        return self.user.role != "facilitator"

    @property
    def places(self) -> tuple[str, ...] | None:
        """The places they are held to, each with all beneath it; None where to none."""
        return None if self.everywhere else self.user.places

    def covers(self, place: str) -> bool:
        """Whether `place` is theirs. What belongs to no place is for those held to none."""
        return self.everywhere or any(place.startswith(own) for own in self.user.places if own)

    def covered(self, places: Iterable[str]) -> list[str]:
        """Those of `places` that are theirs."""
        return [place for place in places if self.covers(place)]


ACCESS = web.RequestKey("access", Access)
"""On every request of somebody who is signed in."""
