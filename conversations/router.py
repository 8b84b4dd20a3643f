"""Where free text leads: what was understood decides which dialogue answers.

Confident: the answer. Two intents close together: "did you mean", with buttons. Not
understood: examples and the menu, and the second time a person to turn to.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from content.search import search
from conversations.events import Heard
from conversations.facts import Understand
from conversations.messages import Choice
from conversations.turn import Turn
from nlu.understanding import Understanding

SURE = 0.5
CLOSE = 0.15
"""Two intents whose confidences differ by less are both offered."""
LEADS, AHEAD = 0.3, 3.0
"""A confidence of `LEADS` is enough where it is so many times that of the runner-up."""
PERHAPS = 0.15
"""Below, an intent is not even offered. How these were chosen: docs/content.md."""

OPENS: dict[str, tuple[str, str]] = {
    "open_menu": ("menu", ""),
    "greet": ("menu", ""),
    "help": ("help", ""),
    "start_survey": ("surveys", ""),
    "stop_messages": ("stop", ""),
    "resume_messages": ("stop", "resume"),
    "change_language": ("language", ""),
    "change_place": ("place", ""),
    "delete_my_data": ("privacy", "erase"),
    "ask_privacy": ("privacy", ""),
    "report_problem": ("problem", ""),
    "ask_budget": ("budget", ""),
    "ask_ldf_projects": ("ldf", ""),
    "ask_results": ("results", ""),
    "ask_commitments": ("commitments", ""),
    "affirm": ("invitation", ""),
}
"""Intents that open a dialogue, at a step."""

SAYS = (
    "goodbye",
    "thank",
    "ask_bot",
    "out_of_scope",
    "talk_to_human",
    "deny",
)
"""Intents that are answered with words alone (`router.<intent>`)."""


def route(turn: Turn) -> None:
    """Answer the turn's typed text."""
    answer(turn, turn.typed)


def answer(turn: Turn, words: str) -> None:
    """Find out what `words` mean and let the right dialogue answer."""
    understood = turn.world.get(Understand(words, turn.locale, turn.state.place))
    _log(turn, understood)
    turn.state.asked = ""
    if understood.intent and _is_clear(understood):
        turn.state.misses = 0
        _lead(turn, understood)
    elif understood.confidence >= PERHAPS and understood.intent != "out_of_scope":
        turn.state.asked = words
        _did_you_mean(turn, understood)
    elif understood.intent != "out_of_scope" and search(words):
        turn.open("entitlement", "search", text=words)
    else:
        _not_understood(turn)


def clearly_asks(turn: Turn, *, but: Collection[str]) -> bool:
    """Whether what was typed has one clear meaning, other than the intents `but`."""
    understood = turn.world.get(Understand(turn.typed, turn.locale, turn.state.place))
    return understood.intent not in ("", "out_of_scope", *but) and _is_clear(understood)


def choose(turn: Turn, intent: str) -> None:
    """The citizen picked what they meant; place and year are those of their question."""
    words, turn.state.asked = turn.state.asked, ""
    understood = Understanding(intent, 1.0)
    if words:
        understood = turn.world.get(Understand(words, turn.locale, turn.state.place))
    _lead(turn, replace(understood, intent=intent))


def _is_clear(understood: Understanding) -> bool:
    """Whether one intent stands out."""
    best = understood.confidence
    rivals = [confidence for _, confidence in understood.ranking[1:3]]
    if best >= SURE:
        return not any(best - rival < CLOSE for rival in rivals)
    return best >= LEADS and bool(rivals) and best >= AHEAD * rivals[0]


def _log(turn: Turn, understood: Understanding) -> None:
    """Analysts see with each free text what was understood, how surely, by which model."""
    for number, event in enumerate(turn.events):
        if isinstance(event, Heard):
            turn.events[number] = replace(
                event,
                intent=understood.intent,
                confidence=round(understood.confidence, 3),
                model=understood.model,
            )
            return


def _lead(turn: Turn, understood: Understanding) -> None:
    intent = understood.intent
    topic = intent.removeprefix("ask_entitlement/")
    facts: dict[str, Any] = {
        "places": list(understood.places or understood.ambiguous),
        "year": understood.year,
        "sector": understood.sector,
        "facility": understood.facility,
    }
    if topic != intent and turn.knows("entitlement"):
        turn.open("entitlement", topic=topic, **facts)
    elif intent in OPENS and turn.knows(OPENS[intent][0]):
        dialogue, step = OPENS[intent]
        details = facts if dialogue in ("budget", "ldf", "problem") else {}
        if dialogue in ("results", "commitments"):
            details = {"places": facts["places"]}
        turn.open(dialogue, step, **details)
    elif intent in SAYS:
        turn.say(turn.t(f"router.{intent}"), [Choice(turn.t("menu.title"), "go:menu")])
        turn.resume()
    else:
        _not_understood(turn)


def _did_you_mean(turn: Turn, understood: Understanding) -> None:
    choices = [
        Choice(turn.t(f"intent.{intent}"), f"mean:{intent}")
        for intent, confidence in (understood.ranking or ((understood.intent, 1.0),))[:3]
        if confidence >= PERHAPS / 2 and intent != "out_of_scope"
    ]
    turn.say(turn.t("router.did_you_mean"), [*choices, Choice(turn.t("menu.title"), "go:menu")])


def _not_understood(turn: Turn) -> None:
    turn.state.misses += 1
    first = turn.state.misses == 1
    key = "router.not_understood" if first else "router.not_understood_again"
    turn.say(turn.t(key), [Choice(turn.t("menu.title"), "go:menu")])
    turn.resume()
