"""A problem told to facilitators: what happened, where, and a number to ask about it later."""

from __future__ import annotations

from content.entitlement import entitlements
from content.facilities import Facility
from content.wording import day, place_name
from conversations.dialogues.money import menu
from conversations.events import Reported
from conversations.facts import FacilitiesOf, ReportStatus
from conversations.messages import Choice
from conversations.places import known
from conversations.state import Frame
from conversations.turn import PAGE, Turn

LONGEST = 2000
"""Characters of a report that are kept."""
TELLING = 3
"""A message of so many words that was understood as a report is its text already."""
DIGITS = 10
KINDS_OF = {
    "education": ("school", "kindergarten", "dormitory"),
    "health": ("health_centre", "hospital"),
}


class Problem:
    """Steps are settled one after another: text, place, facility, consent, the citizen's yes.

    `data`: topic, text, named (places), sector, kind, facility (its code), and what was asked.
    Step "status" asks for a reference number. Buttons: `pr:new:<topic>`, `pr:status`,
    `pr:f:<number>`, `pr:none`, `pr:more`, `pr:send`, `pr:edit`, `pr:drop`.
    """

    name = "problem"
    prefix = "pr"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Ask for what is missing."""
        data = frame.data
        self._take_over(frame)
        if frame.step == "status":
            turn.say(turn.t("problem.ask_reference"), menu(turn, []))
        elif frame.step == "done":
            turn.say(turn.t("problem.what_else"), self._after(turn))
        elif not data.get("text") and not self._told_already(turn, frame):
            urgent = Choice(turn.t("problem.button.urgent"), "en:emergency_care:what")
            status = Choice(turn.t("problem.button.status"), "pr:status")
            turn.say(turn.t("problem.ask"), menu(turn, [urgent, status]))
        elif not self._place(turn, frame):
            turn.open("place", reason="problem")
        elif "facility" not in data and (offered := self._facilities(turn, frame)):
            self._ask_facility(turn, frame, offered)
        elif turn.state.consent != "given":
            self._need_consent(turn, frame)
        else:
            self._confirm(turn, frame)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button, the story, a facility's name, or a reference number."""
        tapped = turn.tapped(self.prefix)
        if tapped is not None:
            return self._tap(turn, frame, tapped)
        if not turn.typed or frame.step == "done":
            return False
        if frame.step == "status":
            return self._status(turn, frame)
        if not frame.data.get("text"):
            frame.data["text"] = turn.typed[:LONGEST]
        elif "facility" not in frame.data and self._facilities(turn, frame):
            frame.data |= {"facility": "", "facility_name": turn.typed[:100]}
        else:
            frame.data["text"] = f"{frame.data['text']}\n{turn.typed}"[:LONGEST]
        self.prompt(turn, frame)
        return True

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Skip leaves out the facility; yes and no answer the last question."""
        if word == "skip" and frame.data.get("text") and "facility" not in frame.data:
            return self._tap(turn, frame, "none")
        if word in ("yes", "no") and frame.step == "confirm":
            return self._tap(turn, frame, "send" if word == "yes" else "drop")
        return False

    # -- what is missing ----------------------------------------------------------------

    def _take_over(self, frame: Frame) -> None:
        """What was understood of the question, under the names used here."""
        if "places" in frame.data:
            frame.data["named"] = frame.data.pop("places")
            frame.data["kind"] = frame.data.pop("facility", "")

    def _told_already(self, turn: Turn, frame: Frame) -> bool:
        """Understanding led here from the story itself: it need not be told twice."""
        if "named" in frame.data and len(turn.typed.split()) >= TELLING:
            frame.data["text"] = turn.typed[:LONGEST]
            return True
        return False

    def _place(self, turn: Turn, frame: Frame) -> bool:
        """Whether the place is settled; the citizen is asked for it once."""
        named = [code for code in frame.data.get("named") or () if known(code)]
        place = named[0] if len(named) == 1 else turn.state.place
        if place or frame.data.get("asked_place"):
            frame.data["place"] = place
            return True
        frame.data["asked_place"] = True
        return False

    def _facilities(self, turn: Turn, frame: Frame) -> tuple[Facility, ...]:
        place = frame.data.get("place", "")
        if not place:
            return ()
        entry = entitlements().get(frame.data.get("topic", ""))
        sector = frame.data.get("sector") or (entry.sector if entry else "")
        asked = frame.data.get("kind") or ""
        kinds = (asked,) if asked else KINDS_OF.get(sector, ())
        return turn.world.get(FacilitiesOf(place[:4], kinds))

    def _ask_facility(self, turn: Turn, frame: Frame, offered: tuple[Facility, ...]) -> None:
        first = frame.data.get("from", 0)
        choices = [
            Choice(facility.name, f"pr:f:{number}")
            for number, facility in enumerate(offered[first : first + PAGE - 2], first)
        ]
        if first + PAGE - 2 < len(offered):
            choices.append(Choice(turn.t("problem.button.more"), "pr:more"))
        choices.append(Choice(turn.t("problem.button.none"), "pr:none"))
        turn.say(turn.t("problem.ask_facility"), choices)

    def _need_consent(self, turn: Turn, frame: Frame) -> None:
        """A report is kept, so it needs consent; without it we say who else listens."""
        if frame.data.get("asked_consent"):
            frame.step = "done"
            channels = Choice(turn.t("problem.button.channels"), "en:complaint_channels:what")
            turn.say(turn.t("problem.no_consent"), menu(turn, [channels]))
            return
        frame.data["asked_consent"] = True
        turn.say(turn.t("problem.why_consent"))
        turn.open("consent")

    def _confirm(self, turn: Turn, frame: Frame) -> None:
        frame.step = "confirm"
        data = frame.data
        place = (
            place_name(data["place"], turn.locale) if data.get("place") else turn.t("place.none")
        )
        lines = [turn.t("problem.confirm"), f"«{data['text']}»", f"📍 {place}"]
        if name := data.get("facility_name"):
            lines.append(f"🏫 {name}")
        choices = [
            Choice(turn.t("problem.button.send"), "pr:send"),
            Choice(turn.t("problem.button.edit"), "pr:edit"),
            Choice(turn.t("problem.button.drop"), "pr:drop"),
        ]
        turn.say("\n\n".join(lines), choices)

    # -- what is done -------------------------------------------------------------------

    def _tap(self, turn: Turn, frame: Frame, tapped: str) -> bool:
        action, _, value = tapped.partition(":")
        match action:
            case "new":
                frame.step, frame.data = "", {"topic": value}
            case "status":
                frame.step, frame.data = "status", {}
            case "edit":
                frame.step = ""
                frame.data = {k: v for k, v in frame.data.items() if k not in ("text", "named")}
            case "more":
                frame.data["from"] = frame.data.get("from", 0) + PAGE - 2
            case "none":
                frame.data |= {"facility": "", "facility_name": ""}
            case "f" if value.isdecimal():
                if not self._choose(turn, frame, int(value)):
                    return False
            case "send" if frame.step == "confirm" and turn.state.consent == "given":
                self._send(turn, frame)
                return True
            case "drop":
                turn.say(turn.t("problem.dropped"))
                turn.close()
                return True
            case _:
                return False
        self.prompt(turn, frame)
        return True

    def _choose(self, turn: Turn, frame: Frame, number: int) -> bool:
        offered = self._facilities(turn, frame)
        if number >= len(offered):
            return False
        chosen = offered[number]
        frame.data |= {"facility": chosen.code, "facility_name": chosen.name}
        return True

    def _send(self, turn: Turn, frame: Frame) -> None:
        data = frame.data
        number = f"{int(turn.world.new_id(), 16) % 10**DIGITS:0{DIGITS}d}"
        text = data["text"]
        if data.get("facility_name") and not data.get("facility"):
            text = f"{text}\n({data['facility_name']})"
        turn.emit(
            Reported(
                reference=number,
                topic=data.get("topic", ""),
                text=text,
                place=data.get("place", ""),
                facility=data.get("facility", ""),
            )
        )
        frame.step, frame.data = "done", {}
        turn.say(turn.t("problem.sent", reference=spaced(number)), self._after(turn))

    def _after(self, turn: Turn) -> list[Choice]:
        choices = [
            Choice(turn.t("problem.button.status"), "pr:status"),
            Choice(turn.t("problem.button.channels"), "en:complaint_channels:what"),
        ]
        return menu(turn, choices)

    def _status(self, turn: Turn, frame: Frame) -> bool:
        """Answers a number; a text without digits is some other question."""
        digits = "".join(letter for letter in turn.typed if letter.isdecimal())
        if not digits:
            return False
        if len(digits) != DIGITS:
            turn.say(turn.t("problem.bad_reference", count=DIGITS), menu(turn, []))
            return True
        found = turn.world.get(ReportStatus(digits))
        if found is None:
            turn.say(turn.t("problem.unknown_reference", reference=spaced(digits)), menu(turn, []))
            return True
        when = found.changed or found.at
        lines = [turn.t(f"problem.status.{found.status}", reference=spaced(digits))]
        if when is not None:
            lines.append(turn.t("problem.status_day", day=day(when.date(), turn.locale)))
        if found.note:
            lines.append(found.note)
        frame.step = "done"
        turn.say("\n".join(lines), self._after(turn))
        return True


def spaced(reference: str) -> str:
    """A reference number as people read it out: 4829-135-726."""
    return f"{reference[:4]}-{reference[4:7]}-{reference[7:]}"
