"""Stop and resume: after a stop no campaign writes; the citizen still gets answers."""

from __future__ import annotations

from conversations.events import Profiled
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn


class Stop:
    """Takes effect at once, without asking back."""

    name = "stop"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Note it, say it, and go on with what is beneath."""
        stopped = frame.step != "resume"
        turn.state.stopped = stopped
        turn.emit(Profiled({"stopped": stopped, "stopped_at": turn.world.now}))
        key, other = ("stop.stopped", "resume") if stopped else ("stop.resumed", "stop")
        choices = [
            Choice(turn.t(f"settings.{other}"), f"go:{other}"),
            Choice(turn.t("menu.title"), "go:menu"),
        ]
        turn.say(turn.t(key), choices)
        turn.close()

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """Nothing is asked."""
        return False
