"""The questions a turn may ask of the world outside the citizen's own state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from content.budgets import BudgetRequest, BudgetSummary
from content.charts import Chart
from content.facilities import Facility
from content.letters import Letter
from conversations.world import Query
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Understand(Query[Understanding]):
    """What a free text means; `within` is the citizen's own place, which decides shared names."""

    steady = True

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

    steady = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept about the citizen, in counts and dates."""

    since: datetime | None = None
    consent_at: datetime | None = None
    counts: tuple[tuple[str, int], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class KnownAboutMe(Query[Known]):
    """What is kept about the citizen whose turn this is."""


@dataclass(frozen=True, slots=True)
class BudgetOf(BudgetRequest, Query[BudgetSummary | None]):
    """The budget of a place; None where nothing is loaded for it."""


@dataclass(frozen=True, slots=True)
class FacilitiesOf(Query[tuple[Facility, ...]]):
    """The facilities in a place and its parts, of these kinds (any where empty)."""

    place: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChartPicture(Query[str]):
    """The media id of a drawn chart."""

    chart: Chart


@dataclass(frozen=True, slots=True)
class LetterFile(Query[str]):
    """The media id of a letter as PDF, stored as belonging to the citizen."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class ReportState:
    """What became of a reported problem: `status` is new, seen, answered or closed."""

    status: str
    at: datetime | None = None
    changed: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportStatus(Query[ReportState | None]):
    """What became of the report with this reference number; None where there is none."""

    reference: str


@dataclass(frozen=True, slots=True)
class Invite:
    """A campaign as somebody meets it who follows an invitation.

    `state` is open, soon, paused, closed, full or done (they answered); `opens` goes with soon.
    """

    campaign: str
    form: str
    facility: str = ""
    state: str = "open"
    opens: datetime | None = None
    via: str = "push"
    is_test: bool = False

    @property
    def form_id(self) -> str:
        """The form's id, whatever the version."""
        return self.form.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Referral(Query[Invite | None]):
    """Where a deep link's payload or an invitation's button ("inv:" and the campaign) leads."""

    payload: str


@dataclass(frozen=True, slots=True)
class OpenInvitation(Query[str]):
    """The latest campaign the citizen was invited to and has not answered; "" without one."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One scored question of a facility; `mean` is None where too few answered."""

    labels: tuple[tuple[str, str], ...]
    mean: float | None
    change: float | None = None

    def label(self, locale: str) -> str:
        """The question in `locale`, else in Mongolian, else in whatever language it has."""
        labels = dict(self.labels)
        return labels.get(locale) or labels.get("mn") or next(iter(labels.values()), "")


@dataclass(frozen=True, slots=True)
class ResultsTold:
    """The published result of a facility; `indicators` is empty where too few answered."""

    facility: str
    name: str
    at: datetime
    n: int
    indicators: tuple[Indicator, ...] = ()
    themes: tuple[str, ...] = ()
    meeting: float | None = None


@dataclass(frozen=True, slots=True)
class FacilitiesWith(Query[tuple[tuple[str, str], ...]]):
    """(code, name) of the facilities at a place ("" for all the citizen answered about) of
    which there are `what`: results or commitments.
    """

    what: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ResultsOf(Query[ResultsTold | None]):
    """The latest published result of a facility."""

    facility: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment: what was promised, by whom, until when, and how it stands."""

    id: str
    issue: str
    action: str
    who: str
    due: date | None
    status: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentsOf(Query[tuple[str, tuple[Promise, ...]]]):
    """A facility's name and its commitments, the open ones first."""

    facility: str
