"""What the page sends over its socket, checked; and the entries of a conversation's history."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from conversations.messages import Attachment, Incoming, Kind, Outgoing

MAX_TEXT = 8_000
MAX_FRAME = 64 * 1024
"""Bytes: room for `MAX_TEXT` characters however they are encoded."""

Entry = dict[str, Any]

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KAZAKH = re.compile(r"[әғқңұһі]", re.IGNORECASE)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z]")
_LINK = re.compile(r"https?://\S+")


class BadFrame(Exception):
    """A frame that is refused for good: `code` for the page's words, the message for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def clean(words: str) -> str:
    """`words` without control characters (line breaks and tabs stay) and outer blanks."""
    return _CONTROLS.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _not_empty(words: str) -> str:
    if not (kept := clean(words)):
        raise ValueError("nothing but blanks: write at least one character")
    return kept


def _short_bytes(payload: str) -> str:
    if len(payload.encode()) > 64 or _CONTROLS.search(payload):
        raise ValueError("must be at most 64 bytes in UTF-8, without control characters")
    return payload


EVENT_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
REFERRAL = r"^[A-Za-z0-9_=:.\-]{0,64}$"


class _Frame(BaseModel):
    """Base: `id` is the page's own UUID for this event, the same each time it is sent again."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Annotated[str, Field(pattern=EVENT_ID)]


class TextFrame(_Frame):
    """The visitor typed something."""

    type: Literal["text"]
    text: Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_not_empty)]

    def incoming(self, at: datetime, locale: str) -> Incoming:
        return Incoming(self.id, Kind.TEXT, at, text=self.text, locale_hint=locale)

    def shown(self) -> Entry:
        return {"text": self.text}


class TapFrame(_Frame):
    """The visitor pressed the button `payload` under the message `of`; it read `label`."""

    type: Literal["tap"]
    payload: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_short_bytes)]
    label: Annotated[str, Field(max_length=200), AfterValidator(clean)] = ""
    of: Annotated[str, Field(pattern=r"^[0-9A-Za-z\-]{0,64}$")] = ""

    def incoming(self, at: datetime, locale: str) -> Incoming:
        return Incoming(self.id, Kind.TAP, at, payload=self.payload, locale_hint=locale)

    def shown(self) -> Entry:
        return {"text": self.label, "payload": self.payload, "of": self.of}


class LocationFrame(_Frame):
    """The visitor shared where they are (WGS 84 degrees)."""

    type: Literal["location"]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]

    def incoming(self, at: datetime, locale: str) -> Incoming:
        return Incoming(
            self.id,
            Kind.LOCATION,
            at,
            latitude=self.latitude,
            longitude=self.longitude,
            locale_hint=locale,
        )

    def shown(self) -> Entry:
        """Not the coordinates: the page needs to say only that they were shared."""
        return {}


class JoinFrame(_Frame):
    """The visitor opened the chat for the first time, or by a link with a payload."""

    type: Literal["join"]
    payload: Annotated[str, Field(pattern=REFERRAL)] = ""

    def incoming(self, at: datetime, locale: str) -> Incoming:
        return Incoming(self.id, Kind.JOIN, at, payload=self.payload, locale_hint=locale)

    def shown(self) -> Entry:
        return {}


Frame = TextFrame | TapFrame | LocationFrame | JoinFrame

_ANY: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="type")])


def is_event_id(words: str) -> bool:
    """Whether `words` is a UUID as the page makes them."""
    return re.fullmatch(EVENT_ID[1:-1], words) is not None


def parse(raw: str) -> Frame:
    """The frame in `raw`; raises `BadFrame` saying what is wrong and where."""
    try:
        return _ANY.validate_json(raw)
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "frame"
        code = "too_long" if first["type"] == "string_too_long" else "malformed"
        raise BadFrame(code, f"{where}: {first['msg'][:200]}") from None


def did(frame: Frame, at: datetime) -> Entry:
    """The history entry for what the visitor did."""
    return {
        "id": frame.id,
        "from": "visitor",
        "kind": frame.type,
        "at": at.isoformat(),
        **frame.shown(),
    }


def sent_file(event: str, attachment: Attachment, at: datetime) -> Entry:
    """The history entry for a file the visitor sent."""
    return {
        "id": event,
        "from": "visitor",
        "kind": "attachment",
        "at": at.isoformat(),
        "media": attachment.media,
        "mime": attachment.mime,
        "size": attachment.size,
        "text": attachment.name,
    }


def said(message: Outgoing, identity: str, at: datetime) -> Entry:
    """The history entry for what Onoo said."""
    return {
        "id": identity,
        "from": "onoo",
        "kind": "said",
        "at": at.isoformat(),
        "lang": language_of(message.text),
        **message.to_document(),
        "choices": [
            {"label": choice.label, "payload": choice.payload} for choice in message.choices
        ],
    }


def cleared(identity: str, at: datetime) -> Entry:
    """The entry to append after an erasure: open pages then drop what they still show."""
    return {"id": identity, "from": "onoo", "kind": "cleared", "at": at.isoformat()}


def language_of(words: str) -> str:
    """Which of mn, en and kk `words` are in, for screen readers and the page's own words.

    Told by letters alone: Latin or Cyrillic, and Kazakh by the letters Mongolian lacks.
    """
    words = _LINK.sub("", words)
    cyrillic = len(_CYRILLIC.findall(words))
    if len(_LATIN.findall(words)) > cyrillic:
        return "en"
    return "kk" if len(_KAZAKH.findall(words)) * 12 > cyrillic else "mn"


def error(
    code: str, identity: str = "", *, detail: str = "", after: float = 0.0, retry: bool = False
) -> dict[str, Any]:
    """The frame that says an event was not taken in, and whether to send it again (`after` s)."""
    return {
        "type": "error",
        "code": code,
        "id": identity,
        "detail": detail,
        "after": round(after, 2),
        "retry": retry,
    }
