"""The menu: what Onoo can do, one button each."""

from __future__ import annotations

from conversations.facts import OpenInvitation
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn

ITEMS = ("entitlement", "budget", "surveys", "problem", "settings", "help")


class Menu:
    """Shown when nothing else is going on, and whenever asked for."""

    name = "menu"
    quiet = True

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """The items this platform has, and the way into a survey that waits or invited them.

        An invitation may not have arrived, or may be far up the chat: here it is found.
        """
        choices = [
            Choice(turn.t(f"menu.{item}"), f"go:{item}") for item in ITEMS if turn.knows(item)
        ]
        begun = [below for below in turn.state.stack if below.dialogue == "survey"]
        invited = turn.world.get(OpenInvitation()) if turn.knows("invitation") else ""
        if invited and all(below.data.get("campaign") != invited for below in begun):
            choices.insert(0, Choice(turn.t("invitation.button.open"), f"inv:go:{invited}"))
        if begun:
            choices.insert(0, Choice(turn.t("menu.continue"), "go:continue"))
        turn.say(turn.t("menu.ask"), choices)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A typed number picks an item; the buttons are `go:` buttons."""
        items = [item for item in ITEMS if turn.knows(item)]
        if turn.typed.isdecimal() and 1 <= int(turn.typed) <= len(items):
            turn.open(items[int(turn.typed) - 1])
            return True
        return False

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Back leads to what is beneath; there is always something to see."""
        if word == "back" and len(turn.state.stack) == 1:
            self.prompt(turn, frame)
            return True
        return False
