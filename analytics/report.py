"""What a report says: gathered from the answers of a form or campaign, section by section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from analytics import charts
from analytics.answers import Answers
from analytics.columns import Kind, Sensitivity
from analytics.datasets import DISPOSITIONS
from analytics.estimates import Estimate, difference, mean, share
from analytics.naming import Naming
from analytics.pseudonyms import Pseudonyms
from analytics.quality import quality
from analytics.questions import Question
from analytics.request import RequestError, request_of
from analytics.scorecards import is_indicator
from analytics.values import Row, as_text
from analytics.versions import versions_of
from analytics.weighting import Raked, WeightingError, rake
from content.response_rates import FORMULAS, response_rates
from content.suppression import hidden
from locales import text
from locales.told import Told
from storage.exporting import Exporting

SMALLEST = 5
"""Cells of fewer people are not printed: a report is passed around."""
ABOUT_WORDS = {
    "locale": "analysis.languages",
    "channel": "analysis.channels",
    "place": "analysis.place",
    "facility": "analysis.facility",
}
Margins = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its head, and rows of text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: what it says, its tables and its pictures (PNG, with words)."""

    title: str
    words: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    pictures: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report."""

    title: str
    locale: str
    sections: tuple[Section, ...]


@dataclass
class Gathered:
    """The rows of a form's cases, what stands where in them, and the facilities' names."""

    answers: Answers
    rows: list[Row] = field(default_factory=list)
    facilities: dict[str, str] = field(default_factory=dict)

    def place(self, name: str) -> int:
        return self.answers.tables[0].index(name)

    def cells(self, name: str, rows: Sequence[Row]) -> list[str | None]:
        at = self.place(name)
        return [None if row[at] is None else as_text(row[at]) for row in rows]

    @property
    def complete(self) -> list[Row]:
        at = self.place("status")
        return [row for row in self.rows if row[at] == "complete"]

    def naming(self, locale: str) -> Naming:
        """Names for the codes in its columns."""
        questions = {question.path: question.label for question in self.answers.questions}
        return Naming(locale, self.facilities, questions)

    @property
    def indicators(self) -> list[Question]:
        return [q for q in self.answers.questions if is_indicator(q) and not q.repeat]


async def gather(
    exporting: Exporting, name: str, key: bytes, cutoff: datetime, locale: str
) -> tuple[Gathered, Gathered | None, Counter[str] | None]:
    """The cases of a campaign or form, those of the round before, and the dispositions.

    Raises RequestError when `name` is neither.
    """
    campaign = await exporting.one("campaigns", name)
    form_id = name
    before: str | None = None
    dispositions: Counter[str] | None = None
    if campaign is not None:
        version = await exporting.one("forms", campaign["form"])
        if version is None:
            raise RequestError(f"the form of campaign {name!r} is gone: {campaign['form']}")
        form_id = version["form"]
        before = await _round_before(exporting, campaign, form_id)
        dispositions = await _dispositions(exporting, name)
    asked: dict[str, object] = {
        "dataset": "answers", "form": form_id, "cutoff": cutoff, "language": locale,
    }  # fmt: skip
    if campaign is not None:
        # A campaign speaks of its own version, whatever came later.
        asked |= {"campaign": name, "version": campaign["form"]}
    now = await _cases(exporting, asked, key)
    codes = sorted(filter(None, set(now.cells("facility", now.rows))))
    async for batch in exporting.batches("facilities", {"_id": {"$in": codes}}, ("name",)):
        now.facilities |= {one["_id"]: one["name"] for one in batch}
    if campaign is None:
        return now, None, None
    asked |= {"campaign": before or "", "version": ""}
    earlier = await _cases(exporting, asked, key) if before else None
    return now, earlier, dispositions


async def _cases(exporting: Exporting, asked: dict[str, object], key: bytes) -> Gathered:
    request = request_of(asked)
    versions = await versions_of(exporting, request.form, request.version, request.cutoff)
    gathered = Gathered(Answers(exporting, request, versions, Pseudonyms(key, request.key)))
    async for batch in gathered.answers.batches():
        gathered.rows += [row for _, number, _, row in batch if number == 0]
    gathered.rows.sort(key=lambda row: str(row[0]))
    return gathered


async def _round_before(
    exporting: Exporting, campaign: Mapping[str, object], form_id: str
) -> str | None:
    """The campaign with the same form that was made last before this one."""
    versions = {one["_id"] async for one in exporting.form_versions(form_id)}
    earlier = []
    query = {"form": {"$in": sorted(versions)}}
    async for batch in exporting.batches("campaigns", query, ("created",)):
        earlier += [
            (one["created"], one["_id"])
            for one in batch
            if one["_id"] != campaign["_id"] and one["created"] < campaign["created"]
        ]
    return max(earlier)[1] if earlier else None


async def _dispositions(exporting: Exporting, campaign: str) -> Counter[str]:
    found: Counter[str] = Counter()
    fields = ("disposition", "via")
    async for batch in exporting.batches("invitations", {"campaign": campaign}, fields):
        found.update(one["disposition"] for one in batch if one.get("via") != "test")
    return found


def compose(
    name: str,
    now: Gathered,
    before: Gathered | None,
    dispositions: Mapping[str, int] | None,
    margins: Margins,
    locale: str,
) -> Report:
    """The report; raises RequestError for margins that can't be reached."""
    say = partial(text, locale)
    raked = _raked(now, margins)
    sections = [
        _response(now, dispositions, say, now.naming(locale)),
        _who(now, margins, raked, say, now.naming(locale)),
        _indicators(now, before, raked, say),
        _course(now, say, now.naming(locale)),
    ]
    titles = now.answers.versions[0].source.titles
    form = titles.get(locale) or now.answers.versions[0].source.title
    cutoff = now.answers.request.cutoff.strftime("%Y-%m-%d %H:%M UTC")
    head = Section(say("analysis.basis"), (say("analysis.basis_words", name=name, cutoff=cutoff),))
    return Report(form, locale, (head, *sections))


