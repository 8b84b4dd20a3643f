"""A survey tried out in a pane: what was done so far is walked again by the engine each time.

The page itself carries what was tapped and typed, so no server keeps anything, and any of
several may answer. A walk is pure, so it comes out the same every time.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conversations.messages import Choice, Incoming, Kind
from conversations.survey.form import Form
from conversations.survey.preview import Preview, messages
from conversations.survey.source import FormSource

LONGEST = 1000
MOST = 300
"""Taps and texts of one preview."""
COMPILED = 32
BEGINS = datetime(2026, 1, 1, 4, tzinfo=UTC)
"""Only differences matter: a fixed beginning makes each walk the same."""

Step = tuple[str, str]
"""("tap", payload) or ("text", words)."""


class BadTranscript(ValueError):
    """What the page sent is no list of taps and texts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One bubble: who spoke, what, and what may be pressed under it."""

    mine: bool
    text: str
    choices: tuple[Choice, ...] = ()


class Forms:
    """Compiled forms by version, so that each is compiled once."""

    def __init__(self) -> None:
        self._forms: OrderedDict[str, Form] = OrderedDict()

    def of(self, source: FormSource) -> Form:
        """The compiled form; takes a while the first time."""
        if source.version not in self._forms:
            self._forms[source.version] = source.compile()
            if len(self._forms) > COMPILED:
                self._forms.popitem(last=False)
        return self._forms[source.version]


def parse(transcript: str) -> list[Step]:
    """The steps in what a page carried; raises BadTranscript."""
    try:
        found = json.loads(transcript or "[]")
    except ValueError:
        raise BadTranscript("not JSON") from None
    if not isinstance(found, list) or len(found) > MOST:
        raise BadTranscript("not a list, or too long")
    steps: list[Step] = []
    for step in found:
        match step:
            case ["tap" | "text" as kind, str() as what] if len(what) <= LONGEST:
                steps.append((kind, what))
            case _:
                raise BadTranscript("a step is neither a tap nor a text")
    return steps


def walk(form: Form, steps: list[Step], locale: str) -> tuple[list[Line], bool]:
    """Everything said so far, and whether the survey still goes on."""
    talk = Preview(form, locale)
    lines = list(_said(talk.begin(BEGINS)))
    for number, (kind, what) in enumerate(steps, 1):
        at = BEGINS + timedelta(seconds=5 * number)
        if kind == "tap":
            lines.append(Line(True, _label(lines, what)))
            incoming = Incoming(str(number), Kind.TAP, at, payload=what)
        else:
            lines.append(Line(True, what))
            incoming = Incoming(str(number), Kind.TEXT, at, text=what)
        lines += _said(talk.send(incoming))
    return lines, talk.is_open


def _said(events: list) -> Iterator[Line]:  # type: ignore[type-arg]
    for message in messages(events):
        yield Line(False, message.text, message.choices)


def _label(lines: list[Line], payload: str) -> str:
    """The words on the button that was pressed, the latest such."""
    for line in reversed(lines):
        for choice in line.choices:
            if choice.payload == payload:
                return choice.label
    return "…"
