"""A citizen who has been welcomed and says things whose meaning the test decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conversations.events import Event
from conversations.facts import Understand
from conversations.messages import Choice, Outgoing
from conversations.state import State
from conversations.world import Query
from nlu.understanding import Understanding
from tests.world.conversation import Conversation, words

PICTURE, FILE = "picture", "letter"
"""The media ids of every chart and letter."""


class Citizen(Conversation):
    """Lives in Kherlen, Dornod; `answers` gives facts by kind of query."""

    def __init__(self, answers: dict[type[Query[Any]], Callable[[Any], Any]] | None = None) -> None:
        super().__init__(state=State(locale="mn", consent="given", place="2101"))
        self.answers = self.resolvers
        self.answers |= answers or {}
        self.asked: list[Query[Any]] = []
        self.messages: list[Outgoing] = []
        self.turn_events: list[Event] = []

    def says(self, text: str, intent: str = "", **understood: Any) -> str:
        """Type `text`, which is understood as `intent`; returns all that was said."""
        meaning = Understanding(intent, 0.95 if intent else 0.0, **understood)
        self.answers[Understand] = lambda _: meaning
        return self._told(lambda: self.write(text))

    def taps(self, payload: str) -> str:
        """Press a button; returns all that was said."""
        return self._told(lambda: self.tap(payload))

    def fact(self, kind: type[Query[Any]]) -> Any:
        """The one query of this kind that the last turn asked."""
        (query,) = [query for query in self.asked if isinstance(query, kind)]
        return query

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The buttons under the last message."""
        return self.messages[-1].choices

    @property
    def payloads(self) -> list[str]:
        """What these buttons send."""
        return [choice.payload for choice in self.choices]

    def _told(self, act: Callable[[], list[Outgoing]]) -> str:
        self.asked.clear()
        before = len(self.events)
        resolvers = dict(self.resolvers)
        for kind, answer in resolvers.items():
            self.resolvers[kind] = self._noting(answer)
        try:
            self.messages = act()
        finally:
            self.resolvers.clear()
            self.resolvers.update(resolvers)
        self.turn_events = self.events[before:]
        return words(self.messages)

    def _noting(self, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def note(query: Query[Any]) -> Any:
            self.asked.append(query)
            return answer(query)

        return note
