"""Lists of facilities: good ones are stored, every wrong line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.facilities import Facility
from content.facility_import import read_facilities
from content.finding import Refused
from storage.facilities import Facilities
from storage.store import Store
from tests.content.budget_files import write

HEADER = "code,name,kind,place,latitude,longitude,pupils,pupils_year"


def refused(path: Path) -> list[str]:
    with pytest.raises(Refused) as error:
        read_facilities(path)
    return [str(finding) for finding in error.value.findings]


def test_a_good_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "f.csv",
        "S1,1-р сургууль,school,2101,48.07,114.53,812,2025",
        "H1,Сумын ЭМТ,health_centre,Багахангай дүүрэг,,,,",
        header=HEADER,
    )
    school, clinic = read_facilities(path)
    assert school == Facility("S1", "1-р сургууль", "school", "2101", 48.07, 114.53, 812, 2025)
    assert (clinic.place, clinic.sector, school.sector) == ("1104", "health", "education")
    assert Facility.from_document(clinic.to_document()) == clinic


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",x,school,2101,,,,", "«code»: is empty"),
        ("S1,,school,2101,,,,", "«name»: is empty"),
        ("S1,x,сургууль,2101,,,,", "expected one of school, kindergarten, dormitory"),
        ("S1,x,school,9999,,,,", "no unit has the code 9999"),
        ("S1,x,school,2101,114.5,48.0,,", "lies outside Mongolia (are the two swapped?)"),
        ("S1,x,school,2101,48.0,,,", "latitude and longitude go together"),
        ("S1,x,school,2101,north,114,,", "'north' is no number"),
        ("S1,x,school,2101,,,many,2025", "'many' is no whole number"),
        ("S1,x,school,2101,,,800,", "pupils need the year they were counted in"),
    ],
)
def test_wrong_lines(tmp_path: Path, row: str, told: str) -> None:
    findings = refused(write(tmp_path / "f.csv", row, header=HEADER))
    assert findings[0].startswith("f.csv, row 2, column")
    assert any(told in finding for finding in findings)


def test_doubles_within_a_file(tmp_path: Path) -> None:
    rows = ("S1,x,school,2101", "S1,y,school,2101", "S3,X,school,2101")
    assert refused(write(tmp_path / "f.csv", *rows, header="code,name,kind,place")) == [
        "f.csv, row 3, column «code»: 'S1' is already in row 2",
        "f.csv, row 4, column «name»: the same facility as in row 2",
    ]


def test_missing_columns_and_empty_files(tmp_path: Path) -> None:
    told = refused(write(tmp_path / "f.csv", "1", header="code,name"))
    assert "no column kind, place; expected code, name, kind, place" in told[0]
    assert "no facilities" in refused(write(tmp_path / "f.csv", header=HEADER))[0]


async def test_stored_facilities_are_found_by_place_and_kind(store: Store) -> None:
    facilities = Facilities(store.database)
    school = Facility("S1", "1-р сургууль", "school", "2101", pupils=812, pupils_year=2025)
    clinic = Facility("H1", "ЭМТ", "health_centre", "210151")
    await facilities.store([school, clinic])
    await facilities.store([school])
    assert await facilities.codes() == {"S1", "H1"}
    assert await facilities.of("2101") == (school, clinic)
    assert await facilities.of("2101", ["school"]) == (school,)
    assert await facilities.of("22") == ()
    assert await facilities.of(".*") == (school, clinic)


async def test_the_same_facility_under_another_code_is_told(store: Store) -> None:
    facilities = Facilities(store.database)
    await facilities.store([Facility("S1", "1-р сургууль", "school", "2101")])
    again = Facility("S9", "1-р сургууль", "school", "2101")
    assert await facilities.doubles([again]) == ["S9 1-р сургууль: already stored as S1"]
    assert await facilities.doubles([Facility("S1", "1-р сургууль", "school", "2101")]) == []
