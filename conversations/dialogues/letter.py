"""A letter drafted from the citizen's own words: a request for information, or a petition."""

from __future__ import annotations

from content.entitlement import entitlements
from content.letters import KINDS, MAX_BODY, Letter, as_text
from content.wording import place_name, today
from conversations.dialogues.money import menu
from conversations.facts import LetterFile
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn
from locales import text

ASKED = ("to", "body", "sender", "contact")
"""What is asked for, in this order; the last two may be skipped."""
OPTIONAL = ("sender", "contact")
LONGEST = {"to": 200, "body": MAX_BODY, "sender": 100, "contact": 200}
OFFICES = {
    "education": ("school", "education_office", "governor"),
    "health": ("clinic", "health_office", "governor"),
    "rights": ("governor", "council", "education_office", "health_office"),
}
"""To whom a letter about a topic may go, by the topic's sector."""


class LetterDraft:
    """`data`: kind, topic, and what was said so far. The words never leave the session
    unless the citizen agreed to be remembered and wants a PDF.

    Buttons: `le:<kind>:<topic>`, `le:to:<office>`, `le:skip`, `le:pdf`, `le:again`.
    """

    name = "letter"
    prefix = "le"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Ask for the next missing thing, or show the letter."""
        if frame.data.get("kind") not in KINDS:
            choices = [Choice(turn.t(f"letter.kind.{kind}"), f"le:{kind}:") for kind in KINDS]
            turn.say(turn.t("letter.ask_kind"), menu(turn, choices))
            return
        missing = next((name for name in ASKED if name not in frame.data), "")
        frame.step = missing or "ready"
        if missing:
            self._ask(turn, frame, missing)
        else:
            self._ready(turn, frame)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button, or the words asked for."""
        tapped = turn.tapped(self.prefix)
        if tapped is not None:
            return self._tap(turn, frame, tapped)
        if not turn.typed or frame.step not in ASKED:
            return False
        frame.data[frame.step] = turn.typed[: LONGEST[frame.step]]
        self.prompt(turn, frame)
        return True

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Skip leaves a blank to fill in by hand; back asks the last thing again."""
        if word == "skip" and frame.step in OPTIONAL:
            return self._tap(turn, frame, "skip")
        given = [name for name in ASKED if name in frame.data]
        if word == "back" and given:
            del frame.data[given[-1]]
            frame.data.pop("shown", None)
            self.prompt(turn, frame)
            return True
        return False

    def _tap(self, turn: Turn, frame: Frame, tapped: str) -> bool:
        action, _, value = tapped.partition(":")
        if action in KINDS:
            frame.data = {"kind": action, "topic": value}
        elif action == "to" and frame.step == "to":
            offices = dict(self._offices(turn, frame))
            if value not in offices:
                return False
            frame.data["to"] = offices[value]
        elif action == "skip" and frame.step in OPTIONAL:
            frame.data[frame.step] = ""
        elif action == "again" and frame.data.get("kind"):
            frame.data = {"kind": frame.data["kind"], "topic": frame.data.get("topic", "")}
        elif action == "pdf" and frame.step == "ready":
            frame.data["pdf"] = True
        else:
            return False
        self.prompt(turn, frame)
        return True

    def _ask(self, turn: Turn, frame: Frame, name: str) -> None:
        choices = []
        if name == "to":
            choices = [Choice(told, f"le:to:{key}") for key, told in self._offices(turn, frame)]
        elif name in OPTIONAL:
            choices = [Choice(turn.t("letter.button.skip"), "le:skip")]
        kind = frame.data["kind"]
        key = f"letter.ask.body.{kind}" if name == "body" else f"letter.ask.{name}"
        turn.say(turn.t(key), choices)

    def _offices(self, turn: Turn, frame: Frame) -> list[tuple[str, str]]:
        """Likely addressees, in Mongolian since the letter is; any other name can be typed."""
        entry = entitlements().get(frame.data.get("topic", ""))
        place = turn.state.place
        upper, own = (
            (f"{place_name(place[:size], 'mn', 'gen')} " if len(place) >= size else "")
            for size in (2, 4)
        )
        prefixes = {"education_office": upper, "health_office": upper}
        return [
            (office, prefixes.get(office, own) + text("mn", f"letter.office.{office}"))
            for office in OFFICES[entry.sector if entry else "rights"]
        ]

    def _letter(self, turn: Turn, frame: Frame) -> Letter:
        data = frame.data
        return Letter(
            kind=data["kind"],
            to=data["to"],
            body=data["body"],
            day=today(turn.world.now),
            place=place_name(turn.state.place) if turn.state.place else "",
            sender=data["sender"],
            contact=data["contact"],
        )

    def _ready(self, turn: Turn, frame: Frame) -> None:
        """The letter as text at once; as a file when asked for, and only with consent."""
        letter = self._letter(turn, frame)
        if not frame.data.get("shown"):
            frame.data["shown"] = True
            turn.say(turn.t("letter.here"))
            turn.say(as_text(letter))
        if not frame.data.get("pdf"):
            turn.say(turn.t("letter.what_next"), self._after(turn))
        elif turn.state.consent == "given":
            frame.data.pop("pdf")
            file = turn.world.get(LetterFile(letter))
            turn.say(turn.t("letter.file"), self._after(turn, pdf=False), document=file)
        elif frame.data.pop("asked_consent", False):
            frame.data.pop("pdf")
            turn.say(turn.t("letter.no_consent"), self._after(turn))
        else:
            frame.data["asked_consent"] = True
            turn.say(turn.t("letter.why_consent"))
            turn.open("consent")

    def _after(self, turn: Turn, *, pdf: bool = True) -> list[Choice]:
        choices = [Choice(turn.t("letter.button.again"), "le:again")]
        if pdf:
            choices.insert(0, Choice(turn.t("letter.button.pdf"), "le:pdf"))
        return menu(turn, [*choices, Choice(turn.t("letter.button.reply"), "en:petition:what")])
