"""A citizen's conversation with the real engine, and facts as the test has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from conversations.engine import advance
from conversations.events import Event, Said
from conversations.facts import ChartPicture, LetterFile, Understand
from conversations.messages import Choice, Incoming, Kind, Outgoing
from conversations.state import State
from conversations.world import Missing, Query, World
from nlu.understanding import Understanding

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
PICTURE, FILE = "picture-id", "file-id"


@dataclass
class Conversation:
    """Says and taps one thing after another; `answers` gives facts by kind of query."""

    state: State = field(default_factory=lambda: State(locale="mn", consent="given", place="2101"))
    answers: dict[type[Query[Any]], Callable[[Any], Any]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    turns: int = 0
    last_asked: list[Query[Any]] = field(default_factory=list)

    def says(self, text: str, intent: str = "", **understood: Any) -> str:
        """Type `text`, which NLU understands as `intent`; returns all that was said."""
        meaning = Understanding(intent, 0.95 if intent else 0.0, **understood)
        return self._turn(Incoming(self._id(), Kind.TEXT, NOW, text=text), meaning)

    def taps(self, payload: str) -> str:
        """Press a button."""
        return self._turn(
            Incoming(self._id(), Kind.TAP, NOW, payload=payload), Understanding("", 0)
        )

    @property
    def messages(self) -> list[Outgoing]:
        """What was said in the last turn."""
        return [event.message for event in self.events if isinstance(event, Said)]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The buttons under the last message."""
        return self.messages[-1].choices

    @property
    def payloads(self) -> list[str]:
        """What these buttons send."""
        return [choice.payload for choice in self.choices]

    def _id(self) -> str:
        self.turns += 1
        return f"turn-{self.turns}"

    def _turn(self, incoming: Incoming, meaning: Understanding) -> str:
        known: dict[Query[Any], Any] = {}
        self.last_asked = []
        while True:
            try:
                self.state, self.events = advance(
                    self.state, incoming, World(NOW, incoming.id, known)
                )
            except Missing as missing:
                self.last_asked.append(missing.query)
                known[missing.query] = self._fact(missing.query, meaning)
            else:
                return "\n".join(message.text for message in self.messages)

    def _fact(self, query: Query[Any], meaning: Understanding) -> Any:
        if isinstance(query, Understand):
            return meaning
        if isinstance(query, ChartPicture):
            return PICTURE
        if isinstance(query, LetterFile):
            return FILE
        return self.answers[type(query)](query)
