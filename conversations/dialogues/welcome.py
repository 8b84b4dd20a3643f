"""The first minutes: language, what Onoo does and keeps, place; then what they came for."""

from __future__ import annotations

from conversations.router import answer
from conversations.state import Frame
from conversations.turn import Turn


class Welcome:
    """Opens one small dialogue after another until nothing more must be asked."""

    name = "welcome"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Whatever is not settled yet is asked next."""
        state = turn.state
        if not state.locale:
            turn.open("language", first=True)
        elif not state.consent:
            turn.open("consent", first=True)
        elif state.consent == "given" and not state.place and "place" not in frame.data:
            frame.data["place"] = "asked"
            turn.open("place", first=True)
        else:
            self._go_on(turn)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """The dialogues above receive everything; what reaches here asks anew."""
        self.prompt(turn, frame)
        return True

    def _go_on(self, turn: Turn) -> None:
        turn.state.stack = [f for f in turn.state.stack if f.dialogue != self.name]
        asked, turn.state.asked = turn.state.asked, ""
        if turn.state.referral:
            turn.open("surveys")
        elif asked:
            answer(turn, asked)
        else:
            turn.open("menu")
