"""The real Local Development Fund projects that are loaded from the start."""

from __future__ import annotations

from content.ldf import FILE, YEARS, all_projects, projects, years
from nlu.gazetteer import gazetteer


def test_all_projects_are_there() -> None:
    assert len(all_projects()) == 235
    assert {project.year for project in all_projects()} == set(YEARS)
    assert (FILE.parent / "LICENSE").read_text("utf-8").startswith("The MIT License")


def test_districts_are_districts() -> None:
    codes = {project.district for project in all_projects()}
    assert len(codes) == 9
    assert {gazetteer().place(code).type for code in codes} == {"district"}


def test_what_is_not_given_is_not_made_up() -> None:
    assert sum(1 for project in all_projects() if project.amount is None) == 6
    assert not {project.contractor for project in all_projects()} & {"-", "0"}


def test_projects_by_place_year_and_khoroo() -> None:
    found = projects("1104", 2014)
    assert [p.amount for p in found] == [170_076_850, 79_181_800, 77_500_000, 33_852_360]
    assert projects("1104", 2014, "2") == found
    assert projects("1104", 2014, "9") == []
    assert len(projects("11")) == 235
    assert projects("2101") == []
    assert years("1104") == [2013, 2014, 2015]
