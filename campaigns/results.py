"""Results of a facility in a round: what everyone may see, small cells withheld.

A round is a campaign. Citizens' answers, the provider's own assessment and the score agreed in
the meeting stand side by side and are never mixed: the first are answered alone and without a
name, the last is what people agreed on together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any

from campaigns.outline import SCALE, Grouping, Labels, Outline, Outlines, Scored
from campaigns.refusal import Refusal
from campaigns.service import utc_now
from content.suppression import MINIMUM, hidden
from storage.results import ResultStore, result_id
from storage.store import Document, Store

PROVIDER = "_provider"
"""What is added to a form's id for the provider's own assessment of the same indicators."""
LONGEST_THEME = 120
MOST_THEMES = 5


@dataclass(frozen=True, slots=True)
class Indicator:
    """One scored question: `n` answers with a score and their mean, None where withheld.

    `distribution` is how many gave each score. `change` is against the facility's last round.
    """

    name: str
    label: Labels
    n: int | None
    mean: float | None
    distribution: dict[str, int | None]
    change: float | None = None
    provider: float | None = None
    meeting: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """People who gave the same answer about themselves; what is withheld is None."""

    dimension: str
    value: str
    label: Labels
    n: int | None
    mean: float | None
    means: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacilityResult:
    """What became of one facility in one round; where `suppressed`, too few answered."""

    campaign: str
    facility: str
    form: str
    title: Labels
    at: datetime
    n: int | None
    suppressed: bool
    indicators: tuple[Indicator, ...] = ()
    groups: tuple[Group, ...] = ()
    themes: tuple[str, ...] = ()
    published: bool = False

    @property
    def mean(self) -> float | None:
        """The mean of the indicators' means."""
        means = [each.mean for each in self.indicators if each.mean is not None]
        return fmean(means) if means else None

    def to_document(self) -> dict[str, Any]:
        """The shape stored and given out."""
        return {"_id": result_id(self.campaign, self.facility), **asdict(self), "mean": self.mean}

    @classmethod
    def from_document(cls, document: Document) -> FacilityResult:
        """The reverse of `to_document`."""
        fields = {name: document[name] for name in cls.__slots__ if name in document}
        fields["indicators"] = tuple(Indicator(**each) for each in document["indicators"])
        fields["groups"] = tuple(Group(**each) for each in document["groups"])
        fields["themes"] = tuple(document["themes"])
        return cls(**fields)


class Results:
    """Computes, publishes and finds results; raises `Refusal` with what would help."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._outlines = Outlines(store)
        self._results = ResultStore(store.database)

    async def facilities(self, campaign: str) -> dict[str, int]:
        """The facilities answered about in a round, with how many complete answers."""
        return dict(Counter(each.get("facility", "") for each in await self._complete(campaign)))

    async def of_facility(self, campaign: str, facility: str) -> FacilityResult:
        """The result as it stands now; what may not be seen is withheld already."""
        found = await self._campaign(campaign)
        outline = await self._outlines.of(found["form"])
        cases = await self._store.cases.of_campaign(campaign, ["complete"], facility)
        noted = await self._results.assessment(campaign, facility)
        shared: dict[str, Any] = {
            "campaign": campaign,
            "facility": facility,
            "form": outline.form_id,
            "title": outline.titles,
            "at": self._clock(),
            "themes": tuple(noted.get("themes", ())),
        }
        values: list[Mapping[str, str]] = [case["values"] for case in cases]
        provider = await self._provider(outline, facility)
        meeting: dict[str, float] = noted.get("meeting", {})
        if len(cases) < MINIMUM:
            silent = tuple(
                Indicator(
                    each.name,
                    each.labels,
                    None,
                    None,
                    dict.fromkeys(SCALE),
                    None,
                    provider.get(each.name),
                    meeting.get(each.name),
                )
                for each in outline.indicators
            )
            return FacilityResult(**shared, n=None, suppressed=True, indicators=silent)
        before = await self._before(campaign, facility, outline.form_id)
        indicators = tuple(
            _indicator(each, values, before, provider, meeting) for each in outline.indicators
        )
        groups = tuple(
            group
            for grouping in outline.groupings
            for group in _groups(grouping, outline.indicators, values)
        )
        return FacilityResult(
            **shared, n=len(cases), suppressed=False, indicators=indicators, groups=groups
        )

    async def publish(self, campaign: str, facility: str, by: str) -> FacilityResult:
        """Put the result before everyone: in chat, on its page, in the policy view."""
        result = await self.of_facility(campaign, facility)
        await self._results.publish({**result.to_document(), "published": True, "by": by})
        return result

    async def published(self, facility: str) -> list[FacilityResult]:
        """A facility's published results, the latest first."""
        return [FacilityResult.from_document(one) for one in await self._results.of(facility)]

    async def all_published(self) -> list[FacilityResult]:
        """Every published result, the latest first."""
        return [FacilityResult.from_document(one) for one in await self._results.all()]

    async def themes(self, campaign: str, facility: str, themes: list[str], by: str) -> None:
        """What people said most, in the facilitator's words: never a person's own text."""
        if len(themes) > MOST_THEMES or any(len(one) > LONGEST_THEME for one in themes):
            raise Refusal("refusal.themes", most=MOST_THEMES, longest=LONGEST_THEME)
        await self._results.note(campaign, facility, by, self._clock(), themes=themes)

    async def meeting(
        self, campaign: str, facility: str, scores: Mapping[str, float], by: str, note: str = ""
    ) -> None:
        """The scores agreed in the meeting, by indicator; raises Refusal for an unknown one."""
        outline = await self._outlines.of((await self._campaign(campaign))["form"])
        known = {each.name for each in outline.indicators}
        if unknown := sorted(set(scores) - known):
            raise Refusal("refusal.indicator", unknown=unknown, known=sorted(known))
        if any(not 1 <= score <= 5 for score in scores.values()):
            raise Refusal("refusal.score")
        noted = {"meeting": dict(scores), "meeting_note": note}
        await self._results.note(campaign, facility, by, self._clock(), **noted)

    # -- inside -------------------------------------------------------------------------

    async def _campaign(self, campaign: str) -> Document:
        found = await self._store.campaigns.find(campaign)
        if found is None:
            raise Refusal("refusal.no_campaign", campaign=campaign)
        return found

    async def _complete(self, campaign: str) -> list[Document]:
        return await self._store.cases.of_campaign(campaign, ["complete"])

    async def _provider(self, outline: Outline, facility: str) -> dict[str, float]:
        """The provider's own scores by indicator, from its staff's answers."""
        scores: dict[str, list[int]] = {}
        form = outline.form_id + PROVIDER
        for case in await self._store.cases.about(facility):
            if case["form"].rpartition("-")[0] != form or case["status"] != "complete":
                continue
            for each in outline.indicators:
                if (value := _by_name(case["values"], each.name)) in SCALE:
                    scores.setdefault(each.name, []).append(int(value))
        return {name: fmean(found) for name, found in scores.items()}

    async def _before(self, campaign: str, facility: str, form: str) -> dict[str, float | None]:
        """The means of the facility's last published round with the same form."""
        for one in await self._results.of(facility):
            if one["campaign"] != campaign and one["form"] == form and not one["suppressed"]:
                return {each["name"]: each["mean"] for each in one["indicators"]}
        return {}


