"""Scorecards: facility × indicator × round, counted from the answers of complete cases.

An indicator is a question scored with whole numbers ("1" to "5"); other choices ("don't
know") count as answered without a score. A round is a campaign.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from analytics.about import is_wanted
from analytics.columns import Column, Kind, Table
from analytics.pseudonyms import Pseudonyms
from analytics.questions import Question, column_names, questions_of
from analytics.request import Profile, Request
from analytics.spool import Placed
from analytics.values import Cell
from analytics.versions import Version
from content.suppression import hidden
from storage.database import Document
from storage.exporting import Exporting

COLUMNS = (
    Column("form", label="Form"),
    Column("round", label="Round: the campaign, blank for answers outside of one"),
    Column("facility", label="Facility"),
    Column("place", label="Place of the facility", note="of the first case where not imported"),
    Column("indicator", label="Indicator"),
    Column("label", label="Indicator in words"),
    Column("cases", Kind.INTEGER, "Complete cases"),
    Column("scored", Kind.INTEGER, "Cases with a score"),
    Column("mean", Kind.DECIMAL, "Mean score"),
    Column("median", Kind.DECIMAL, "Median score"),
    Column("deviation", Kind.DECIMAL, "Standard deviation of the scores (n - 1)"),
    Column("low", Kind.DECIMAL, "Share of the two lowest scores, 0 to 1"),
    Column("high", Kind.DECIMAL, "Share of the two highest scores, 0 to 1"),
)


def is_indicator(question: Question) -> bool:
    """Whether a question is scored with whole numbers."""
    scores = [name for name, _ in question.choices if name.isdecimal()]
    return question.node_kind == "select_one" and len(scores) >= 3


@dataclass
class Tally:
    """The scores of one facility, indicator and round."""

    place: str = ""
    cases: int = 0
    scores: list[int] = field(default_factory=list)

    def figures(self, scale: list[int]) -> tuple[Cell, ...]:
        """cases, scored, mean, median, deviation, low, high."""
        found = self.scores
        if not found:
            return self.cases, 0, None, None, None, None, None
        low, high = scale[:2], scale[-2:]
        return (
            self.cases,
            len(found),
            round(statistics.fmean(found), 4),
            float(statistics.median(found)),
            round(statistics.stdev(found), 4) if len(found) > 1 else None,
            round(sum(score in low for score in found) / len(found), 4),
            round(sum(score in high for score in found) / len(found), 4),
        )


class Scorecards:
    """The scorecards of one form."""

    def __init__(
        self,
        exporting: Exporting,
        request: Request,
        versions: tuple[Version, ...],
        pseudonyms: Pseudonyms,
    ) -> None:
        self.exporting = exporting
        self.request = request
        self.versions = versions
        self.pseudonyms = pseudonyms
        questions = questions_of(versions, request.language)
        names = column_names(questions, request)
        self.indicators = {q.path: (names[q.path], q) for q in questions if is_indicator(q)}
        key = ("round", "facility", "indicator")
        self.tables = (Table("scorecards", "Scorecards", COLUMNS, key),)

    async def batches(self) -> AsyncIterator[list[Placed]]:
        """All rows at once: there are only as many as facilities and indicators."""
        tallies = await self._count()
        shown = self._shown(tallies)
        rows = []
        for cell, tally in sorted(tallies.items()):
            if cell not in shown:
                continue
            turn, facility, path = cell
            name, question = self.indicators[path]
            scale = sorted(int(n) for n, _ in question.choices if n.isdecimal())
            row: tuple[Cell, ...] = (
                self.request.form, turn or None, facility or None, tally.place or None,
                name, question.label, *tally.figures(scale),
            )  # fmt: skip
            # One file of the spool, so that the order is that of the rounds and facilities.
            rows.append(("00", 0, (turn, facility, path), row))
        yield rows

    async def _count(self) -> dict[tuple[str, str, str], Tally]:
        tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
        query: Document = {"form": {"$in": [one.source.version for one in self.versions]}}
        async for batch in self.exporting.batches("cases", query):
            for case in batch:
                if is_wanted(case, self.request) and self._counts(case):
                    self._add(tallies, case)
        return tallies

    def _counts(self, case: Document) -> bool:
        ended = case.get("ended")
        done = case.get("status") == "complete" and ended is not None
        return done and ended is not None and bool(ended <= self.request.cutoff)

    def _add(self, tallies: dict[tuple[str, str, str], Tally], case: Document) -> None:
        values = case.get("values", {})
        for path in self.indicators:
            cell = (case.get("campaign") or "", case.get("facility") or "", path)
            tally = tallies[cell]
            tally.place = min(filter(None, (tally.place, case.get("place") or "")), default="")
            tally.cases += 1
            score = str(values.get(path, ""))
            if score.isdecimal():
                tally.scores.append(int(score))

    def _shown(self, tallies: dict[tuple[str, str, str], Tally]) -> set[tuple[str, str, str]]:
        """All, or in the public profile those that give nobody away."""
        if self.request.profile is not Profile.PUBLIC:
            return set(tallies)
        return _safe(tallies, self.request.minimum)


def _safe(tallies: dict[tuple[str, str, str], Tally], minimum: int) -> set[tuple[str, str, str]]:
    """Cells big enough, less those that would show a small one by subtraction from a total."""
    groups: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (turn, facility, path), tally in tallies.items():
        groups[turn, path][facility] = len(tally.scores)
    shown: set[tuple[str, str, str]] = set()
    for (turn, path), sizes in groups.items():
        nobody = [facility for facility, size in sizes.items() if not size]
        withheld = hidden(sizes, minimum, also=nobody)
        shown |= {(turn, facility, path) for facility in sizes if facility not in withheld}
    return shown
