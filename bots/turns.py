"""Running one turn: the pure engine, with the facts it asks for fetched in between."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bots.facts import Facts
from conversations.engine import advance
from conversations.events import Event
from conversations.messages import Incoming
from conversations.state import State
from conversations.world import Missing, Query, World

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
