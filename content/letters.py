"""Letters drafted from a citizen's own words: a request for information, and a petition.

Letters to Mongolian offices are in Mongolian, whatever language the citizen reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from content.wording import long_day
from locales import text

KINDS = ("information", "petition")
MAX_BODY = 3000
"""Characters of the citizen's own words: two pages."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`to` and `body` are the citizen's words; `sender` and `contact` may be left empty."""

    kind: str
    to: str
    body: str
    day: date
    place: str = ""
    sender: str = ""
    contact: str = ""


BLANK = "______________________"


def _words(key: str, **values: str) -> str:
    return text("mn", f"letter.text.{key}", **values)


def as_text(letter: Letter) -> str:
    """The letter to read, copy or send by e-mail."""
    return "\n\n".join([title(letter), "\n".join(head(letter)), *body(letter), foot(letter)])


def title(letter: Letter) -> str:
    """What kind of letter it is."""
    return _words(f"title.{letter.kind}")


def head(letter: Letter) -> list[str]:
    """To whom, from whom, when and where."""
    lines = [
        _words("to", name=letter.to),
        _words("from", name=letter.sender or BLANK),
        _words("date", date=long_day(letter.day)),
    ]
    return [*lines, _words("place", name=letter.place)] if letter.place else lines


def body(letter: Letter) -> list[str]:
    """The citizen's own words between an opening and what is asked for."""
    return [
        _words(f"opening.{letter.kind}"),
        *(line.strip() for line in letter.body[:MAX_BODY].splitlines() if line.strip()),
        _words(f"closing.{letter.kind}"),
        _words("answer_to", contact=letter.contact or BLANK),
    ]


def foot(letter: Letter) -> str:
    """The signature."""
    return _words("signed", name=letter.sender or BLANK)
