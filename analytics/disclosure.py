"""The public profile: answers that show nobody.

Cases are taken by block: the month in which they ended, and their campaign. Within a block
(and so within the difference of any two releases, which is made of whole blocks)

- traits, what others may know of a person, are shown only where at least `minimum` cases
  share them all; else the place is made coarser, else all traits are blanked;
- every other answer is shown only where at least `minimum` cases gave it;
- what is blanked in a column is never fewer than `minimum` cases, the next rarest going with
  it (complementary suppression), so that it can't be found by subtraction;
- a block of fewer than `minimum` cases is held back.

Free text, positions, moments, ids of people and files, and repeats are not there at all.
What this does not promise: that the `minimum` people who share all traits answered
differently, and that somebody who knows a person's answers can't find their row by them.
See Hundepool et al., Statistical Disclosure Control (2012), chapters 3 and 5.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from analytics.columns import Column, Kind, Sensitivity, Table
from analytics.values import Cell, Row

KeyT = TypeVar("KeyT", bound=Hashable)
Block = tuple[Cell, Cell]

SHOWN = frozenset((Sensitivity.NONE, Sensitivity.TRAIT))
KINDS = frozenset((Kind.CHOICE, Kind.CHOICES, Kind.INTEGER, Kind.DECIMAL))
ABOUT_SHOWN = frozenset(("status", "locale", "channel", "place", "facility", "campaign"))
MONTH = Column("month", label="Month in which the case ended")


def month_begin(moment: datetime) -> datetime:
    """The beginning of the month of `moment` (UTC): where public releases are cut off."""
    return datetime(moment.year, moment.month, 1, tzinfo=UTC)


def blanked_values(sizes: Mapping[KeyT, int], blank: KeyT, minimum: int) -> set[KeyT]:
    """The values to blank so that each value shown, and the blank itself, is no rarity."""
    order = sorted((value for value in sizes if value != blank), key=lambda v: (sizes[v], str(v)))
    hidden = [value for value in order if sizes[value] < minimum]
    rest = order[len(hidden) :]
    pool = sizes.get(blank, 0) + sum(sizes[value] for value in hidden)
    while 0 < pool < minimum and rest:
        pool += sizes[rest[0]]
        hidden.append(rest.pop(0))
    return set(hidden)


class Disclosure:
    """Decides, from one pass over all cases, what each row of the second pass may show."""

    def __init__(self, table: Table, traits: Iterable[str], minimum: int) -> None:
        self.minimum = minimum
        named = set(traits)
        places = [p for p, column in enumerate(table.columns) if _may_stand(column)]
        self._ended = table.index("ended")
        self._status = table.index("status")
        self._campaign = table.index("campaign")
        self._place = table.index("place")
        self._facility = table.index("facility")
        self._traits = [
            p
            for p in places
            if table.columns[p].sensitivity is Sensitivity.TRAIT or table.columns[p].name in named
        ]
        groups: dict[str, list[int]] = defaultdict(list)
        for p in places:
            if p not in self._traits and p != self._campaign:
                groups[table.columns[p].source or table.columns[p].name].append(p)
        self._groups = [tuple(group) for group in groups.values()]
        self._shown = [self._campaign, *self._traits, *(p for g in self._groups for p in g)]
        self._shown.sort()
        row = Column("row", Kind.INTEGER, "Number of the row", note="in no meaningful order")
        self.table = Table(
            "answers",
            table.title,
            (row, MONTH, *(table.columns[p] for p in self._shown)),
            ("row",),
        )
        self._sizes: Counter[Block] = Counter()
        self._classes: dict[Block, Counter[Row]] = defaultdict(Counter)
        self._values: dict[tuple[Block, int], Counter[Row]] = defaultdict(Counter)
        self._replaced: dict[Block, dict[Row, Row]] = {}
        self._blanked: dict[tuple[Block, int], set[Row]] = {}
        self.held_back = 0

    # -- first pass ------------------------------------------------------------------------

    def count(self, row: Row) -> None:
        """Note a case."""
        block = self._block(row)
        if block is None:
            return
        self._sizes[block] += 1
        self._classes[block][self._traits_of(row)] += 1
        for number, group in enumerate(self._groups):
            self._values[block, number][tuple(row[p] for p in group)] += 1

    def decide(self) -> None:
        """Decide what is hidden, after all were counted."""
        for block, size in self._sizes.items():
            if size < self.minimum:
                self.held_back += size
                continue
            self._replaced[block] = self._decide_traits(self._classes[block])
            for number, group in enumerate(self._groups):
                blank: Row = (None,) * len(group)
                values = self._values[block, number]
                self._blanked[block, number] = blanked_values(values, blank, self.minimum)

    def _decide_traits(self, classes: Counter[Row]) -> dict[Row, Row]:
        """What stands instead of the traits of each class that is not shown as it is."""
        replaced: dict[Row, Row] = {}
        small = {one: n for one, n in classes.items() if n < self.minimum}
        coarser: Counter[Row] = Counter()
        for one, n in small.items():
            coarser[self._coarser(one)] += n
        blank: Row = (None,) * len(self._traits)
        left: Counter[Row] = Counter()
        for one, n in small.items():
            wide = self._coarser(one)
            # A coarse class that looks like a fine one would be told apart by its size.
            if coarser[wide] >= self.minimum:
                replaced[one] = wide
            else:
                replaced[one] = blank
                left[one] += n
        pool = sum(left.values()) + classes.get(blank, 0)
        shown = sorted(
            (n, str(one), one) for one, n in classes.items() if one not in replaced and one != blank
        )
        while 0 < pool < self.minimum and shown:
            n, _, one = shown.pop(0)
            replaced[one] = blank
            pool += n
        if 0 < pool < self.minimum:
            replaced.update(dict.fromkeys(classes, blank))
        return replaced

    def _coarser(self, traits: Row) -> Row:
        """The same traits with the aimag instead of the place, and without the facility."""
        cells = list(traits)
        for at, place in enumerate(self._traits):
            if place == self._place:
                cells[at] = str(cells[at])[:2] if cells[at] else None
            elif place == self._facility:
                cells[at] = None
        return tuple(cells)

    # -- second pass -----------------------------------------------------------------------

    def rows(self, rows: Iterable[Row], first: int) -> Iterator[Row]:
        """What may be shown of `rows`, numbered from `first`."""
        number = first
        for row in rows:
            shown = self._row(row)
            if shown is not None:
                yield (number, *shown)
                number += 1

    def _row(self, row: Row) -> Row | None:
        block = self._block(row)
        if block is None or block not in self._replaced:
            return None
        cells = list(row)
        traits = self._traits_of(row)
        instead = self._replaced[block].get(traits)
        if instead is not None:
            for place, cell in zip(self._traits, instead, strict=True):
                cells[place] = cell
        for number, group in enumerate(self._groups):
            if tuple(row[p] for p in group) in self._blanked[block, number]:
                for place in group:
                    cells[place] = None
        return (block[0], *(cells[p] for p in self._shown))

    def _traits_of(self, row: Row) -> Row:
        return tuple(row[p] for p in self._traits)

    def _block(self, row: Row) -> Block | None:
        ended = row[self._ended]
        if not isinstance(ended, datetime) or row[self._status] not in ("complete", "break-off"):
            return None
        return ended.strftime("%Y-%m"), row[self._campaign]


def _may_stand(column: Column) -> bool:
    if not column.source:
        return column.name in ABOUT_SHOWN
    return column.sensitivity in SHOWN and column.kind in KINDS
