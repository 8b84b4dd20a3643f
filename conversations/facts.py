"""The questions a turn may ask of the world outside the citizen's own state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from conversations.world import Query
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Understand(Query[Understanding]):
    """What a free text means; `within` is the citizen's own place, which decides shared names."""

    text: str
    locale: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class SurveyOffer:
    """A published survey that may be answered now."""

    version: str
    form: str
    titles: tuple[tuple[str, str], ...]
    kind: str = ""

    def title(self, locale: str) -> str:
        """The title in `locale`, else in Mongolian, else in whatever language it has."""
        titles = dict(self.titles)
        return titles.get(locale) or titles.get("mn") or next(iter(titles.values()), self.form)


@dataclass(frozen=True, slots=True)
class OpenSurveys(Query[tuple[SurveyOffer, ...]]):
    """The surveys that anyone may answer without an invitation."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept about the citizen, in counts and dates."""

    since: datetime | None = None
    consent_at: datetime | None = None
    counts: tuple[tuple[str, int], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class KnownAboutMe(Query[Known]):
    """What is kept about the citizen whose turn this is."""
