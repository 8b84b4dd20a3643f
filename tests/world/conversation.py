"""A conversation in memory: the pure engine with facts a test decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from conversations.engine import advance
from conversations.events import Event, Said
from conversations.facts import (
    BudgetOf,
    ChartPicture,
    CommitmentsOf,
    FacilitiesOf,
    FacilitiesWith,
    Known,
    KnownAboutMe,
    LetterFile,
    OpenInvitation,
    OpenSurveys,
    Referral,
    ReportStatus,
    ResultsOf,
    Understand,
)
from conversations.messages import Incoming, Kind, Outgoing
from conversations.state import State
from conversations.world import Missing, Query, World
from nlu.understanding import Understanding

Resolver = Callable[[Any], Any]


def not_understood(_: Understand) -> Understanding:
    """Understanding that fails."""
    return Understanding("out_of_scope", 0.9, (("out_of_scope", 0.9),), model="test")


@dataclass
class Conversation:
    """What one citizen does, and what they see; `resolvers` answer the turn's queries."""

    state: State = field(default_factory=State)
    now: datetime = datetime(2026, 11, 24, 9, tzinfo=UTC)
    resolvers: dict[type[Query[Any]], Resolver] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    screen: list[Outgoing] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.resolvers.setdefault(OpenSurveys, lambda _: ())
        self.resolvers.setdefault(KnownAboutMe, lambda _: Known())
        self.resolvers.setdefault(Understand, not_understood)
        self.resolvers.setdefault(BudgetOf, lambda _: None)
        self.resolvers.setdefault(FacilitiesOf, lambda _: ())
        self.resolvers.setdefault(ReportStatus, lambda _: None)
        self.resolvers.setdefault(ChartPicture, lambda _: "picture")
        self.resolvers.setdefault(LetterFile, lambda _: "letter")
        self.resolvers.setdefault(Referral, lambda _: None)
        self.resolvers.setdefault(OpenInvitation, lambda _: "")
        self.resolvers.setdefault(FacilitiesWith, lambda _: ())
        self.resolvers.setdefault(ResultsOf, lambda _: None)
        self.resolvers.setdefault(CommitmentsOf, lambda _: ("", ()))

    def join(self, payload: str = "") -> list[Outgoing]:
        """Press Start, or follow a link."""
        return self.do(Kind.JOIN, payload=payload)

    def write(self, text: str) -> list[Outgoing]:
        """Type `text`."""
        return self.do(Kind.TEXT, text=text)

    def tap(self, payload: str) -> list[Outgoing]:
        """Press the button with `payload`."""
        return self.do(Kind.TAP, payload=payload)

    def press(self, label: str) -> list[Outgoing]:
        """Press the latest button whose label begins with `label`."""
        for message in reversed(self.screen):
            for choice in message.choices:
                if choice.label.startswith(label):
                    return self.tap(choice.payload)
        raise AssertionError(f"no button {label!r} on the screen")

    def do(self, kind: Kind, **what: Any) -> list[Outgoing]:
        """Anything a citizen can do; returns what it brings on the screen."""
        self.now += timedelta(seconds=5)
        incoming = Incoming(str(next(self._numbers)), kind, self.now, **what)
        facts: dict[Query[Any], Any] = {}
        for _ in range(20):
            try:
                state, events = advance(self.state, incoming, World(self.now, incoming.id, facts))
            except Missing as missing:
                facts[missing.query] = self.resolvers[type(missing.query)](missing.query)
            else:
                break
        else:
            raise AssertionError("the turn never stops asking")
        self.state = State.from_document(state.to_document())
        self.events += events
        said = [event.message for event in events if isinstance(event, Said)]
        self.screen += said
        return said

    def welcomed(self, locale: str = "mn", consent: str = "yes") -> Conversation:
        """Through the welcome, to the menu."""
        self.join()
        self.tap(f"lang:{locale}")
        self.tap(f"consent:{consent}")
        if consent == "yes":
            self.tap("place:skip")
        return self


def words(said: list[Outgoing]) -> str:
    """All that was said, for `in`."""
    return "\n".join(message.text for message in said)


def labels(said: list[Outgoing]) -> list[str]:
    """All buttons' labels."""
    return [choice.label for message in said for choice in message.choices]