def _raked(now: Gathered, margins: Margins) -> Raked | None:
    if not margins:
        return None
    rows = now.complete
    for column in margins:
        try:
            now.place(column)
        except KeyError:
            raise RequestError(Told("exports.fault.column", column=column)) from None
    try:
        return rake({c: now.cells(c, rows) for c in margins}, margins, [True] * len(rows))
    except WeightingError as error:
        raise RequestError(*error.args) from None


Say = partial[str]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _interval(found: Estimate, pattern: str) -> str:
    if found.low is None or found.high is None:
        return "–"
    return f"{pattern.format(found.low)} – {pattern.format(found.high)}"


def _response(
    now: Gathered, dispositions: Mapping[str, int] | None, say: Say, names: Naming
) -> Section:
    title = say("analysis.response")
    statuses = Counter(str(row[now.place("status")]) for row in now.rows)
    if not dispositions:
        done, begun = statuses["complete"], sum(statuses.values()) - statuses["refused"]
        words = [say("analysis.open_link")]
        if begun:
            rate = share(done, begun)
            words.append(
                say("analysis.completion", done=done, begun=begun, rate=_percent(rate.value))
            )
        return Section(title, tuple(words))
    rates = response_rates(dispositions).values
    grid = Grid(
        (say("analysis.rate"), say("analysis.value"), say("analysis.definition")),
        tuple((name, _percent(rates[name]), FORMULAS[name]) for name in FORMULAS),
    )
    counts = Grid(
        (say("analysis.disposition"), say("analysis.people")),
        tuple(
            (names.disposition(one), str(dispositions[one]))
            for one in sorted(dispositions, key=_course_of)
        ),
    )
    return Section(title, (say("analysis.response_words"),), (grid, counts))


def _course_of(disposition: str) -> int:
    """Where a disposition stands in the course of an invitation."""
    codes = [code for code, _ in DISPOSITIONS]
    return codes.index(disposition) if disposition in codes else len(codes)


def _who(now: Gathered, margins: Margins, raked: Raked | None, say: Say, names: Naming) -> Section:
    """Traits of those who answered, beside the population's shares where they are given."""
    rows = now.complete
    grids = []
    columns = [
        column
        for column in now.answers.tables[0].columns
        if column.name in margins
        or (column.sensitivity is Sensitivity.TRAIT and column.kind is not Kind.INTEGER)
    ]
    for column in columns:
        counts = Counter(one or "" for one in now.cells(column.name, rows))
        if set(counts) <= {""}:
            continue
        withheld = hidden(counts, SMALLEST)
        labels = dict(column.choices)
        body = []
        for value, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
            if value in withheld:
                continue
            found = share(count, len(rows))
            lived = margins.get(column.name, {})
            total = sum(lived.values())
            there = _percent(lived[value] / total) if value in lived else "–"
            told = labels.get(value) or (value and names.value(column.name, value))
            told = told or say("analysis.unknown")
            line = (told, str(count), _percent(found.value), _interval(found, "{:.1%}"), there)
            body.append(line)
        if withheld:
            rest = sum(counts[value] for value in withheld)
            shown = str(rest) if rest >= SMALLEST else f"< {SMALLEST}"
            body.append((say("analysis.smaller"), shown, "–", "–", "–"))
        head = ("analysis.people", "analysis.share", "analysis.interval", "analysis.population")
        about = ABOUT_WORDS.get(column.name, "") if not column.source else ""
        label = say(about) if about else column.label
        grids.append(Grid((label, *(say(key) for key in head)), tuple(body)))
    words = [say("analysis.who_words", smallest=SMALLEST)]
    if raked is not None:
        words.append(
            say("analysis.weights", n=raked.weighted, effective=f"{raked.effective:.0f}",
                largest=f"{raked.largest:.2f}")
        )  # fmt: skip
    return Section(say("analysis.who"), tuple(words), tuple(grids))


