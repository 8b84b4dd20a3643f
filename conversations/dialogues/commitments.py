"""What a facility promised after a score, how it stands, and a citizen's word that it isn't so."""

from __future__ import annotations

from content.wording import day
from conversations.dialogues.money import menu
from conversations.dialogues.results import Results, choose
from conversations.events import Disputed
from conversations.facts import CommitmentsOf, Promise
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn

MARKS = {"planned": "🕐", "under_way": "🔧", "done": "✅", "not_done": "❌", "dropped": "➖"}
SHOWN = 6


class Commitments(Results):
    """Buttons: `cm:f:<facility>`, `cm:no:<commitment>` (it isn't done)."""

    name = "commitments"
    prefix = "cm"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Show a facility's commitments, or ask which facility."""
        facility = frame.data.get("facility") or choose(self, turn, frame)
        if facility:
            self._show(turn, facility)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A facility was chosen, or a commitment is said not to be kept."""
        tapped = turn.tapped(self.prefix)
        action, _, commitment = (tapped or "").partition(":")
        if action == "no" and commitment:
            self._dispute(turn, frame, commitment)
            return True
        return super().receive(turn, frame)

    def ask(self, turn: Turn) -> str:
        """The question which facility is meant."""
        return turn.t("commitments.ask")

    def none(self, turn: Turn, place: str) -> str:
        """The words where there is nothing to show."""
        return turn.t("commitments.none", place=place)

    def _show(self, turn: Turn, facility: str) -> None:
        name, promises = turn.world.get(CommitmentsOf(facility))
        if not promises:
            turn.say(self.none(turn, name), menu(turn, []))
            return
        shown = promises[:SHOWN]
        lines = [_words(turn, number, each) for number, each in enumerate(shown, 1)]
        choices = [
            Choice(turn.t("commitments.button.not_done", number=number), f"cm:no:{each.id}")
            for number, each in enumerate(shown, 1)
            if each.status in ("done", "under_way", "planned")
        ]
        results = Choice(turn.t("results.button.results"), f"rs:f:{facility}")
        head = turn.t("commitments.head", facility=name)
        turn.say("\n\n".join([head, *lines]), menu(turn, [*choices, results]), columns=2)

    def _dispute(self, turn: Turn, frame: Frame, commitment: str) -> None:
        if turn.state.consent != "given":
            turn.say(turn.t("commitments.need_consent"))
            turn.open("consent")
            return
        turn.emit(Disputed(commitment))
        turn.state.stack = [other for other in turn.state.stack if other is not frame]
        turn.say(turn.t("commitments.disputed"), menu(turn, []))


def _words(turn: Turn, number: int, each: Promise) -> str:
    words = turn.t(
        "commitments.one",
        mark=f"{number}. {MARKS.get(each.status, '')}",
        action=each.action,
        issue=each.issue,
        who=each.who,
        day=day(each.due, turn.locale) if each.due else "–",
        status=turn.t(f"commitments.status.{each.status}"),
    )
    if each.evidence:
        words = f"{words}\n{turn.t('commitments.evidence', evidence=each.evidence)}"
    return words
