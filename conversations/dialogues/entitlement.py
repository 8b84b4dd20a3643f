"""What citizens are owed: the answer first, then what people ask next, one tap each."""

from __future__ import annotations

from content.answers import ASKED, answer, has, part_key
from content.entitlement import Entitlement, entitlements
from content.followups import PARTS, follow_up
from content.search import search
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn

SECTORS = ("education", "health", "rights")
NEXT = ("who", "how", "refused", "source", "related")
"""The parts that have a button."""

ACTIONS = {
    "information": "le:information:{topic}",
    "petition": "le:petition:{topic}",
    "budget": "bu:start",
    "ldf": "ld:start",
    "report": "pr:new:{topic}",
}
"""Where a topic leads on, by the payload of the button."""


class EntitlementAnswers:
    """`data` holds `topic` and the `part` asked for; step "search" looks for `data["text"]`.

    Buttons: `en:<topic>:<part>`, `en:sector:<sector>`. A short follow-up ("how much is it?",
    "and for kindergarten?") is understood here, without asking NLU.
    """

    name = "entitlement"
    prefix = "en"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Answer; when coming back to an answer already given, only offer what is next."""
        entry = entitlements().get(frame.data.get("topic", ""))
        if frame.step == "search":
            self._found(turn, frame)
        elif entry is None:
            self._ask_sector(turn)
        elif frame.data.get("told"):
            title = entry.title.in_(turn.locale)
            choices = self._next(turn, entry, frame.data["part"])
            turn.say(turn.t("entitlement.what_else", title=title), choices, columns=2)
        else:
            self._tell(turn, frame, entry)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button, or a short follow-up to the topic at hand."""
        tapped = turn.tapped(self.prefix)
        if tapped is not None:
            topic, _, part = tapped.partition(":")
            if topic == "sector" and part in SECTORS:
                self._ask_topic(turn, part)
                return True
            return self._go(turn, frame, topic, part)
        asked = follow_up(turn.typed) if turn.typed else None
        present = frame.data.get("topic", "")
        if asked is None or not present:
            return False
        return self._go(
            turn, frame, asked.topic or present, asked.part or frame.data.get("part", "what")
        )

    def _go(self, turn: Turn, frame: Frame, topic: str, part: str) -> bool:
        entry = entitlements().get(topic)
        if entry is None or (part and part not in PARTS):
            return False
        frame.step = ""
        frame.data = {"topic": topic, "part": part or "what"}
        if part == "related":
            turn.say(turn.t("entitlement.related"), self._topics(turn, entry.related), columns=2)
        else:
            self._tell(turn, frame, entry)
        return True

    def _tell(self, turn: Turn, frame: Frame, entry: Entitlement) -> None:
        part = frame.data.setdefault("part", "what")
        frame.data["told"] = True
        turn.state.topic = entry.topic
        messages = answer(entry, part, turn.locale)
        for message in messages[:-1]:
            turn.say(message)
        turn.say(messages[-1], self._next(turn, entry, part), columns=2)

    def _next(self, turn: Turn, entry: Entitlement, part: str) -> list[Choice]:
        """What can be asked next: after a refusal where to turn, otherwise the other parts."""
        if part == "refused":
            actions = ["report", "petition"]
            choices = self._topics(turn, ["complaint_channels"])
        else:
            actions = [str(action) for action in entry.actions]
            choices = [
                Choice(turn.t(part_key("button", entry, other)), f"en:{entry.topic}:{other}")
                for other in NEXT
                if other != part and (other not in ASKED or has(entry, other))
            ]
        choices = [c for c in choices if c.payload != f"en:{entry.topic}:what"]
        choices += [
            Choice(
                turn.t(f"entitlement.button.{action}"), ACTIONS[action].format(topic=entry.topic)
            )
            for action in actions
        ]
        return [*choices, Choice(turn.t("menu.title"), "go:menu")]

    def _topics(self, turn: Turn, topics: list[str] | tuple[str, ...]) -> list[Choice]:
        known = entitlements()
        return [Choice(known[name].label.in_(turn.locale), f"en:{name}:what") for name in topics]

    def _ask_sector(self, turn: Turn, question: str = "entitlement.ask") -> None:
        choices = [
            Choice(turn.t(f"entitlement.sector.{sector}"), f"en:sector:{sector}")
            for sector in SECTORS
        ]
        turn.say(turn.t(question), [*choices, Choice(turn.t("menu.title"), "go:menu")])

    def _ask_topic(self, turn: Turn, sector: str) -> None:
        topics = [name for name, entry in entitlements().items() if entry.sector == sector]
        turn.say(turn.t("entitlement.ask_topic"), self._topics(turn, topics), columns=2)

    def _found(self, turn: Turn, frame: Frame) -> None:
        hits = search(frame.data.get("text", ""))
        if hits:
            choices = self._topics(turn, [hit.topic for hit in hits])
            choices.append(Choice(turn.t("menu.title"), "go:menu"))
            turn.say(turn.t("entitlement.did_you_mean"), choices, columns=2)
        else:
            self._ask_sector(turn, "entitlement.nothing_found")
