"""A survey talked through, and written down as a transcript."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversations.events import Answered, CaseChanged, Event, Said
from conversations.messages import Attachment, Choice, Incoming, Kind
from conversations.survey.form import Form
from conversations.survey.preview import Preview

START = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Talk:
    """A citizen in the middle of a survey."""

    def __init__(self, form: Form, locale: str = "mn") -> None:
        self.preview = Preview(form, locale)
        self.lines: list[str] = []
        self.events: list[Event] = []
        self.choices: list[Choice] = []
        self.texts: list[str] = []
        self.count = 0
        self._note(self.preview.begin(START))

    def types(self, text: str) -> None:
        """Type something."""
        self.lines.append(f"> {text}")
        self._send(Kind.TEXT, text=text)

    def taps(self, label: str) -> None:
        """Press the button that shows `label`, of those last seen."""
        payload = next(choice.payload for choice in self.choices if choice.label == label)
        self.lines.append(f"> [{label}]")
        self._send(Kind.TAP, payload=payload)

    def presses(self, payload: str) -> None:
        """Press any button, also an old one, by its payload."""
        self._send(Kind.TAP, payload=payload)

    def shares(self, latitude: float, longitude: float) -> None:
        """Share a place."""
        self._send(Kind.LOCATION, latitude=latitude, longitude=longitude)

    def attaches(self, mime: str, size: int = 1000) -> None:
        """Send a file."""
        self._send(Kind.ATTACHMENT, attachment=Attachment("media-1", mime, size))

    def _send(self, kind: Kind, **details: object) -> None:
        self.count += 1
        at = START + timedelta(minutes=self.count)
        incoming = Incoming(str(self.count), kind, at, **details)  # type: ignore[arg-type]
        self._note(self.preview.send(incoming))

    def _note(self, events: list[Event]) -> None:
        self.texts = []
        for event in events:
            if isinstance(event, Said):
                self.texts.append(event.message.text)
                self.lines.append(event.message.text)
                if event.message.choices:
                    self.choices = list(event.message.choices)
                    self.lines.append("  " + " ".join(f"[{c.label}]" for c in self.choices))
                self.lines.append("")
        self.events += events

    @property
    def said(self) -> str:
        """What was last said."""
        return "\n".join(self.texts)

    @property
    def labels(self) -> list[str]:
        """What can be pressed."""
        return [choice.label for choice in self.choices]

    @property
    def case(self) -> CaseChanged:
        """The case as last reported."""
        return [event for event in self.events if isinstance(event, CaseChanged)][-1]

    @property
    def log(self) -> list[Answered]:
        """The paradata."""
        return [event for event in self.events if isinstance(event, Answered)]

    @property
    def transcript(self) -> str:
        """The whole conversation."""
        return "\n".join(self.lines).strip() + "\n"
