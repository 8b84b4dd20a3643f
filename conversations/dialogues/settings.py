"""Settings: language, place, messages, and what is kept."""

from __future__ import annotations

from conversations.messages import Choice
from conversations.places import full_name
from conversations.state import Frame
from conversations.turn import Turn


class Settings:
    """Each setting is a dialogue of its own; this only leads there."""

    name = "settings"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """What is set now, and a button for each change."""
        state = turn.state
        place = full_name(state.place, turn.locale)
        stop = "resume" if state.stopped else "stop"
        choices = [
            Choice(turn.t("settings.language"), "go:language"),
            Choice(turn.t("settings.place"), "go:place"),
            Choice(turn.t(f"settings.{stop}"), f"go:{stop}"),
            Choice(turn.t("settings.privacy"), "go:privacy"),
            Choice(turn.t("settings.erase"), "go:erase"),
            Choice(turn.t("menu.title"), "go:menu"),
        ]
        turn.say(turn.t("settings.ask", language=turn.t("language.name"), place=place), choices)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """The buttons are `go:` buttons."""
        return False
