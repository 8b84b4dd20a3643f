"""A survey run within one turn: the case from the frame, and what is reported about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversations.events import Answered, CaseChanged
from conversations.state import Frame
from conversations.survey.case import Case
from conversations.survey.form import Form, FormVersion
from conversations.survey.interpreter import Spot, Walk
from conversations.turn import Turn

TAG = 4
"""Letters of the case's id in its buttons: a button of another case is told from this one's."""


class Run:
    """The walk of one case in one turn; `save` keeps the case in the frame."""

    def __init__(self, turn: Turn, frame: Frame) -> None:
        self.turn = turn
        self.frame = frame
        self.data: dict[str, Any] = frame.data
        self.form: Form = turn.world.get(FormVersion(frame.data["form"]))
        document = frame.data.get("case")
        if document is None:
            self.walk = Walk.start(
                self.form, turn.world.new_id(), turn.world.now, locale=turn.locale
            )
            self.case = self.walk.case
            self.save()
        else:
            self.case = Case.from_document(document)
            self.walk = Walk(self.form, self.case, turn.world.now, locale=turn.locale)

    def save(self) -> None:
        """Keep the case as it now is in the frame."""
        self.data["case"] = self.case.to_document()

    @property
    def tag(self) -> str:
        """What buttons of this case begin with."""
        return self.case.id[:TAG]

    def code(self, spot: Spot) -> str:
        """A short name of a place for buttons: "12" or, in repeats, "12.2.1"."""
        indices = [part.partition("[")[2].rstrip("]") for part in spot.ref.split("/")]
        return ".".join([str(spot.node.number), *filter(None, indices)])

    def spot(self, code: str) -> Spot | None:
        """The place a button names, if it is there and relevant now."""
        return next((spot for spot in self.walk.spots() if self.code(spot) == code), None)

    def button(self, spot: Spot, choice: str) -> str:
        """The payload of a button under a question; at most 64 bytes."""
        return f"sv:{self.tag}:{self.code(spot)}:{choice}"

    def action(self, name: str) -> str:
        """The payload of a button that steers the survey."""
        return f"sv:{self.tag}:go:{name}"

    # -- what is reported ------------------------------------------------------------------

    def log(self, event: str, spot: Spot | None = None, old: str = "", new: str = "") -> None:
        """Emit one line of paradata."""
        start: datetime | None = self.data.get("asked")
        self.turn.emit(
            Answered(
                case=self.case.id,
                form=self.form.version,
                event=event,
                node=spot.mark if spot is not None else "",
                start=start,
                end=None if event == "question" else self.turn.world.now,
                old=old,
                new=new,
                retries=self.data.get("retries", 0),
                locale=self.turn.locale,
            )
        )

    def report(self, status: str) -> None:
        """Emit the whole case as it now stands."""
        self.data["seq"] = self.data.get("seq", 0) + 1
        current = self.walk.current()
        ended = status in ("complete", "break-off", "refused")
        # Who refuses leaves no trace but the refusal.
        place = self.data.get("place", "") or self.turn.state.place if status != "refused" else ""
        self.turn.emit(
            CaseChanged(
                case=self.case.id,
                seq=self.data["seq"],
                form=self.form.version,
                status=status,
                values=self.walk.values(),
                last_node=current.mark if current is not None else "",
                started=self.data.get("started"),
                ended=self.turn.world.now if ended else None,
                locale=self.turn.locale,
                campaign=self.data.get("campaign", ""),
                facility=self.data.get("facility", ""),
                place=place,
                is_test=bool(self.data.get("is_test", False)),
            )
        )

    def asked_anew(self, spot: Spot) -> bool:
        """Note that `spot` is being asked; whether it is another question than before."""
        anew = bool(self.data.get("mark") != spot.mark)
        if anew:
            self.data.update(mark=spot.mark, retries=0, picked=None, page=0)
        self.data["asked"] = self.turn.world.now
        return anew

    def picked(self, spot: Spot) -> list[str]:
        """What is ticked so far in a question with several answers."""
        chosen: list[str] | None = self.data.get("picked")
        if chosen is None or self.data.get("mark") != spot.mark:
            chosen = [] if spot.node.kind == "rank" else self.walk.value(spot).split()
        return list(chosen)
