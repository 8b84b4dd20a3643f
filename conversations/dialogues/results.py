"""What citizens said of a facility: the published scores, and what follows from them."""

from __future__ import annotations

from content.wording import day
from conversations.dialogues.money import menu
from conversations.facts import FacilitiesWith, Indicator, ResultsOf, ResultsTold
from conversations.messages import Choice
from conversations.places import full_name
from conversations.state import Frame
from conversations.turn import PAGE, Turn

SHOWN = 3
"""Indicators told of the best, and of the worst."""
CHANGED = 0.1
"""A smaller change of a mean is none that people would feel."""


class Results:
    """Buttons: `rs:f:<facility>`. Opened with `facility`, or it asks for one."""

    name = "results"
    prefix = "rs"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Show a facility's result, or ask which."""
        facility = frame.data.get("facility") or choose(self, turn, frame)
        if facility:
            self._show(turn, facility)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A facility was chosen."""
        return chosen(self, turn, frame)

    def ask(self, turn: Turn) -> str:
        """The question which facility is meant."""
        return turn.t("results.ask")

    def none(self, turn: Turn, place: str) -> str:
        """The words where there is nothing to show."""
        return turn.t("results.none", place=place)

    def _show(self, turn: Turn, facility: str) -> None:
        told = turn.world.get(ResultsOf(facility))
        if told is None:
            turn.say(self.none(turn, facility), menu(turn, []))
            return
        commitments = Choice(turn.t("results.button.commitments"), f"cm:f:{facility}")
        turn.say(_words(turn, told), menu(turn, [commitments]))


def choose(dialogue: Results, turn: Turn, frame: Frame) -> str:
    """The only facility there is something of, or "" after asking which (or saying: none)."""
    place = _place(turn, frame)
    found = turn.world.get(FacilitiesWith(dialogue.name, place))
    if not found and place:
        found = turn.world.get(FacilitiesWith(dialogue.name, place[:2]))
    if len(found) == 1:
        return found[0][0]
    if not found:
        turn.say(dialogue.none(turn, full_name(place, turn.locale)), menu(turn, []))
        return ""
    choices = [Choice(name, f"{dialogue.prefix}:f:{code}") for code, name in found[:PAGE]]
    turn.say(dialogue.ask(turn), menu(turn, choices))
    return ""


def chosen(dialogue: Results, turn: Turn, frame: Frame) -> bool:
    """A button that names a facility."""
    tapped = turn.tapped(dialogue.prefix)
    action, _, facility = (tapped or "").partition(":")
    if action != "f" or not facility:
        return False
    frame.data = {"facility": facility}
    dialogue.prompt(turn, frame)
    return True


def _place(turn: Turn, frame: Frame) -> str:
    named: list[str] = frame.data.get("places") or []
    return named[0] if len(named) == 1 else turn.state.place


def _words(turn: Turn, told: ResultsTold) -> str:
    known = [each for each in told.indicators if each.mean is not None]
    if not known:
        return turn.t("results.suppressed", facility=told.name)
    when = day(told.at.date(), turn.locale)
    ordered = sorted(known, key=lambda each: -(each.mean or 0))
    best, worst = ordered[:SHOWN], ordered[SHOWN:][-SHOWN:][::-1]
    lines = [turn.t("results.head", facility=told.name, day=when, n=told.n), ""]
    lines += [turn.t("results.best"), *(_line(turn, each) for each in best)]
    if worst:
        lines += ["", turn.t("results.worst"), *(_line(turn, each) for each in worst)]
    if told.meeting is not None:
        lines += ["", turn.t("results.meeting", mean=f"{told.meeting:.1f}")]
    if told.themes:
        lines += ["", turn.t("results.themes", themes="; ".join(told.themes))]
    return "\n".join(lines)


def _line(turn: Turn, each: Indicator) -> str:
    label, mean = each.label(turn.locale), f"{each.mean:.1f}"
    if each.change is None or abs(each.change) < CHANGED:
        return turn.t("results.line", label=label, mean=mean)
    return turn.t("results.line_changed", label=label, mean=mean, change=f"{each.change:+.1f}")
