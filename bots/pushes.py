"""Whether a campaign's message may go to this citizen at this moment, and if not, what then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from content.hours import Hours
from storage.invitations import RANK
from storage.store import Document, Store

FRESH = timedelta(seconds=0.5)
"""How old what is known of a push may be: so soon a stop takes effect."""
AGAIN = timedelta(seconds=5)
"""When a push that is not open is looked at again; a stopped one's batches are taken away."""
WINDOWS = {"messenger": timedelta(hours=24)}
"""How long after a citizen's last message or tap a channel lets us write first."""


class Action(StrEnum):
    """What is done with a message whose turn has come."""

    SEND = "send"
    TEMPLATE = "template"  # outside the window, by an approved template
    LATER = "later"  # not now, at `until`
    LEAVE = "leave"  # the push is stopped or closed for the day: the whole batch waits
    HOLD = "hold"  # when they next write
    SKIP = "skip"  # never, for `reason`


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done, and why; `disposition` is what a skip makes of the invitation."""

    action: Action
    reason: str = ""
    until: datetime | None = None
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """A push as the sender knows it."""

    id: str
    kind: str
    state: str
    hours: Hours
    messages: dict[str, Document]
    templates: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    full: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether its messages may leave."""
        return self.state == "open"

    def words(self, locale: str) -> Document:
        """What it says, in the citizen's language or else in Mongolian."""
        return self.messages.get(locale) or self.messages["mn"]


class Pushes:
    """Pushes as stored, looked up at most every half second."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[datetime, Push]] = {}

    async def get(self, push: str) -> Push:
        """The push; raises KeyError when there is none."""
        now = self._clock()
        known = self._known.get(push)
        if known is not None and timedelta(0) <= now - known[0] < FRESH:
            return known[1]
        found = await self._store.outbox.push(push)
        if found is None:
            raise KeyError(push)
        fresh = Push(
            push,
            found["kind"],
            found["state"],
            Hours.from_document(found["hours"]),
            found["messages"],
            found.get("templates", {}),
            tuple(found.get("full", ())),
        )
        self._known[push] = now, fresh
        return fresh


def verdict(
    push: Push,
    message: Document,
    contact: dict[str, Any],
    now: datetime,
    *,
    idle: timedelta,
    template: bool,
) -> Verdict:
    """What is done with `message` at `now`; `template` says that there is one to use."""
    opens = push.hours.next_open(now, message["zone"])
    if not push.is_open or opens is None or opens > now:
        return Verdict(Action.LEAVE, until=opens if push.is_open else now + AGAIN)
    if not contact["consent"] or contact["stopped"]:
        return Verdict(Action.SKIP, "stopped", disposition="ineligible")
    if contact["off"]:
        return Verdict(Action.SKIP, contact["off"], disposition="unreachable")
    if push.kind == "invite" and _is_full(push.full, message):
        return Verdict(Action.SKIP, "quota", disposition="ineligible")
    last = contact["last_inbound"]
    if last is not None and now - last < idle:
        return Verdict(Action.LATER, until=last + idle)
    window = WINDOWS.get(message["channel"])
    if window is not None and (last is None or now - last >= window):
        return Verdict(Action.TEMPLATE if template else Action.HOLD, "window")
    return Verdict(Action.SEND)


def answered(invitation: Document | None) -> bool:
    """Whether a reminder would come too late."""
    if invitation is None:
        return True
    over = invitation["rank"] >= RANK["complete"] or invitation["disposition"] == "refused"
    return bool(over)


def _is_full(full: tuple[str, ...], message: Document) -> bool:
    place, facility = message.get("place", ""), message.get("facility", "")
    for quota in full:
        by, _, key = quota.partition(":")
        if by == "total" or (by == "facility" and key == facility):
            return True
        if by == "place" and place.startswith(key):
            return True
    return False