def _scores(gathered: Gathered, path: str, raked: Raked | None) -> Estimate | None:
    table = gathered.answers.tables[0]
    at = next((n for n, column in enumerate(table.columns) if column.source == path), None)
    if at is None:
        return None
    values, weights = [], []
    for number, row in enumerate(gathered.complete):
        score = str(row[at] or "")
        weight = float(raked.weights[number]) if raked is not None else 1.0
        if score.isdecimal() and weight == weight:
            values.append(float(score))
            weights.append(weight)
    return mean(values, weights) if values else None


def _indicators(now: Gathered, before: Gathered | None, raked: Raked | None, say: Say) -> Section:
    title, body = say("analysis.indicators"), []
    drawn: list[tuple[str, Estimate]] = []
    scales = [[int(n) for n, _ in q.choices if n.isdecimal()] for q in now.indicators]
    for question in now.indicators:
        found = _scores(now, question.path, raked)
        if found is None:
            continue
        line = [question.label, f"{found.value:.2f}", _interval(found, "{:.2f}"), f"{found.n:.0f}"]
        earlier = _scores(before, question.path, None) if before is not None else None
        if before is not None:
            line += _change(earlier, found)
        body.append(tuple(line))
        drawn.append((question.label, found))
    if not body:
        return Section(title, (say("analysis.no_indicators"),))
    keys = ["indicator", "mean", "interval", "n"]
    keys += ["change", "chance"] if before is not None else []
    grid = Grid(tuple(say(f"analysis.{key}") for key in keys), tuple(body))
    picture = charts.bars(
        [label for label, _ in drawn],
        [one.value for _, one in drawn],
        low=[one.low for _, one in drawn],
        high=[one.high for _, one in drawn],
        limits=(min(map(min, scales)) - 1, max(map(max, scales)) + 0.4),
    )
    words = [say("analysis.indicators_words")]
    if before is not None:
        words.append(say("analysis.change_words"))
    return Section(title, tuple(words), (grid,), ((say("analysis.chart_means"), picture),))


def _change(earlier: Estimate | None, found: Estimate) -> list[str]:
    if earlier is None:
        return ["–", "–"]
    change, chance = difference(earlier, found)
    return [f"{change:+.2f}", "–" if chance is None else _chance(chance)]


def _chance(chance: float) -> str:
    return "< 0.001" if chance < 0.001 else f"{chance:.3f}"


def _course(now: Gathered, say: Say, names: Naming) -> Section:
    """How answering went: durations, where people left, flags, channels and languages."""
    rows, place = now.complete, now.place
    paths = {question.path for question in now.indicators}
    at = [n for n, c in enumerate(now.answers.tables[0].columns) if c.source in paths]
    found = quality(
        [row[place("seconds")] for row in rows],  # type: ignore[misc]
        [[None if row[n] is None else str(row[n]) for n in at] for row in rows],
        [str(row[place("citizen")]) for row in rows],
    )
    minutes = "–" if found.median is None else f"{found.median / 60:.1f}"
    flags = Grid(
        (say("analysis.flag"), say("analysis.cases")),
        tuple(
            (say(f"analysis.flag_{name}"), str(getattr(found, name)))
            for name in ("fast", "alike", "empty", "again")
        ),
    )
    left = Counter(
        names.question(str(row[place("last_node")] or "")) or say("analysis.unknown")
        for row in now.rows
        if row[place("status")] in ("partial", "break-off", "started")
    )
    grids, pictures = [flags], []
    if left:
        most = left.most_common(12)
        picture = charts.bars([n for n, _ in most], [c for _, c in most], pattern="{:.0f}")
        pictures.append((say("analysis.chart_left"), picture))
    for name, key in (("channel", "analysis.channels"), ("locale", "analysis.languages")):
        mix = Counter(one or "" for one in now.cells(name, rows))
        body = tuple(
            (names.value(name, one) or "–", str(n), _percent(n / len(rows)))
            for one, n in mix.most_common()
        )
        if body:
            grids.append(Grid((say(key), say("analysis.cases"), say("analysis.share")), body))
    words = (say("analysis.duration", median=minutes), say("analysis.flags_words"))
    return Section(say("analysis.course"), words, tuple(grids), tuple(pictures))
