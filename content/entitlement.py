"""Entitlements: what citizens are owed in education, health and public life.

One file a topic in `content/entitlements/`, the sources they quote in `content/sources.yml`.
A statement is a fact and names its sources; advice is what we suggest and claims nothing; a
gap is what we looked for and could not verify, with whom to ask instead.
"""

from __future__ import annotations

import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

HERE = Path(__file__).parent
FOLDER = HERE / "entitlements"
SOURCES = HERE / "sources.yml"


Year = Annotated[str, Field(pattern=r"^(19|20)\d\d$")]


class ContentError(Exception):
    """A content file that can't be read; `problems` says what is wrong and where."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Part(StrEnum):
    """What a statement tells."""

    WHAT = "what"
    COST = "cost"
    WHO = "who"
    HOW = "how"
    BRING = "bring"
    WHERE = "where"
    REFUSED = "refused"


class Action(StrEnum):
    """Where a topic leads on: a letter drafted, or what money was spent on."""

    INFORMATION = "information"
    PETITION = "petition"
    BUDGET = "budget"
    LDF = "ldf"


class Strict(BaseModel):
    """Base of the content models: nothing unknown passes, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Words(Strict):
    """The same words in each language; Kazakh only where someone vouches for it."""

    mn: str = Field(min_length=1)
    en: str = Field(min_length=1)
    kk: str = ""

    def in_(self, locale: str) -> str:
        """The words in `locale`; Kazakh falls back to Mongolian."""
        return (self.kk or self.mn) if locale == "kk" else (self.en if locale == "en" else self.mn)


class Label(Words):
    """Words on a button: no more than the narrowest channel shows."""

    mn: str = Field(min_length=1, max_length=20)
    en: str = Field(min_length=1, max_length=20)
    kk: str = Field(default="", max_length=20)


class SearchWords(Strict):
    """How people call the thing, for search and for follow-up questions."""

    mn: tuple[str, ...] = Field(min_length=1)
    en: tuple[str, ...] = Field(min_length=1)


class Source(Strict):
    """A law, decision, page or study, and in our own words what it says.

    `date` is a day, or only a year where no more is known. `says` carries every figure that
    a statement may quote from it.
    """

    kind: Literal["law", "decision", "news", "study", "page"]
    title: Words
    article: str = ""
    number: str = ""
    date: datetime.date | Year | None = None
    link: str = Field(pattern=r"^https?://")
    confidence: Literal["high", "medium"]
    says: str = Field(min_length=10)

    @property
    def year(self) -> int | None:
        """The year of the law, decision or page."""
        return None if self.date is None else int(str(self.date)[:4])


class Told(Strict):
    """Something told to citizens about one part of a topic; `sources` are keys of `sources.yml`."""

    part: Part
    text: Words
    sources: tuple[str, ...] = ()


class Statement(Told):
    """A fact: never without a source."""

    sources: tuple[str, ...] = Field(min_length=1)


class Advice(Told):
    """What we suggest to do; quotes no figure without a source."""


class Gap(Told):
    """What is not verified, said openly, and whom to `ask`."""

    ask: Words


class Verification(Strict):
    """Who checked the entry against its sources, and when."""

    by: str = Field(min_length=3)
    checked: datetime.date


class Entitlement(Strict):
    """All that Onoo knows about one topic.

    `as_of` is when the statements were last held against their sources. `verified` is null
    where the heart of the topic has no source: then the gap is told first.
    """

    topic: str = Field(pattern=r"^[a-z_]+$")
    sector: Literal["education", "health", "rights"]
    title: Words
    label: Label
    words: SearchWords
    related: tuple[str, ...]
    as_of: datetime.date
    verified: Verification | None
    statements: tuple[Statement, ...]
    advice: tuple[Advice, ...]
    gaps: tuple[Gap, ...]
    actions: tuple[Action, ...] = ()

    @property
    def told(self) -> list[Told]:
        """Everything the entry says, of whatever kind."""
        return [*self.statements, *self.advice, *self.gaps]

    def facts(self, *parts: Part) -> list[Statement]:
        """The statements of `parts`, in that order."""
        return [s for part in parts for s in self.statements if s.part is part]

    def tips(self, *parts: Part) -> list[Advice]:
        """The advice of `parts`, in that order."""
        return [a for part in parts for a in self.advice if a.part is part]

    def unknown(self, *parts: Part) -> list[Gap]:
        """The gaps of `parts`, in that order."""
        return [g for part in parts for g in self.gaps if g.part is part]


def read_yaml(path: Path) -> object:
    """The YAML in `path`; raises ContentError with the line where it is broken."""
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentError([f"{path.name}: not readable as UTF-8 YAML: {error}"]) from None


def told(path: Path, where: str, error: ValidationError) -> list[str]:
    """A validation error as lines that say which file, which field, what is wrong."""
    return [
        f"{path.name}: {'.'.join([where, *map(str, one['loc'])]).strip('.')}: {one['msg']}"
        for one in error.errors()
    ]


def read_entitlement(path: Path) -> Entitlement:
    """One topic's file; raises ContentError."""
    try:
        entry = Entitlement.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ContentError(told(path, "", error)) from None
    if entry.topic != path.stem:
        raise ContentError([f"{path.name}: topic is {entry.topic!r}, the file says {path.stem!r}"])
    return entry


def read_sources(path: Path = SOURCES) -> dict[str, Source]:
    """The register of sources by key; raises ContentError."""
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise ContentError([f"{path.name}: expected a mapping of source keys"])
    sources, problems = {}, []
    for key, fields in raw.items():
        try:
            sources[str(key)] = Source.model_validate(fields)
        except ValidationError as error:
            problems += told(path, str(key), error)
    if problems:
        raise ContentError(problems)
    return sources


@cache
def entitlements() -> dict[str, Entitlement]:
    """All topics by name, read once; raises ContentError."""
    return {path.stem: read_entitlement(path) for path in sorted(FOLDER.glob("*.yml"))}


@cache
def sources() -> dict[str, Source]:
    """The register of sources, read once; raises ContentError."""
    return read_sources()
