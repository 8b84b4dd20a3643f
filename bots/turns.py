"""Running one turn: the pure engine, with the facts it asks for fetched in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bots.facts import Facts
from conversations.engine import advance
from conversations.events import Event
from conversations.messages import Incoming
from conversations.state import State
from conversations.world import Missing, Query, World
from storage.store import Document, Session

MAX_FACTS = 12


class TooManyFacts(Exception):
    """A turn that never stops asking: a defect in a dialogue."""


async def run_turn(
    state: State, incoming: Incoming, *, citizen: str, now: datetime, facts: Facts
) -> tuple[State, list[Event]]:
    """The turn's new state and events.

    A turn that lacks a fact is run again once it is there: turns are pure, so only the last
    run counts. Raises TooManyFacts, and whatever a resolver or dialogue raises.
    """
    seed = f"{citizen}/{incoming.id}"
    known: dict[Query[Any], Any] = {}
    for _ in range(MAX_FACTS):
        try:
            return advance(state, incoming, World(now, seed, known))
        except Missing as missing:
            known[missing.query] = await facts.fetch(missing.query, citizen)
    raise TooManyFacts(f"more than {MAX_FACTS} facts in one turn")


@dataclass(frozen=True, slots=True)
class Ran:
    """A turn as it is stored: `keep` is whether the citizen has agreed to be remembered."""

    state: Document
    events: list[Document]
    keep: bool


async def run_stored_turn(
    session: Session, incoming: Incoming, *, now: datetime, facts: Facts
) -> Ran:
    """The turn that comes next in `session`; raises as `run_turn` does."""
    state, events = await run_turn(
        State.from_document(session.state),
        incoming,
        citizen=session.citizen,
        now=now,
        facts=facts,
    )
    return stored(session, state, events, now)


def stored(session: Session, state: State, events: Sequence[Event], now: datetime) -> Ran:
    """State and events as documents; ids derive from the citizen, the turn and the event."""
    keep = state.consent == "given"
    documents = [
        {
            "_id": f"{session.citizen}:{session.version + 1}:{number}",
            "at": now,
            "keep": keep,
            **event.to_document(),
        }
        for number, event in enumerate(events)
    ]
    return Ran(state.to_document(), documents, keep)
