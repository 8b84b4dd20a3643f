"""Fiscal Data Packages: read by the types of their columns, refused with a reason."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from content.budget_import import read_budget
from content.finding import Refused
from content.fiscal_package import read_package

TODAY = date(2026, 11, 24)
ROWS = """он,газар,чиг,код,нэр,шат,дүн,төрөл,валют
2024,2101,09,2101,Цалин,approved,1000000,expenditure,MNT
2024,2101,07,2102,Эм,executed,2000000,expenditure,MNT
2024,2101,07,1101,Орлого,executed,9000000,revenue,MNT
"""
TYPES = {
    "он": "date:fiscal-year",
    "газар": "geo:target:code",
    "чиг": "functional-classification:cofog:division:code",
    "код": "economic-classification:generic:level1:code",
    "нэр": "economic-classification:generic:level1:label",
    "шат": "phase:id",
    "дүн": "value",
    "төрөл": "direction",
    "валют": "value-currency:code",
}


def package(folder: Path, rows: str = ROWS, **changes: Any) -> Path:
    (folder / "data.csv").write_text(rows, "utf-8")
    fields = [{"name": name, "columnType": kind} for name, kind in TYPES.items()]
    resource = {"name": "budget", "path": "data.csv", "schema": {"fields": fields}}
    descriptor = {
        "name": "x",
        "created": "2025-01-31T00:00:00Z",
        "homepage": "https://example.mn",
        "resources": [resource],
    }
    descriptor.update(changes)
    path = folder / "datapackage.json"
    path.write_text(json.dumps(descriptor), "utf-8")
    return path


def change(file: Path, **changes: Any) -> Path:
    """Change the first resource of a package."""
    descriptor = json.loads(file.read_text("utf-8"))
    descriptor["resources"][0].update(changes)
    file.write_text(json.dumps(descriptor), "utf-8")
    return file


def refused(path: Path, resource: str = "") -> str:
    with pytest.raises(Refused) as error:
        read_package(path, resource)
    return str(error.value)


def test_a_package_becomes_lines(tmp_path: Path) -> None:
    package(tmp_path)
    found = read_package(tmp_path)
    lines = read_budget(found.path, found.mapping, TODAY).lines
    assert [(x.year, x.place, x.sector, x.econ_code, x.item, x.stage, x.amount) for x in lines] == [
        (2024, "2101", "education", "2101", "Цалин", "approved", 1_000_000),
        (2024, "2101", "health", "2102", "Эм", "executed", 2_000_000),
    ]
    assert {(x.source, x.as_of) for x in lines} == {("https://example.mn", "2025-01-31")}


def test_other_currencies_are_refused(tmp_path: Path) -> None:
    found = read_package(
        package(
            tmp_path,
            ROWS.replace(
                "Эм,executed,2000000,expenditure,MNT", "Эм,executed,2000000,expenditure,USD"
            ),
        )
    )
    with pytest.raises(Refused, match="'USD': only MNT can be imported"):
        read_budget(found.path, found.mapping, TODAY)


def test_one_value_column_a_phase(tmp_path: Path) -> None:
    rows = "он,газар,нэр,төлөвлөсөн,гүйцэтгэл\n2024,2101,Цалин,5000000,4000000\n"
    fields = [
        {"name": "он", "columnType": "date:fiscal-year"},
        {"name": "газар", "columnType": "administrative-classification:generic:level1:code"},
        {"name": "нэр", "columnType": "economic-classification:generic:label"},
        {"name": "төлөвлөсөн", "columnType": "value", "phase": "approved"},
        {"name": "гүйцэтгэл", "columnType": "value", "phase": "executed"},
    ]
    path = change(package(tmp_path, rows), schema={"fields": fields})
    found = read_package(path)
    lines = read_budget(found.path, found.mapping, TODAY).lines
    assert [(line.stage, line.amount) for line in lines] == [
        ("approved", 5_000_000),
        ("executed", 4_000_000),
    ]


def test_constants_come_from_extra_fields(tmp_path: Path) -> None:
    fields = [{"name": n, "columnType": k} for n, k in TYPES.items() if n != "газар"]
    extra = [{"name": "where", "columnType": "geo:generic:code", "constant": "1104"}]
    path = change(package(tmp_path), schema={"fields": fields, "extraFields": extra})
    found = read_package(path)
    assert {line.place for line in read_budget(found.path, found.mapping, TODAY).lines} == {"1104"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"path": "../secret.csv"}, "leads out of the package"),
        ({"path": "https://example.mn/a.csv"}, "must be one file in the package"),
        ({"path": ["a.csv", "b.csv"]}, "must be one file in the package"),
        ({"schema": {"fields": []}}, "no resource with a `value`"),
        ({"schema": {"fields": [{"name": "v", "columnType": "value"}]}}, "has no phase"),
        (
            {"schema": {"fields": [{"name": "v", "columnType": "value", "phase": "executed"}]}},
            "no column and no constant for year, place, item",
        ),
        (
            {
                "schema": {
                    "fields": [{"name": "v", "columnType": "value"}],
                    "extraFields": [{"name": "p", "normalizationTarget": "x"}],
                }
            },
            "unpivot the table first",
        ),
    ],
)
def test_packages_that_can_t_be_read(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    assert told in refused(change(package(tmp_path), **changes))


def test_descriptors_that_can_t_be_read(tmp_path: Path) -> None:
    path = package(tmp_path)
    assert "no `created` or `updated` date" in refused(package(tmp_path, created=None))
    assert "no list of `resources`" in refused(package(tmp_path, resources=3))
    path.write_text("{", "utf-8")
    assert "not a readable datapackage.json" in refused(path)
    assert "not a readable datapackage.json" in refused(tmp_path / "none")


def test_several_tables_need_a_name(tmp_path: Path) -> None:
    path = package(tmp_path)
    one = json.loads(path.read_text("utf-8"))["resources"][0]
    package(tmp_path, resources=[one, {**one, "name": "other"}])
    assert "several resources hold amounts: name one (resources: budget, other)" in refused(path)
    assert read_package(path, "other").path.name == "data.csv"
