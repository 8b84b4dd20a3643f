"""Help: what one can write, and that one can always go back, skip, stop or ask a person."""

from __future__ import annotations

from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn


class Help:
    """One message, then on from where the citizen was."""

    name = "help"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Say it, and give the word back to the dialogue beneath."""
        turn.say(turn.t("help.text"), [Choice(turn.t("menu.title"), "go:menu")])
        turn.close()

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """Help asks nothing."""
        return False
