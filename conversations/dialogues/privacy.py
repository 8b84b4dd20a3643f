"""What Onoo knows about a citizen, told and erased in chat, at once."""

from __future__ import annotations

from babel.dates import format_date

from conversations.events import Erased
from conversations.facts import KnownAboutMe
from conversations.messages import Choice
from conversations.places import full_name
from conversations.state import Frame, State
from conversations.turn import Turn


class Privacy:
    """Steps: "" tells, "erase" asks whether to erase."""

    name = "privacy"
    prefix = "privacy"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Tell what is kept, or ask before erasing."""
        if frame.step == "erase":
            turn.say(turn.t("privacy.erase_ask"), self._choices(turn))
            return
        self._tell(turn)
        turn.close()

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """The answer to "really erase?"."""
        answer = turn.tapped("privacy")
        if answer == "erase":
            self._erase(turn)
        elif answer == "keep":
            turn.say(turn.t("privacy.kept"))
            turn.close()
        else:
            return False
        return True

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Typed yes and no."""
        if frame.step != "erase" or word not in ("yes", "no", "erase"):
            return False
        if word == "no":
            turn.say(turn.t("privacy.kept"))
            turn.close()
        else:
            self._erase(turn)
        return True

    def _choices(self, turn: Turn) -> list[Choice]:
        return [
            Choice(turn.t("privacy.yes"), "privacy:erase"),
            Choice(turn.t("privacy.no"), "privacy:keep"),
        ]

    def _tell(self, turn: Turn) -> None:
        state = turn.state
        known = turn.world.get(KnownAboutMe())
        if state.consent != "given":
            turn.say(turn.t("privacy.nothing"), [Choice(turn.t("menu.title"), "go:menu")])
            return
        place = full_name(state.place, turn.locale)
        counts = dict(known.counts)
        since = format_date(known.consent_at, "long", turn.locale) if known.consent_at else "–"
        words = turn.t(
            "privacy.known",
            language=turn.t("language.name"),
            place=place,
            since=since,
            messages=counts.get("events", 0),
            surveys=counts.get("cases", 0),
            reports=counts.get("reports", 0),
        )
        turn.say(words, [Choice(turn.t("settings.erase"), "go:erase")])

    def _erase(self, turn: Turn) -> None:
        turn.state = State(locale=turn.locale)
        turn.emit(Erased())
        turn.say(turn.t("privacy.erased"))
