"""Public budgets: lines as published, their totals for a place and year, and what to tell.

A line is booked once, at the unit that spends it. Amounts are whole ₮ (mungu are rounded
away). Fiscal years are calendar years.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a budget has come; each stage gives the whole amount, not the change."""

    PLANNED = "planned"
    APPROVED = "approved"
    AMENDED = "amended"
    EXECUTED = "executed"


PLANS = (Stage.AMENDED, Stage.APPROVED, Stage.PLANNED)
"""What execution is held against: the latest plan there is."""

SECTORS = (
    *("education", "health", "social", "culture"),
    *("infrastructure", "administration", "environment", "other"),
)
LEVELS = ("", "state", "aimag", "soum", "district")
FUNDS = ("", "local", "state", "LDF", "HIF", "own")
KINDS = ("", "school", "kindergarten", "dormitory", "health_centre", "hospital")
TOP = 30
"""Items kept with a total; chat shows five."""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One amount of one stage.

    `place` is an official unit code; `facility` the code of an imported facility or "";
    `period` "" for the whole year, else H1, H2, Q1 to Q4 or M01 to M12 (that period alone);
    `as_of` an ISO date; `row` where it stood in the file.
    """

    year: int
    place: str
    stage: str
    amount: int
    item: str
    source: str
    as_of: str
    period: str = ""
    facility: str = ""
    facility_kind: str = ""
    sector: str = "other"
    programme: str = ""
    econ_code: str = ""
    level: str = ""
    fund: str = ""
    row: int = 0

    @property
    def key(self) -> tuple[str | int, ...]:
        """What makes two lines the same line."""
        return (
            *(self.year, self.period, self.place, self.facility, self.facility_kind, self.sector),
            *(self.programme, self.econ_code, self.item, self.level, self.fund, self.stage),
        )

    def to_document(self) -> dict[str, Any]:
        """The line as stored; empty fields are left out."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value for name, value in values if value != ""}


@dataclass(slots=True)
class Total:
    """All lines of one place, year, sector and kind of facility, added up."""

    place: str
    year: int
    sector: str
    facility_kind: str
    stages: dict[str, int] = field(default_factory=dict)
    items: dict[str, dict[str, int]] = field(default_factory=dict)
    facilities: list[str] = field(default_factory=list)
    source: str = ""
    as_of: str = ""

    @property
    def key(self) -> str:
        """The total's name within one import."""
        return f"{self.place}/{self.year}/{self.sector}/{self.facility_kind}"

    def to_document(self) -> dict[str, Any]:
        """The total as stored: items as a list, since names may hold any letter."""
        document = asdict(self)
        document["items"] = [{"name": name, "stages": told} for name, told in self.items.items()]
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Total:
        """The reverse of `to_document`; fields of storage are ignored."""
        fields = {name: document[name] for name in cls.__slots__ if name in document}
        fields["items"] = {item["name"]: item["stages"] for item in document.get("items", ())}
        return cls(**fields)


def totals(lines: Iterable[BudgetLine]) -> list[Total]:
    """Lines added up by place, year, sector and kind of facility; the largest items kept."""
    found: dict[tuple[str, int, str, str], Total] = {}
    for line in lines:
        key = (line.place, line.year, line.sector, line.facility_kind)
        total = found.get(key)
        if total is None:
            total = found[key] = Total(*key, source=line.source, as_of=line.as_of)
        total.stages[line.stage] = total.stages.get(line.stage, 0) + line.amount
        item = total.items.setdefault(line.item, {})
        item[line.stage] = item.get(line.stage, 0) + line.amount
        total.as_of = max(total.as_of, line.as_of)
        if line.facility and line.facility not in total.facilities:
            total.facilities.append(line.facility)
    for total in found.values():
        largest = sorted(total.items, key=lambda name: -max(total.items[name].values()))[:TOP]
        total.items = {name: total.items[name] for name in largest}
    return list(found.values())


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """What is asked: the latest year where `year` is 0, all sectors where `sector` is ""."""

    place: str
    year: int = 0
    sector: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True)
class YearSum:
    """Plan and execution of one year, None where not published."""

    year: int
    plan: int | None
    executed: int | None


@dataclass(frozen=True, slots=True)
class BudgetSummary:
    """The answer to a `BudgetRequest`.

    `items` are the largest, with their plan (or execution where there is no plan); `history`
    is all loaded years, the oldest first; `below` says that the sum is of the units under the
    place; `pupils` is the number the amount may be divided by, 0 where not known; `sectors`
    are those that are loaded for that year, so that a part is not taken for the whole.
    """

    request: BudgetRequest
    year: int
    plan: int | None
    plan_stage: str
    executed: int | None
    items: tuple[tuple[str, int], ...]
    history: tuple[YearSum, ...]
    source: str
    as_of: str
    demonstration: bool = False
    below: bool = False
    pupils: int = 0
    sectors: tuple[str, ...] = ()

    @property
    def amount(self) -> int:
        """The figure to lead with: the plan, else what was spent."""
        return self.plan if self.plan is not None else self.executed or 0

    @property
    def change(self) -> float | None:
        """Change on the year before as a share, like with like; None where not known."""
        before = next((y for y in self.history if y.year == self.year - 1), None)
        if before is None:
            return None
        for now, then in ((self.plan, before.plan), (self.executed, before.executed)):
            if now is not None and then:
                return now / then - 1
        return None


def summarise(
    request: BudgetRequest, found: Iterable[Total], *, demonstration: bool = False, pupils: int = 0
) -> BudgetSummary | None:
    """What the totals of one place say to `request`; None when they say nothing.

    `found` are totals of all years of the place, or (where it has none) of the units below.
    """
    wanted = [
        total
        for total in found
        if request.sector in ("", total.sector) and request.facility in ("", total.facility_kind)
    ]
    if not wanted:
        return None
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for total in wanted:
        for stage, amount in total.stages.items():
            sums[total.year][stage] += amount
    year = request.year or max(sums)
    if year not in sums:
        return None
    ours = [total for total in wanted if total.year == year]
    plan_stage, plan = _plan(sums[year])
    return BudgetSummary(
        request=request,
        year=year,
        plan=plan,
        plan_stage=plan_stage,
        executed=sums[year].get(Stage.EXECUTED),
        items=_largest(ours, plan_stage or Stage.EXECUTED),
        history=tuple(
            YearSum(past, _plan(sums[past])[1], sums[past].get(Stage.EXECUTED))
            for past in sorted(sums)
        ),
        source="; ".join(dict.fromkeys(total.source for total in ours)),
        as_of=max(total.as_of for total in ours),
        demonstration=demonstration,
        below=all(total.place != request.place for total in ours),
        pupils=pupils,
        sectors=tuple(sector for sector in SECTORS if any(t.sector == sector for t in ours)),
    )


def _plan(stages: dict[str, int]) -> tuple[str, int | None]:
    return next(((str(stage), stages[stage]) for stage in PLANS if stage in stages), ("", None))


def _largest(found: list[Total], stage: str) -> tuple[tuple[str, int], ...]:
    items: dict[str, int] = defaultdict(int)
    for total in found:
        for name, stages in total.items.items():
            items[name] += stages.get(stage, 0)
    ranked = sorted(items.items(), key=lambda item: (-item[1], item[0]))
    return tuple((name, amount) for name, amount in ranked[:TOP] if amount)