def _by_name(values: Mapping[str, str], name: str) -> str:
    return next((v for path, v in values.items() if path.rpartition("/")[2] == name), "")


def _indicator(
    each: Scored,
    values: list[Mapping[str, str]],
    before: Mapping[str, float | None],
    provider: Mapping[str, float],
    meeting: Mapping[str, float],
) -> Indicator:
    counts = Counter(one.get(each.path, "") for one in values)
    sizes = {score: counts[score] for score in SCALE}
    n = sum(sizes.values())
    beside = provider.get(each.name), meeting.get(each.name)
    if n < MINIMUM:
        return Indicator(each.name, each.labels, None, None, dict.fromkeys(SCALE), None, *beside)
    mean = sum(int(score) * size for score, size in sizes.items()) / n
    withheld = hidden(sizes)
    shown = {score: None if score in withheld else size for score, size in sizes.items()}
    last = before.get(each.name)
    change = mean - last if last is not None else None
    return Indicator(each.name, each.labels, n, mean, shown, change, *beside)


def _groups(
    grouping: Grouping, indicators: tuple[Scored, ...], values: list[Mapping[str, str]]
) -> list[Group]:
    """The groups of one question, withheld so that none is what the others leave of all."""
    members: dict[str, list[Mapping[str, str]]] = {value: [] for value in grouping.values}
    unknown: list[Mapping[str, str]] = []
    for one in values:
        members.get(one.get(grouping.path, ""), unknown).append(one)
    sizes = {value: len(found) for value, found in members.items()} | {"": len(unknown)}
    withheld = hidden(sizes)
    means: dict[str, dict[str, float | None]] = {value: {} for value in members}
    for each in indicators:
        scores = {v: _scores(each, found) for v, found in {**members, "": unknown}.items()}
        counts = {value: len(found) for value, found in scores.items()}
        out = hidden(counts, also=withheld)
        for value in members:
            shown = value not in out and scores[value]
            means[value][each.name] = fmean(scores[value]) if shown else None
    groups = []
    for value, found in members.items():
        known = [mean for mean in means[value].values() if mean is not None]
        whole = len(known) == len(indicators) and bool(known)
        groups.append(
            Group(
                grouping.name,
                value,
                dict(grouping.values[value]),
                None if value in withheld else len(found),
                fmean(known) if whole else None,
                means[value],
            )
        )
    return groups


def _scores(each: Scored, people: list[Mapping[str, str]]) -> list[int]:
    return [int(one[each.path]) for one in people if one.get(each.path, "") in SCALE]
