"""What was understood of a free text: the one shape that client, conversation and log share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Understanding:
    """An intent with its rivals, and what the text speaks of.

    `confidence` is 0 to 1; `ranking` the likeliest intents first, the best included.
    `places` holds official unit codes; `ambiguous` those a shared name may mean where none
    could be chosen. `source` is "rasa" or "keywords", `model` the version that answered.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    places: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    year: int | None = None
    sector: str = ""
    facility: str = ""
    model: str = ""
    source: str = "rasa"
