"""The administrative units of Mongolia: their codes, names, case forms and what lies in what.

Data and their origin: `content/places/README.md`. Codes are the official ones: 2 digits an
aimag or the capital, 4 a soum or district, 6 a bag or khoroo.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from nlu import declension
from nlu.normalize import canonical, fold

DATA = Path(__file__).parents[1] / "content" / "places"
COUNTRY = "MN"


@dataclass(frozen=True, slots=True)
class Place:
    """One unit: `level` 1 aimag or capital, 2 soum or district, 3 bag or khoroo.

    `cases` maps gen, dat, abl, acc, ins, com to the form confirmed for this name; bags and
    khoroos have none.
    """

    code: str
    parent_code: str
    level: int
    type: str
    name_mn: str
    name_latin: str = ""
    cases: dict[str, str] = field(default_factory=dict, hash=False, compare=False)


def key(text: str) -> str:
    """The spelling-blind key of a name: skeleton without spaces and hyphens."""
    return fold(canonical(text).replace("-", "").replace(" ", ""))


class Places:
    """All places with the names they go by."""

    def __init__(
        self,
        places: Iterable[Place],
        names: Iterable[tuple[str, str]] = (),
        everyday: Iterable[str] = (),
    ) -> None:
        self._places = {place.code: place for place in places}
        self._children: dict[str, list[Place]] = defaultdict(list)
        for place in self._places.values():
            self._children[place.parent_code].append(place)
        self.everyday = frozenset(everyday)
        """Codes of the soums and aimags known as a city of another name."""
        self.other_names: dict[str, list[str]] = defaultdict(list)
        """Other spellings and everyday names, by code."""
        for code, name in names:
            self.other_names[code].append(name)

    @classmethod
    def load(cls, folder: Path = DATA) -> Self:
        """The places in `folder`; raises OSError or KeyError when files are damaged."""
        cases = {
            row["code"]: {case: row[case] for case in declension.CASES[1:]}
            for row in _rows(folder / "cases.csv")
        }
        units = [
            Place(
                row["code"],
                row["parent_code"],
                int(row["level"]),
                row["type"],
                row["name_mn"],
                row["name_latin"],
                cases.get(row["code"], {}),
            )
            for row in _rows(folder / "admin_units.csv")
        ]
        small = [
            Place(row["code"], row["parent_code"], 3, row["type"], row["name_mn"])
            for row in _rows(folder / "bags_khoroos.csv")
        ]
        names = [(row["code"], row["alias"]) for row in _rows(folder / "aliases.csv")]
        daily = _rows(folder / "everyday_names.csv")
        names += [(row["code"], row["name"]) for row in daily]
        cities = [row["code"] for row in daily if row["note"] != "abbreviation"]
        return cls([*units, *small], names, cities)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def place(self, code: str) -> Place:
        """The place with this official code; raises KeyError when there is none."""
        return self._places[code]

    def children(self, code: str = COUNTRY) -> list[Place]:
        """The units right below `code`; of the country, the capital and the aimags."""
        return list(self._children.get(code, ()))

    def parents(self, code: str) -> list[Place]:
        """The units above `code`, the nearest first; raises KeyError for an unknown code."""
        found = []
        parent = self.place(code).parent_code
        while parent in self._places:
            found.append(self._places[parent])
            parent = found[-1].parent_code
        return found

    def chain(self, code: str) -> list[str]:
        """`code` and the codes above it, the nearest first."""
        return [code, *(place.code for place in self.parents(code))]

    def decline(self, code: str, case: str) -> str:
        """The place's name in `case` (nom, gen, dat, abl, acc, ins, com).

        From the table of confirmed forms, else by rule; "2-р баг, Моностой" is declined at
        the unit word. Raises KeyError for an unknown code, ValueError for an unknown case.
        """
        place = self.place(code)
        if case in place.cases:
            return place.cases[case]
        unit, comma, own = place.name_mn.partition(",")
        return declension.decline(unit, case) + (f" ({own.strip()})" if comma and own else "")

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Codes of aimags, districts and soums by the key of each name they go by."""
        found: dict[str, list[str]] = defaultdict(list)
        for place in self:
            if place.level == 3:
                continue
            for name in (place.name_mn, place.name_latin, *self.other_names[place.code]):
                if place.code not in found[key(name)]:
                    found[key(name)].append(place.code)
        return {name: tuple(codes) for name, codes in found.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
