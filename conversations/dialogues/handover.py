"""A person takes over: the bot steps back and says so, passes words both ways, and hands back.

A facilitator's side comes in as `Kind.STAFF` with the payload `<act>:<reference>:<name>` (act
is reply, take or back), in the same inbox as what the citizen does, so that all is said in
order and once.
"""

from __future__ import annotations

from conversations.dialogues.problem import spaced
from conversations.events import Talked
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import MAX_DEPTH, Turn

LONGEST = 2000
"""Characters of one message that are passed on."""
THE_BOTS = ("menu", "help", "stop", "resume", "language", "place", "privacy", "erase", "survey")
"""Control words that go to the bot even while a person answers."""


class Handover:
    """Open while a person answers. `data`: reference and the person's name ("" if none is there).

    Buttons: `ho:write:<reference>` to answer a reply, `ho:back` to return to the bot.
    """

    name = "handover"
    prefix = "ho"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Say who is there."""
        name = frame.data.get("name", "")
        words = turn.t("handover.here", name=name) if name else turn.t("handover.write")
        turn.say(words, _way_back(turn))

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """Pass on what is typed."""
        tapped = turn.tapped(self.prefix)
        if tapped == "back":
            self._leave(turn, frame)
            return True
        if tapped is not None:
            return self._answer(turn, frame, tapped)
        if turn.typed:
            self._pass_on(turn, frame)
        else:
            turn.say(turn.t("handover.text_only"), _way_back(turn))
        return True

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Back returns to the bot; words that are not the bot's are meant for the person."""
        if word == "back":
            self._leave(turn, frame)
            return True
        if word in THE_BOTS:
            return False
        self._pass_on(turn, frame)
        return True

    def _answer(self, turn: Turn, frame: Frame, tapped: str) -> bool:
        act, _, reference = tapped.partition(":")
        if act != "write" or not reference.isdecimal():
            return False
        if frame.data.get("reference") != reference:
            frame.data = {"reference": reference, "name": ""}
        self.prompt(turn, frame)
        return True

    def _pass_on(self, turn: Turn, frame: Frame) -> None:
        reference = str(frame.data.get("reference", ""))
        turn.emit(Talked(reference, "told", turn.typed[:LONGEST]))
        # Each message is acknowledged in the same words, and that is no stammering.
        turn.state.last_text = ""
        turn.say(turn.t("handover.passed", reference=spaced(reference)), _way_back(turn))

    def _leave(self, turn: Turn, frame: Frame) -> None:
        turn.emit(Talked(str(frame.data.get("reference", "")), "back"))
        turn.say(turn.t("handover.left"))
        turn.close()
        if turn.frame is None:
            turn.open("menu")


def from_staff(turn: Turn) -> None:
    """What a facilitator did: says it to the citizen, and changes who is answering them."""
    act, _, rest = turn.incoming.payload.partition(":")
    reference, _, name = rest.partition(":")
    turn.emit(Talked(reference, act, entry=turn.incoming.id))
    own = [frame for frame in turn.state.stack if frame.dialogue == Handover.name]
    if act == "take":
        turn.state.stack = [frame for frame in turn.state.stack if frame not in own]
        del turn.state.stack[: len(turn.state.stack) - MAX_DEPTH + 1]
        turn.state.stack.append(Frame(Handover.name, data={"reference": reference, "name": name}))
        words = turn.t("handover.taken", name=name, reference=spaced(reference))
        turn.say(words, _way_back(turn))
    elif act == "back":
        turn.state.stack = [frame for frame in turn.state.stack if frame not in own]
        turn.say(turn.t("handover.back", name=name), [Choice(turn.t("menu.title"), "go:menu")])
        turn.resume()
    elif act == "reply":
        head = turn.t("handover.reply", name=name, reference=spaced(reference))
        answer = [Choice(turn.t("handover.answer"), f"ho:write:{reference}")]
        turn.say(f"{head}\n\n{turn.incoming.text}", _way_back(turn) if own else answer)


def _way_back(turn: Turn) -> list[Choice]:
    return [Choice(turn.t("handover.leave"), "ho:back")]
