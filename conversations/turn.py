"""One turn of a conversation, as a dialogue sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from conversations.events import Event, Said
from conversations.messages import Choice, Incoming, Kind, Outgoing
from conversations.state import Frame, State
from conversations.world import World
from locales import text

MAX_DEPTH = 6
MAX_EVENTS = 60
PAGE = 8
"""Choices shown at once: fits a small screen and every channel's limit."""


class RunawayTurn(Exception):
    """A turn that opened or said without end: a defect in a dialogue, never the citizen's."""


class Dialogue(Protocol):
    """A conversation about one thing.

    `prompt` asks (or asks again) what the frame's step needs; `receive` deals with what the
    citizen did and returns False when it is none of this dialogue's business.
    """

    name: str

    def prompt(self, turn: Turn, frame: Frame) -> None: ...
    def receive(self, turn: Turn, frame: Frame) -> bool: ...


class Turn:
    """The citizen's state, what came in, and what happens because of it."""

    def __init__(
        self, state: State, incoming: Incoming, world: World, dialogues: dict[str, Dialogue]
    ) -> None:
        self.state = state
        self.incoming = incoming
        self.world = world
        self.events: list[Event] = []
        self._dialogues = dialogues

    # -- what is said -------------------------------------------------------------------

    @property
    def locale(self) -> str:
        """The citizen's language, Mongolian until they choose."""
        return self.state.locale or "mn"

    def t(self, key: str, **values: Any) -> str:
        """The words for `key` in the citizen's language."""
        return text(self.locale, key, **values)

    def say(
        self,
        words: str,
        choices: Sequence[Choice] = (),
        *,
        columns: int = 1,
        picture: str = "",
        document: str = "",
        wants: str = "",
    ) -> None:
        """Send `words` (already in the citizen's language) with what can be pressed."""
        message = Outgoing(words, tuple(choices), columns, picture, document, wants)
        self.emit(Said(message, dialogue=self.frame.dialogue if self.frame else ""))

    def emit(self, event: Event) -> None:
        """Record that `event` happened; raises RunawayTurn on an endless dialogue."""
        if len(self.events) >= MAX_EVENTS:
            raise RunawayTurn(f"more than {MAX_EVENTS} events in one turn")
        self.events.append(event)

    @property
    def spoke(self) -> bool:
        """Whether the citizen gets an answer from this turn."""
        return any(isinstance(event, Said) for event in self.events)

    # -- what was done ------------------------------------------------------------------

    def tapped(self, prefix: str) -> str | None:
        """What follows `prefix:` in the pressed button's payload, or None."""
        if self.incoming.kind is not Kind.TAP:
            return None
        head, colon, rest = self.incoming.payload.partition(":")
        return rest if head == prefix and colon else None

    @property
    def typed(self) -> str:
        """What the citizen typed, stripped; "" if they did something else."""
        return self.incoming.text.strip() if self.incoming.kind is Kind.TEXT else ""

    # -- dialogues ----------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """The dialogue that is being answered."""
        return self.state.stack[-1] if self.state.stack else None

    def knows(self, dialogue: str) -> bool:
        """Whether there is such a dialogue."""
        return dialogue in self._dialogues

    def open(self, dialogue: str, step: str = "", **data: Any) -> None:
        """Start `dialogue` above the present one, which goes on when it closes."""
        if any(frame.dialogue == dialogue for frame in self.state.stack):
            self.state.stack = [f for f in self.state.stack if f.dialogue != dialogue]
        if len(self.state.stack) >= MAX_DEPTH:
            del self.state.stack[0]
        self.state.stack.append(Frame(dialogue, step, data))
        self.prompt()

    def step(self, step: str) -> None:
        """Go to another step of the present dialogue and ask what it needs."""
        if self.frame is not None:
            self.frame.step = step
            self.prompt()

    def close(self) -> None:
        """End the present dialogue; the one beneath asks again where it was."""
        if self.state.stack:
            self.state.stack.pop()
        self.resume()

    def resume(self) -> None:
        """Ask again what was open, after something else was dealt with.

        A dialogue that is `quiet` (the menu) need not be repeated.
        """
        if self.frame and not getattr(self._dialogues[self.frame.dialogue], "quiet", False):
            self.prompt()

    def prompt(self) -> None:
        """Ask what the present dialogue needs, if one is open."""
        if self.frame is not None:
            self._dialogues[self.frame.dialogue].prompt(self, self.frame)
