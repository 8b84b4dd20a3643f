"""Walking a form without storing anything: the same engine, with a world of its own.

The terminal's preview uses it, and so may a web page: `begin` once, then `send` what a
citizen would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from conversations.dialogues import DIALOGUES
from conversations.engine import advance
from conversations.events import Event, Said
from conversations.facts import OpenInvitation, Understand
from conversations.messages import Incoming, Kind, Outgoing
from conversations.state import State
from conversations.survey.form import Form, FormVersion
from conversations.turn import Turn
from conversations.world import Query, World
from nlu.understanding import Understanding


class PreviewFacts(Mapping[Query[Any], Any]):
    """Knows the one form, understands no free text, and nobody was invited to anything."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __getitem__(self, query: Query[Any]) -> Any:
        if isinstance(query, FormVersion):
            return self._form
        if isinstance(query, Understand):
            return Understanding("", 0.0)
        if isinstance(query, OpenInvitation):
            return ""
        raise KeyError(query)

    def __contains__(self, query: object) -> bool:
        return isinstance(query, (FormVersion, Understand, OpenInvitation))

    def __iter__(self) -> Iterator[Query[Any]]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Preview:
    """A conversation about one form, in memory; its case is marked as a test."""

    def __init__(self, form: Form, locale: str = "mn") -> None:
        self.state = State(locale=locale, consent="given", place="preview")
        self._facts = PreviewFacts(form)
        self._version = form.version
        self._turns = 0

    def begin(self, now: datetime) -> list[Event]:
        """Open the survey; what happens is given back."""
        incoming = Incoming("0", Kind.TAP, now)
        turn = Turn(self.state, incoming, World(now, "preview/0", self._facts), DIALOGUES)
        turn.open("survey", form=self._version, is_test=True)
        return self._kept(turn.state, turn.events)

    def send(self, incoming: Incoming) -> list[Event]:
        """What the citizen did; what happens is given back."""
        self._turns += 1
        world = World(incoming.at, f"preview/{self._turns}", self._facts)
        return self._kept(*advance(self.state, incoming, world))

    def _kept(self, state: State, events: list[Event]) -> list[Event]:
        self.state = State.from_document(state.to_document())
        return events

    @property
    def is_open(self) -> bool:
        """Whether the survey still goes on."""
        return any(frame.dialogue == "survey" for frame in self.state.stack)


def messages(events: list[Event]) -> list[Outgoing]:
    """What is said among what happened."""
    return [event.message for event in events if isinstance(event, Said)]
