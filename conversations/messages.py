"""Channel-neutral messages: what a citizen sends and what Onoo says back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a citizen did."""

    TEXT = "text"
    TAP = "tap"  # pressed a button; `payload` says which
    LOCATION = "location"
    ATTACHMENT = "attachment"
    JOIN = "join"  # /start, get-started, m.me or t.me link; `payload` is the referral, if any
    LEFT = "left"  # blocked the bot
    RETURNED = "returned"  # unblocked the bot
    STAFF = "staff"  # no citizen: a facilitator writes to them (`conversations.dialogues.handover`)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the citizen sent: `media` names the stored bytes, `size` is in bytes."""

    media: str
    mime: str
    size: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a citizen did, on whichever channel.

    `id` is unique within the citizen's session; `at` is when it reached us (UTC).
    """

    id: str
    kind: Kind
    at: datetime
    text: str = ""
    payload: str = ""
    latitude: float | None = None
    longitude: float | None = None
    attachment: Attachment | None = None
    locale_hint: str = ""

    def to_document(self) -> dict[str, Any]:
        """The shape kept in a session's inbox; empty fields are left out."""
        return {key: value for key, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Incoming:
        """The reverse of `to_document`; raises TypeError or ValueError on a foreign shape."""
        fields = dict(document)
        if attachment := fields.get("attachment"):
            fields["attachment"] = Attachment(**attachment)
        return cls(**{**fields, "kind": Kind(fields["kind"])})


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it shows and what comes back when it is pressed (at most 64 UTF-8 bytes)."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a citizen: text, and under it what can be pressed.

    `columns` is how many choices stand side by side where the channel can do that;
    `picture` and `document` name stored media; `wants` asks for something only some
    channels can offer a button for ("location"). `locale` is the language of the few words
    a channel adds itself, such as the label of that button.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    columns: int = 1
    picture: str = ""
    document: str = ""
    wants: str = ""
    locale: str = ""

    def to_document(self) -> dict[str, Any]:
        """The shape kept in the session and the outbox; empty fields are left out."""
        return {key: value for key, value in asdict(self).items() if value not in ("", ())}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Outgoing:
        """The reverse of `to_document`."""
        choices = tuple(Choice(**choice) for choice in document.get("choices", ()))
        return cls(**{**document, "choices": choices})
