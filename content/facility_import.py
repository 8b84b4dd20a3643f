"""Reading lists of facilities from CSV or XLSX: every wrong line named, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from content.facilities import SECTOR_OF, Facility
from content.finding import Finding, Refused, in_cell
from content.place_resolver import Resolver
from content.tables import Table, read_table
from locales.told import Told

COLUMNS = ("code", "name", "kind", "place")
OPTIONAL = ("latitude", "longitude", "pupils", "pupils_year")
LATITUDE, LONGITUDE = (41.0, 53.0), (87.0, 120.0)
"""Mongolia, with room to spare: a point outside is a mistake."""
MAX_FINDINGS = 200


def read_facilities(path: Path, *, within: str = "") -> list[Facility]:
    """The facilities in a file; raises Refused naming every wrong line.

    Columns: code, name, kind, place, and if known latitude, longitude, pupils, pupils_year.
    `within` is the unit whose places are meant where they are given by name.
    """
    table = read_table(path)
    if missing := [column for column in COLUMNS if column not in table.header]:
        raise Refused.because(
            path.name,
            Told(
                "finding.no_column",
                missing=", ".join(missing),
                expected=", ".join(COLUMNS),
                optional=", ".join(OPTIONAL),
            ),
        )
    reader = _Reader(path.name, table, Resolver(within=within))
    facilities = list(reader.read())
    if reader.findings:
        raise Refused(reader.findings[:MAX_FINDINGS])
    if not facilities:
        raise Refused.because(path.name, Told("finding.no_facilities"))
    return facilities


class _Reader:
    def __init__(self, name: str, table: Table, places: Resolver) -> None:
        self.name = name
        self.findings: list[Finding] = []
        self._table = table
        self._places = places
        self._codes: dict[str, int] = {}
        self._names: dict[tuple[str, str, str], int] = {}

    def read(self) -> Iterator[Facility]:
        for row, cells in self._table.rows:
            found = self._facility(row, dict(zip(self._table.header, cells, strict=False)))
            if found is not None:
                yield found

    def _facility(self, row: int, cells: dict[str, str]) -> Facility | None:
        before = len(self.findings)
        code, name, kind = (cells.get(column, "") for column in ("code", "name", "kind"))
        for column, value in (("code", code), ("name", name)):
            if not value:
                self._complain(row, column, Told("finding.empty"))
        if kind not in SECTOR_OF:
            options = ", ".join(SECTOR_OF)
            self._complain(row, "kind", Told("finding.kind", kind=repr(kind), options=options))
        place, problem = self._places.resolve(cells.get("place", ""))
        if problem:
            self._complain(row, "place", problem)
        latitude = self._coordinate(row, "latitude", cells, LATITUDE)
        longitude = self._coordinate(row, "longitude", cells, LONGITUDE)
        if (latitude is None) != (longitude is None) and len(self.findings) == before:
            self._complain(row, "latitude", Told("finding.both_coordinates"))
        pupils = self._count(row, "pupils", cells)
        year = self._count(row, "pupils_year", cells)
        if pupils and not 1992 <= year <= 2100:
            self._complain(row, "pupils_year", Told("finding.pupils_year"))
        self._check_doubled(row, code, (name.casefold(), kind, place))
        if len(self.findings) > before:
            return None
        return Facility(code, name, kind, place, latitude, longitude, pupils, year)

    def _check_doubled(self, row: int, code: str, name: tuple[str, str, str]) -> None:
        first = self._codes.setdefault(code, row)
        if first != row:
            self._complain(row, "code", Told("finding.doubled_code", code=repr(code), row=first))
        first = self._names.setdefault(name, row)
        if first != row:
            self._complain(row, "name", Told("finding.doubled_facility", row=first))

    def _coordinate(
        self, row: int, column: str, cells: dict[str, str], bounds: tuple[float, float]
    ) -> float | None:
        text = cells.get(column, "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            self._complain(row, column, Told("finding.no_degrees", text=repr(text)))
            return None
        if not bounds[0] <= value <= bounds[1]:
            self._complain(row, column, Told("finding.outside", text=text))
            return None
        return value

    def _count(self, row: int, column: str, cells: dict[str, str]) -> int:
        text = cells.get(column, "").replace(",", "")
        if text and not text.isdecimal():
            self._complain(row, column, Told("finding.no_whole_number", text=repr(text)))
            return 0
        return int(text or 0)

    def _complain(self, row: int, column: str, what: str) -> None:
        self.findings.append(Finding(in_cell(self.name, row, column), what))
