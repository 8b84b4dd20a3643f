"""Lists of people from a file: each line read or complained about, and nobody guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from content.tables import read_table
from storage.addresses import pseudonym
from storage.tags import LONGEST

CHANNELS = ("telegram", "messenger", "web")
WHO, WHERE, TAGS = "citizen", ("channel", "address"), "tags"
MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A person in a row of the file (as a spreadsheet counts), with the row's own tags."""

    row: int
    citizen: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row; `key` and `values` are the words for it."""

    row: int
    key: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """What a file says: all of it, or what is wrong with it."""

    lines: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = ()


def tag_of(words: str) -> str:
    """A tag as it is kept: without needless spaces; "" where it is too long or none."""
    tag = " ".join(words.split())
    return tag if tag.isprintable() and len(tag) <= LONGEST else ""


def read_people(path: Path, key: bytes) -> People:
    """The people in a file of the columns citizen, or channel and address, and perhaps tags.

    `key` is the secret behind pseudonyms. Raises Refused for what is no table.
    """
    table = read_table(path)
    header = [name.lower() for name in table.header]
    if WHO not in header and not set(WHERE) <= set(header):
        return People(faults=(Fault(1, "console.people.no_columns"),))
    lines: list[Line] = []
    faults: list[Fault] = []
    met: dict[str, int] = {}
    for row, cells in table.rows:
        found = _line(row, dict(zip(header, cells, strict=False)), key)
        if isinstance(found, Line):
            first = met.setdefault(found.citizen, row)
            if first != row:
                found = Fault(row, "console.people.doubled", {"row": str(first)})
        (lines if isinstance(found, Line) else faults).append(found)  # type: ignore[arg-type]
    if not lines and not faults:
        faults.append(Fault(1, "console.people.nobody"))
    return People(tuple(lines), tuple(faults[:MOST_FAULTS]))


def _line(row: int, cells: dict[str, str], key: bytes) -> Line | Fault:
    tags = []
    for words in cells.get(TAGS, "").replace(",", ";").split(";"):
        if words.strip() and not tag_of(words):
            return Fault(row, "console.people.long_tag", {"most": str(LONGEST)})
        tags += [tag_of(words)] if words.strip() else []
    if citizen := cells.get(WHO, ""):
        if not (len(citizen) <= 64 and citizen.isascii() and citizen.isalnum()):
            return Fault(row, "console.people.bad_citizen")
        return Line(row, citizen, tuple(tags))
    channel, address = (cells.get(name, "") for name in WHERE)
    if channel.lower() not in CHANNELS:
        return Fault(row, "console.people.bad_channel", {"channels": ", ".join(CHANNELS)})
    if not address:
        return Fault(row, "console.people.no_address")
    return Line(row, pseudonym(key, channel.lower(), address), tuple(tags))


def by_tag(lines: Sequence[Line], tag: str) -> dict[str, list[str]]:
    """Citizens by the tags they are given: `tag` for all, and those of their own rows."""
    found: dict[str, list[str]] = {}
    for line in lines:
        for one in {tag, *line.tags} - {""}:
            found.setdefault(one, []).append(line.citizen)
    return found
