"""Where the citizen lives: aimag, then soum or district, then bag or khoroo.

By buttons, or by a name typed in either script with spelling mistakes. Each level may be
skipped.
"""

from __future__ import annotations

from conversations.events import Profiled
from conversations.messages import Choice
from conversations.places import COUNTRY, full_name, known, named, short_name
from conversations.router import clearly_asks
from conversations.state import Frame
from conversations.turn import PAGE, Turn
from nlu.gazetteer import gazetteer
from nlu.places import Place

NAME = 3
"""Words of which a place's name is made at the most; more may be a question about a place."""
TELLING = ("change_place", "greet", "thank", "affirm")
"""What a sentence that tells where somebody lives may be taken for."""


class PlaceChoice:
    """`data["in"]` is the unit whose parts are offered, `data["from"]` the page's first."""

    name = "place"
    prefix = "place"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Offer the parts of the unit chosen so far, a page at a time."""
        within = frame.data.get("in", COUNTRY)
        places = gazetteer().children(within)
        first = frame.data.get("from", 0)
        choices = [self._choice(turn, place) for place in places[first : first + PAGE]]
        if first + PAGE < len(places):
            choices.append(Choice(turn.t("place.more"), f"place:from-{first + PAGE}"))
        elif first:
            choices.append(Choice(turn.t("place.first_page"), "place:from-0"))
        if within == COUNTRY:
            key = "place.ask"
            choices.append(Choice(turn.t("place.skip"), "place:skip"))
        else:
            key = "place.ask_part"
            choices.append(Choice(turn.t("place.enough"), f"place:is-{within}"))
        name = full_name(within, turn.locale) if within != COUNTRY else ""
        turn.say(turn.t(key, place=name), choices, columns=2)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button, or a typed name."""
        tapped = turn.tapped("place")
        if tapped is not None:
            return self._tap(turn, frame, tapped)
        if turn.incoming.latitude is not None:
            turn.say(turn.t("place.no_coordinates"))
            self.prompt(turn, frame)
            return True
        return bool(turn.typed) and self._typed(turn, frame)

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Back goes up a level; skip takes what is chosen so far."""
        within = frame.data.get("in", COUNTRY)
        if word == "back" and within != COUNTRY:
            parent = gazetteer().place(within).parent_code
            frame.data = {**frame.data, "in": parent or COUNTRY, "from": 0}
            self.prompt(turn, frame)
            return True
        if word == "skip":
            return self._tap(turn, frame, "skip" if within == COUNTRY else f"is-{within}")
        return False

    def _choice(self, turn: Turn, place: Place) -> Choice:
        return Choice(short_name(place, turn.locale), f"place:in-{place.code}")

    def _tap(self, turn: Turn, frame: Frame, tapped: str) -> bool:
        action, _, value = tapped.partition("-")
        if action == "skip":
            turn.say(turn.t("place.skipped"))
            turn.close()
        elif action == "from" and value.isdecimal():
            frame.data["from"] = int(value)
            self.prompt(turn, frame)
        elif action in ("in", "is") and known(value):
            self._choose(turn, frame, value, whole=action == "is")
        else:
            return False
        return True

    def _typed(self, turn: Turn, frame: Frame) -> bool:
        sentence = len(turn.typed.split()) > NAME
        if sentence and clearly_asks(turn, but=TELLING):
            return False
        within = frame.data.get("in", COUNTRY)
        found = named(turn.typed, "" if within == COUNTRY else within) or named(turn.typed)
        if not found:
            if sentence:
                return False
            misses = frame.data["misses"] = frame.data.get("misses", 0) + 1
            turn.say(turn.t("place.unknown" if misses == 1 else "place.unknown_again"))
            self.prompt(turn, frame)
            return True
        if len(found) == 1:
            self._choose(turn, frame, found[0].code, whole=False)
            return True
        choices = [
            Choice(full_name(place.code, turn.locale), f"place:in-{place.code}")
            for place in found[:PAGE]
        ]
        turn.say(turn.t("place.which"), [*choices, Choice(turn.t("place.skip"), "place:skip")])
        return True

    def _choose(self, turn: Turn, frame: Frame, code: str, *, whole: bool) -> None:
        if not whole and gazetteer().children(code):
            frame.data = {**frame.data, "in": code, "from": 0, "misses": 0}
            self.prompt(turn, frame)
            return
        turn.state.place = code
        turn.emit(Profiled({"place": code}))
        turn.say(turn.t("place.set", place=full_name(code, turn.locale)))
        turn.close()
