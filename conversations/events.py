"""What happened in a turn: plain facts, in order, that storage files and channels send.

Every event becomes a document of the shape `{"type": "answered", ...}`. `Said` goes out to
the citizen; the others are filed where they belong (cases, citizens, the event log).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from conversations.messages import Outgoing


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; `type` names it in documents and exports."""

    type: ClassVar[str] = ""

    def to_document(self) -> dict[str, Any]:
        """The event as stored."""
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Heard(Event):
    """The citizen did something; `intent`, `confidence` and `model` if NLU was asked.

    `event` is the id that the channel gave it.
    """

    type: ClassVar[str] = "heard"
    event: str
    kind: str
    text: str = ""
    payload: str = ""
    dialogue: str = ""
    intent: str = ""
    confidence: float | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Said(Event):
    """Onoo says something: the only event that leaves by the channel."""

    type: ClassVar[str] = "said"
    message: Outgoing
    dialogue: str = ""

    def to_document(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "message": self.message.to_document(),
            "dialogue": self.dialogue,
        }


@dataclass(frozen=True, slots=True)
class Profiled(Event):
    """Something lasting about the citizen changed: locale, place, consent, stop.

    `changes` holds only the fields that changed, named as in the `citizens` collection.
    """

    type: ClassVar[str] = "profiled"
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Erased(Event):
    """The citizen asked to be forgotten: everything kept about them goes, everywhere."""

    type: ClassVar[str] = "erased"


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """A step of a survey run, in the shape of an ODK audit line.

    `event` is one of question, answer, change, retry, skip, back, language, pause, resume,
    break-off, finalize; `node` the question's path; `start` and `end` when it was asked and
    answered.
    """

    type: ClassVar[str] = "answered"
    case: str
    form: str
    event: str
    node: str = ""
    start: datetime | None = None
    end: datetime | None = None
    old: str = ""
    new: str = ""
    retries: int = 0
    locale: str = ""


@dataclass(frozen=True, slots=True)
class CaseChanged(Event):
    """The whole of a survey run as it now stands; a later one replaces an earlier one.

    `seq` grows with every change of this case; `status` is started, partial, complete,
    break-off, refused or erased; `values` maps question paths to stored values.
    """

    type: ClassVar[str] = "case"
    case: str
    seq: int
    form: str
    status: str
    values: dict[str, Any]
    last_node: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    locale: str = ""
    campaign: str = ""
    facility: str = ""
    place: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Talked(Event):
    """Citizen and facilitator talk about a report: `act` is told (by the citizen), or reply,
    take or back (by the facilitator), and then `entry` is the id it has in the console.
    """

    type: ClassVar[str] = "talked"
    reference: str
    act: str
    text: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Reported(Event):
    """A problem for facilitators, with the reference number the citizen can ask about."""

    type: ClassVar[str] = "reported"
    reference: str
    topic: str
    text: str
    place: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True)
class Invited(Event):
    """Somebody followed an invitation or declined it: `disposition` is opened or refused.

    `via` is push, link or test.
    """

    type: ClassVar[str] = "invitation"
    campaign: str
    disposition: str
    facility: str = ""
    via: str = "push"


@dataclass(frozen=True, slots=True)
class Disputed(Event):
    """Somebody says that a commitment is not kept."""

    type: ClassVar[str] = "disputed"
    commitment: str
