"""The privacy notice and the citizen's yes or no, before anything about them is kept.

Law of Mongolia on the Protection of Personal Data (17 December 2021, in force 1 May 2022):
consent in writing or electronically, and to any transfer abroad; chat text counts as
correspondence. Information is open to everyone, with or without consent.
"""

from __future__ import annotations

from conversations.events import Profiled
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn

NOTICE = "2026-11"
"""The version of the notice that people agreed to; a new text needs a new version."""


class Consent:
    """Asks once, explains when asked to, and takes no for an answer."""

    name = "consent"
    prefix = "consent"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """The short notice, with the long one a tap away."""
        if frame.data.get("first"):
            turn.say(turn.t("consent.welcome"))
        turn.say(turn.t("consent.notice"), self._choices(turn))

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """Take the button; typed yes and no come by `control`."""
        match turn.tapped("consent"):
            case "yes":
                self._decide(turn, "given")
            case "no":
                self._decide(turn, "refused")
            case "more":
                turn.say(turn.t("consent.more"), self._choices(turn, more=False))
            case _:
                return False
        return True

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Typed yes, no and skip."""
        decisions = {"yes": "given", "no": "refused", "skip": "refused"}
        if word not in decisions:
            return False
        self._decide(turn, decisions[word])
        return True

    def _choices(self, turn: Turn, *, more: bool = True) -> list[Choice]:
        choices = [
            Choice(turn.t("consent.yes"), "consent:yes"),
            Choice(turn.t("consent.no"), "consent:no"),
        ]
        return [*choices, Choice(turn.t("consent.read_more"), "consent:more")] if more else choices

    def _decide(self, turn: Turn, decision: str) -> None:
        state = turn.state
        state.consent = decision
        if decision == "given":
            changes = {
                "consent": "given",
                "consent_at": turn.world.now,
                "consent_notice": NOTICE,
                "locale": turn.locale,
            }
            turn.emit(Profiled({**changes, "place": state.place} if state.place else changes))
            turn.say(turn.t("consent.given"))
        else:
            turn.say(turn.t("consent.refused"))
        turn.close()
