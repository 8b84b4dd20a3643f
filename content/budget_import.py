"""From a budget file to checked lines: every problem named by row and column, all or nothing."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from content.budget_mapping import FIELDS, Mapping, own_layout
from content.budgets import FUNDS, KINDS, LEVELS, PLANS, SECTORS, BudgetLine, Stage
from content.finding import Finding, Refused, in_cell, in_row
from content.place_resolver import Resolver
from content.tables import Table, read_table

FIRST_YEAR = 1992
YEARS_AHEAD = 3
MAX_FINDINGS = 200
"""Findings collected before giving up on a file: more help nobody."""
ROUNDING = 1
"""₮ by which a total row may differ from its lines, for each line: mungu were rounded away."""
SMALL = 1_000_000

PERIOD = re.compile(r"^(H[12]|Q[1-4]|M(0[1-9]|1[0-2]))?$")
ALLOWED = {
    "stage": tuple(str(stage) for stage in Stage),
    "sector": SECTORS,
    "level": LEVELS,
    "fund": FUNDS,
    "facility_kind": KINDS,
}
SHARED = tuple(name for name in FIELDS if name not in ("stage", "amount"))
"""The fields that all amounts of a row have in common."""
Progress = Callable[[int], None]
"""Called with the number of rows read so far."""


@dataclass(slots=True)
class Batch:
    """A file that passed: its lines and what to tell about them.

    `import_id` derives from the file's bytes and its mapping, so the same import again is
    known as the same. `warnings` don't stop it.
    """

    import_id: str
    file: str
    lines: list[BudgetLine]
    demonstration: bool
    warnings: list[Finding] = field(default_factory=list)


def fingerprint(path: Path, mapping: str) -> str:
    """The import's id: hash of the file's bytes and the mapping."""
    digest = hashlib.sha256(mapping.encode())
    with path.open("rb") as source:
        while block := source.read(2**20):
            digest.update(block)
    return digest.hexdigest()[:16]


def read_budget(
    path: Path,
    mapping: Mapping | None,
    today: date,
    *,
    facilities: Iterable[str] = (),
    progress: Progress | None = None,
) -> Batch:
    """Read and check a whole file; raises Refused with every finding.

    Without a mapping the file must have Onoo's own columns. `facilities` are the known
    facility codes.
    """
    if mapping is None:
        table = read_table(path)
        mapping = own_layout(table.header)
    else:
        table = read_table(
            path, sheet=mapping.sheet, header_row=mapping.header_row, delimiter=mapping.delimiter
        )
    mapping.check_header(table.header, path.name)
    reader = _Reader(path.name, table, mapping, today, frozenset(facilities))
    lines = list(reader.lines(progress or (lambda _: None)))
    if not lines and not reader.findings:
        raise Refused.because(path.name, "no budget lines below the header")
    findings = reader.findings + check_lines(path.name, lines, mapping)
    if severe := [finding for finding in findings if finding.severe]:
        raise Refused(severe[:MAX_FINDINGS])
    import_id = fingerprint(path, mapping.model_dump_json())
    return Batch(import_id, path.name, lines, mapping.demonstration, findings)


class _Reader:
    """Turns rows into lines and collects what is wrong with them."""

    def __init__(
        self, name: str, table: Table, mapping: Mapping, today: date, facilities: frozenset[str]
    ) -> None:
        self.name = name
        self.findings: list[Finding] = []
        self._table = table
        self._mapping = mapping
        self._at = {column: number for number, column in enumerate(table.header) if column}
        self._fields = {
            name: (
                self._at.get(mapping.columns.get(name, "")),
                mapping.constants.get(name, ""),
                mapping.values.get(name, {}),
            )
            for name in FIELDS
        }
        self._last_year = today.year + YEARS_AHEAD
        self._today = today.isoformat()
        self._facilities = facilities
        self._places = Resolver(within=mapping.within)
        self._sums: dict[str, int] = defaultdict(int)
        self._since_total = 0

    def lines(self, progress: Progress) -> Iterator[BudgetLine]:
        for count, (row, cells) in enumerate(self._table.rows, 1):
            if len(self.findings) >= MAX_FINDINGS:
                return
            if count % 1000 == 0:
                progress(count)
            if not self._wanted(row, cells):
                continue
            if self._is_total(cells):
                self._compare_total(row, cells)
            else:
                yield from self._row(row, cells)

    def _wanted(self, row: int, cells: list[str]) -> bool:
        """Whether the row is one to read: `only` drops rows in silence, `require` complains."""
        for column, values in self._mapping.require.items():
            if (value := self._cell(cells, column)) not in values:
                what = f"{value!r}: only {', '.join(values)} can be imported"
                self.findings.append(Finding(in_cell(self.name, row, column), what))
                return False
        return all(
            self._cell(cells, column) in values for column, values in self._mapping.only.items()
        )

    def _row(self, row: int, cells: list[str]) -> Iterator[BudgetLine]:
        shared = self._shared(row, cells)
        if shared is None:
            return
        for stage, column, text in self._amounts(row, cells):
            amount = self._amount(row, column, text)
            if amount is None:
                continue
            if amount < 0 and stage != Stage.EXECUTED:
                self._complain(row, column, f"{amount:,} is negative: only execution can be")
                continue
            self._sums[stage] += amount
            self._since_total += 1
            yield BudgetLine(
                year=int(shared["year"]),
                place=shared["place"],
                stage=stage,
                amount=amount,
                item=shared["item"],
                source=shared["source"],
                as_of=shared["as_of"],
                period=shared["period"],
                facility=shared["facility"],
                facility_kind=shared["facility_kind"],
                sector=shared["sector"] or "other",
                programme=shared["programme"],
                econ_code=shared["econ_code"],
                level=shared["level"],
                fund=shared["fund"],
                row=row,
            )

    def _shared(self, row: int, cells: list[str]) -> dict[str, str] | None:
        """The fields that all amounts of a row have in common; None where one is wrong."""
        before = len(self.findings)
        values = {name: self._value(name, cells) for name in SHARED}
        self._check_year(row, values["year"])
        self._check_date(row, values["as_of"])
        for name in ("item", "source"):
            if not values[name]:
                self._complain(row, name, "is empty")
        if not PERIOD.match(values["period"]):
            what = f"{values['period']!r}: expected nothing, H1, H2, Q1 to Q4 or M01 to M12"
            self._complain(row, "period", what)
        for name in ("sector", "level", "fund", "facility_kind"):
            self._check_allowed(row, name, values[name])
        place, problem = self._places.resolve(values["place"])
        if problem:
            self._complain(row, "place", problem)
        values["place"] = place
        if values["facility"] and values["facility"] not in self._facilities:
            self._complain(
                row, "facility", f"{values['facility']!r} is not among the imported facilities"
            )
        return values if len(self.findings) == before else None

    def _value(self, name: str, cells: list[str]) -> str:
        at, fixed, renamed = self._fields[name]
        value = fixed if at is None else (cells[at] if at < len(cells) else "")
        return renamed.get(value, value) if renamed else value

    def _cell(self, cells: list[str], column: str) -> str:
        at = self._at[column]
        return cells[at] if at < len(cells) else ""

    def _amounts(self, row: int, cells: list[str]) -> Iterator[tuple[str, str, str]]:
        """(stage, column, text) of each amount in the row; empty cells of wide files are none."""
        if self._mapping.amounts:
            for one, column in self._mapping.amounts.items():
                if text := self._cell(cells, column):
                    yield str(one), column, text
            return
        stage = self._value("stage", cells)
        if self._check_allowed(row, "stage", stage):
            yield stage, "amount", self._value("amount", cells)

    def _amount(self, row: int, column: str, text: str) -> int | None:
        amount = parse_amount(text)
        if amount is None:
            self._complain(row, column, f"{text!r} is no amount: write 1234567.50 or 1,234,567.50")
            return None
        return round(amount * self._mapping.factor)

    def _check_year(self, row: int, text: str) -> None:
        if not (text.isdecimal() and FIRST_YEAR <= int(text) <= self._last_year):
            self._complain(
                row, "year", f"{text!r}: expected a fiscal year {FIRST_YEAR} to {self._last_year}"
            )

    def _check_date(self, row: int, text: str) -> None:
        try:
            date.fromisoformat(text)
        except ValueError:
            self._complain(row, "as_of", f"{text!r} is no date: write 2025-01-31")
            return
        if text > self._today:
            self._complain(row, "as_of", f"{text} lies in the future")

    def _check_allowed(self, row: int, name: str, value: str) -> bool:
        if value in ALLOWED[name] or (name == "sector" and not value):
            return True
        options = ", ".join(option for option in ALLOWED[name] if option)
        self._complain(
            row, name, f"{value!r}: expected one of {options} (or map it under `values: {name}`)"
        )
        return False

    def _is_total(self, cells: list[str]) -> bool:
        rows = self._mapping.total_rows
        if rows is None:
            return False
        words = self._cell(cells, rows.column).casefold()
        return any(words.startswith(word.casefold()) for word in rows.words)

    def _compare_total(self, row: int, cells: list[str]) -> None:
        """A row of sums must equal the lines since the last one."""
        for stage, column, text in self._amounts(row, cells):
            told = self._amount(row, column, text)
            summed = self._sums[stage]
            if told is not None and abs(told - summed) > ROUNDING * max(1, self._since_total):
                self._complain(
                    row,
                    column,
                    f"the total says {told:,}, its lines add up to {summed:,} ({stage})",
                )
        self._sums.clear()
        self._since_total = 0

    def _complain(self, row: int, name: str, what: str) -> None:
        column = self._mapping.columns.get(name, name)
        self.findings.append(Finding(in_cell(self.name, row, column), what))


def parse_amount(text: str) -> Decimal | None:
    """An amount as Mongolian spreadsheets write it; None where it is none.

    Commas and spaces separate thousands, the point is the decimal mark, brackets or a minus
    make it negative. Decimal commas are refused: 1,234 would be read two ways.
    """
    plain = text.replace("₮", "").replace("\xa0", " ").strip()
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()").strip()
    if re.fullmatch(r"[-−]?\d{1,3}([ ,]\d{3})+(\.\d+)?", plain):
        plain = plain.replace(" ", "").replace(",", "")
    if not re.fullmatch(r"[-−]?\d+(\.\d+)?([eE][+]?\d+)?", plain):
        return None
    try:
        amount = Decimal(plain.replace("−", "-"))
    except InvalidOperation:
        return None
    if abs(amount) > 10**15:
        return None
    return -amount if negative else amount


def check_lines(name: str, lines: list[BudgetLine], mapping: Mapping) -> list[Finding]:
    """Doubled lines, periods beside whole years, negative and unexpected totals, odd units."""
    found: list[Finding] = []
    seen: dict[tuple[str | int, ...], int] = {}
    groups: dict[tuple[str, int, str], int] = defaultdict(int)
    periods: dict[tuple[str, int, str], set[bool]] = defaultdict(set)
    stages: dict[str, int] = defaultdict(int)
    for line in lines:
        first = seen.setdefault(line.key, line.row)
        if first != line.row:
            found.append(
                Finding(in_row(name, line.row), f"the same line as row {first} ({line.item})")
            )
        group = (line.place, line.year, line.stage)
        groups[group] += line.amount
        periods[group].add(bool(line.period))
        stages[line.stage] += line.amount
    for (place, year, stage), amount in groups.items():
        where = f"{name}, {place} {year} {stage}"
        if amount < 0:
            found.append(Finding(where, f"adds up to {amount:,}: a total can't be negative"))
        elif 0 < amount < SMALL and mapping.unit == "one":
            found.append(
                Finding(where, f"adds up to only {amount:,} ₮: is the file in thousands?", False)
            )
        if len(periods[(place, year, stage)]) > 1:
            found.append(Finding(where, "has amounts of the whole year and of parts of it"))
    for stage, wanted in mapping.expected.items():
        summed = stages.get(stage, 0)
        if abs(summed - wanted) > ROUNDING * max(1, len(lines)):
            found.append(
                Finding(name, f"{stage} adds up to {summed:,}, the mapping expects {wanted:,}")
            )
    return found + _check_stages(name, groups)


def _check_stages(name: str, groups: dict[tuple[str, int, str], int]) -> list[Finding]:
    """Execution far above the plan is possible, but more often a wrong unit or column."""
    found = []
    for (place, year, stage), amount in groups.items():
        if stage != Stage.EXECUTED:
            continue
        plan = max(groups.get((place, year, str(earlier)), 0) for earlier in PLANS)
        if plan and amount > 2 * plan:
            found.append(
                Finding(
                    f"{name}, {place} {year}", f"executed {amount:,} of planned {plan:,}", False
                )
            )
    return found
