"""A campaign: a form version, whom it asks, when, how fast, and where it stands.

draft → tested → approved → scheduled → running ⇄ paused → closed

Until it is approved it may be changed, and goes back to draft by that. From then on it stays
as it is: whoever is asked first and whoever is asked last answer the same questions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from campaigns.audience import Audience, Cap
from campaigns.refusal import Refusal, status_word
from content.hours import Hours
from storage.store import Document

DRAFT, TESTED, APPROVED, SCHEDULED = "draft", "tested", "approved", "scheduled"
RUNNING, PAUSED, CLOSED = "running", "paused", "closed"

MOVES: dict[str, tuple[str, ...]] = {
    DRAFT: (TESTED, CLOSED),
    TESTED: (DRAFT, APPROVED, CLOSED),
    APPROVED: (DRAFT, SCHEDULED, CLOSED),
    SCHEDULED: (APPROVED, RUNNING, PAUSED, CLOSED),
    RUNNING: (PAUSED, CLOSED),
    PAUSED: (RUNNING, SCHEDULED, CLOSED),
    CLOSED: (),
}
"""What may follow each status."""
CHANGEABLE = (DRAFT, TESTED)
DRAWN, QUEUED = "drawn", "queued"
"""How far the sending of invitations is planned: who is asked, and all in the outbox."""
LONGEST_TITLE = 120
LONGEST_WORDS = 700
"""Letters: a few sentences; on Messenger no message may be longer than 2000."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` complete answers from `key`: a place's code, a facility's, or "" (all)."""

    by: str
    key: str
    limit: int

    def __post_init__(self) -> None:
        if self.by not in ("total", "place", "facility"):
            raise ValueError(f"a quota is by total, place or facility, not by {self.by!r}")
        if self.limit < 1:
            raise ValueError("a quota is at least 1")

    @property
    def name(self) -> str:
        """How it stands among the quotas that are full: "place:11", "total:"."""
        return f"{self.by}:{self.key}"

    def counts(self, place: str, facility: str) -> bool:
        """Whether an answer from `place` about `facility` counts here."""
        if self.by == "place":
            return place.startswith(self.key)
        return self.by == "total" or facility == self.key


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it stands.

    `facility` is what is asked about where it is one facility; links may name others. `hours`
    is the window; invitations are spread over it up to `send_by`, and reminders go out so many
    days after an invitation (`reminders`). `per_minute` slows it below the channel's pace (0:
    no). `two_people` says that whoever approves must be another than its author.
    """

    id: str
    title: str
    form: str
    audience: Audience
    hours: Hours
    author: str
    created: datetime
    status: str = DRAFT
    version: int = 0
    facility: str = ""
    send_by: datetime | None = None
    per_minute: int = 0
    reminders: tuple[int, ...] = (3,)
    quotas: tuple[Quota, ...] = ()
    two_people: bool = False
    cap: Cap = field(default_factory=Cap)
    words: dict[str, str] = field(default_factory=dict)
    tested_at: datetime | None = None
    approved_by: str = ""
    full: tuple[str, ...] = ()
    history: tuple[Document, ...] = ()
    plan: str = ""

    @property
    def sending_ends(self) -> datetime:
        """When the last invitation is due: half-way through, so that there is time to answer."""
        return self.send_by or self.hours.start + (self.hours.end - self.hours.start) / 2

    def sending_hours(self, now: datetime) -> Hours:
        """The hours for invitations from `now` on; where `sending_ends` has passed (a late
        start, a long pause), half of what is left.
        """
        ends = self.sending_ends
        if ends <= now:
            ends = now + (self.hours.end - now) / 2
        return replace(self.hours, end=ends)

    def check(self) -> None:
        """Raises Refusal where something can't be."""
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise Refusal("refusal.title", most=LONGEST_TITLE)
        if not self.hours.start < self.sending_ends <= self.hours.end:
            raise Refusal("refusal.send_by")
        if len(self.reminders) > self.cap.reminders:
            raise Refusal("refusal.reminders_many", n=len(self.reminders), most=self.cap.reminders)
        if any(days < 1 for days in self.reminders) or list(self.reminders) != sorted(
            set(self.reminders)
        ):
            raise Refusal("refusal.reminders_rising")
        if self.per_minute < 0:
            raise Refusal("refusal.per_minute")
        if any(len(words) > LONGEST_WORDS for words in self.words.values()):
            raise Refusal("refusal.words", most=LONGEST_WORDS)

    def may_become(self, status: str) -> None:
        """Raises Refusal unless `status` may follow the present one."""
        if status not in MOVES[self.status]:
            allowed = [status_word(each) for each in MOVES[self.status]]
            if not allowed:
                raise Refusal("refusal.closed")
            now, then = status_word(self.status), status_word(status)
            raise Refusal("refusal.move", now=now, then=then, allowed=allowed)

    def to_document(self) -> dict[str, Any]:
        """The shape stored."""
        return {
            "_id": self.id,
            "title": self.title,
            "form": self.form,
            "audience": self.audience.to_document(),
            "hours": self.hours.to_document(),
            "author": self.author,
            "created": self.created,
            "status": self.status,
            "version": self.version,
            "facility": self.facility,
            "send_by": self.send_by,
            "per_minute": self.per_minute,
            "reminders": list(self.reminders),
            "quotas": [{"by": q.by, "key": q.key, "limit": q.limit} for q in self.quotas],
            "two_people": self.two_people,
            "cap": {
                "campaigns": self.cap.campaigns,
                "days": self.cap.days,
                "reminders": self.cap.reminders,
            },
            "words": self.words,
            "full": list(self.full),
            "history": list(self.history),
        }

    @classmethod
    def from_document(cls, document: Document) -> Campaign:
        """The reverse of `to_document`."""
        return cls(
            id=document["_id"],
            title=document["title"],
            form=document["form"],
            audience=Audience.from_document(document["audience"]),
            hours=Hours.from_document(document["hours"]),
            author=document["author"],
            created=document["created"],
            status=document["status"],
            version=document["version"],
            facility=document.get("facility", ""),
            send_by=document.get("send_by"),
            per_minute=document.get("per_minute", 0),
            reminders=tuple(document.get("reminders", ())),
            quotas=tuple(Quota(**quota) for quota in document.get("quotas", ())),
            two_people=document.get("two_people", False),
            cap=Cap(**document.get("cap", {})),
            words=document.get("words", {}),
            tested_at=document.get("tested_at"),
            approved_by=document.get("approved_by", ""),
            full=tuple(document.get("full", ())),
            history=tuple(document.get("history", ())),
            plan=document.get("plan", ""),
        )
