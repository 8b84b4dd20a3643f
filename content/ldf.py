"""Local Development Fund (Орон нутгийн хөгжлийн сан) projects, loaded from the start.

235 projects in Ulaanbaatar, 2013-2015: `content/ldf/README.md` tells where they come from.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "ldf" / "projects.csv"
SOURCE = "The Asia Foundation, mongolia-budgeting (MIT)"
LINK = "https://github.com/AsiaFoundation/mongolia-budgeting"
YEARS = (2013, 2014, 2015)
NOTHING = ("", "-", "0")
"""How the original says that a contractor is not given."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project: `district` is the 4-digit code, `khoroo` its number, `amount` ₮ or None."""

    district: str
    khoroo: str
    year: int
    name: str
    contractor: str
    amount: int | None
    note: str


@cache
def all_projects() -> tuple[Project, ...]:
    """Every project in the file."""
    with FILE.open(encoding="utf-8", newline="") as source:
        return tuple(
            Project(
                district=row["district_code"],
                khoroo=row["khoroo"],
                year=int(row["year"]),
                name=row["project_mn"].strip(),
                contractor="" if row["contractor"] in NOTHING else row["contractor"].strip(),
                amount=round(float(row["amount_mnt"])) if row["amount_mnt"] else None,
                note=row["note"].strip(),
            )
            for row in csv.DictReader(source)
        )


def projects(place: str = "", year: int = 0, khoroo: str = "") -> list[Project]:
    """The projects of a district (4-digit code; all where "" or the capital), dearest first."""
    found = [
        project
        for project in all_projects()
        if place in ("", "11", project.district)
        and year in (0, project.year)
        and khoroo in ("", project.khoroo)
    ]
    return sorted(found, key=lambda project: (-(project.amount or 0), project.name))


def years(place: str) -> list[int]:
    """The years for which a place has projects."""
    return sorted({project.year for project in projects(place)})
