"""Budget files: good ones become lines, each broken kind is refused with row and column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.budget_import import parse_amount, read_budget
from content.budget_mapping import Mapping, read_mapping
from content.finding import Refused
from tests.content.budget_files import HEADER, many, row, workbook, write

TODAY = date(2026, 11, 24)
WIDE: dict[str, Any] = {
    "columns": {"place": "Сум", "item": "Зардал"},
    "constants": {
        "year": "2024",
        "source": "Шилэн данс",
        "as_of": "2024-12-31",
        "sector": "health",
    },
    "amounts": {"planned": "Төлөвлөгөө", "executed": "Гүйцэтгэл"},
    "unit": "thousand",
}


def refused(path: Path, mapping: Mapping | None = None) -> list[str]:
    with pytest.raises(Refused) as error:
        read_budget(path, mapping, TODAY)
    return [str(finding) for finding in error.value.findings]


def test_onoos_own_layout(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row(), row("Түлш", stage="executed", amount="1,234,567.60"))
    batch = read_budget(path, None, TODAY)
    first, second = batch.lines
    assert (first.year, first.place, first.stage) == (2024, "2101", "approved")
    assert (first.amount, first.item, first.row) == (120_000_000, "Цалин хөлс", 2)
    assert (second.amount, second.row) == (1_234_568, 3)
    assert batch.import_id == read_budget(path, None, TODAY).import_id


def test_a_wide_workbook_with_names_of_places(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("Сум", "Зардал", "Төлөвлөгөө", "Гүйцэтгэл"),
        ("Багахангай дүүрэг", "Цалин", 1500, 1400.5),
        ("Багахангай", "Түлш", 300, None),
        ("", "Нийт дүн", 1800, 1400.5),
    )
    told = {**WIDE, "total_rows": {"column": "Зардал", "words": ["Нийт"]}}
    batch = read_budget(path, Mapping.model_validate(told), TODAY)
    assert [(line.place, line.stage, line.amount) for line in batch.lines] == [
        ("1104", "planned", 1_500_000),
        ("1104", "executed", 1_400_500),
        ("1104", "planned", 300_000),
    ]
    assert {line.sector for line in batch.lines} == {"health"}


def test_a_total_row_that_does_not_add_up(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("Сум", "Зардал", "Төлөвлөгөө", "Гүйцэтгэл"),
        ("1104", "Цалин", 1500, 1400),
        ("", "НИЙТ", 1600, 1400),
    )
    told = {**WIDE, "total_rows": {"column": "Зардал", "words": ["Нийт"]}}
    assert refused(path, Mapping.model_validate(told)) == [
        "a.xlsx, row 3, column «Төлөвлөгөө»: the total says 1,600,000, "
        "its lines add up to 1,500,000 (planned)"
    ]


def test_missing_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "2024,1", header="fiscal_year,unit_code")
    told = refused(path)
    assert len(told) == 5
    assert told[0] == "a.csv: no column «econ_name_mn»; the file has: «fiscal_year», «unit_code»"


def test_doubled_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row() + ",x", header=HEADER + ",stage")
    assert refused(path) == ["a.csv: two columns are called «stage»; rename one"]


def test_unknown_places(tmp_path: Path) -> None:
    rows = [row(place=place, item=place) for place in ("9999", "Атлантис", "Сүхбаатар", "")]
    told = refused(write(tmp_path / "a.csv", *rows))
    assert told[0].endswith("no unit has the code 9999; codes are in content/places")
    assert "no unit is called 'Атлантис'" in told[1]
    assert "'Сүхбаатар' may be" in told[2]
    assert "set `within`" in told[2]
    assert "is empty" in told[3]
    assert told[0].startswith("a.csv, row 2, column «unit_code»: ")


def test_within_decides_shared_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row(place="Сүхбаатар"))
    mapping = Mapping.model_validate(
        {
            "columns": {
                "year": "fiscal_year",
                "place": "unit_code",
                "item": "econ_name_mn",
                "stage": "stage",
                "amount": "amount_mnt",
                "source": "source_url",
                "as_of": "as_of",
            },
            "within": "11",
        }
    )
    assert read_budget(path, mapping, TODAY).lines[0].place == "1119"


def test_negative_amounts_and_totals(tmp_path: Path) -> None:
    told = refused(write(tmp_path / "a.csv", row(amount=-5)))
    assert told == ["a.csv, row 2, column «amount_mnt»: -5 is negative: only execution can be"]
    rows = (row("a", stage="executed", amount=100), row("b", stage="executed", amount=-101))
    told = refused(write(tmp_path / "a.csv", *rows))
    assert told == ["a.csv, 2101 2024 executed: adds up to -1: a total can't be negative"]


def test_doubled_rows(tmp_path: Path) -> None:
    told = refused(write(tmp_path / "a.csv", row(), row("Түлш"), row(amount=7_000_000)))
    assert told == ["a.csv, row 4: the same line as row 2 (Цалин хөлс)"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"year": "24"}, "«fiscal_year»: '24': expected a fiscal year 1992 to 2029"),
        ({"year": 2040}, "expected a fiscal year"),
        ({"stage": "спланировано"}, "expected one of planned, approved, amended, executed"),
        ({"sector": "Боловсрол"}, "(or map it under `values: sector`)"),
        ({"amount": "1.234.567,50"}, "is no amount: write 1234567.50"),
        ({"amount": ""}, "'' is no amount"),
        ({"amount": "сая"}, "is no amount"),
        ({"as_of": "31/12/2024"}, "«as_of»: '31/12/2024' is no date: write 2025-01-31"),
        ({"as_of": "2027-01-01"}, "lies in the future"),
        ({"source": ""}, "is empty"),
        ({"item": ""}, "is empty"),
    ],
)
def test_wrong_cells(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    findings = refused(write(tmp_path / "a.csv", row("good"), row(**changed)))
    assert len(findings) == 1
    assert findings[0].startswith("a.csv, row 3")
    assert told in findings[0]


def test_every_wrong_line_is_named_up_to_a_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *(row(f"x{n}", place="9999") for n in range(500)))
    assert len(refused(path)) == 200


def test_unknown_facility(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row() + ",S1", header=HEADER + ",institution_id")
    assert "'S1' is not among the imported facilities" in refused(path)[0]
    assert read_budget(path, None, TODAY, facilities=["S1"]).lines[0].facility == "S1"


def test_parts_of_the_year_beside_the_whole(tmp_path: Path) -> None:
    header = HEADER + ",period"
    path = write(tmp_path / "a.csv", row() + ",", row("b") + ",Q1", header=header)
    assert refused(path) == [
        "a.csv, 2101 2024 approved: has amounts of the whole year and of parts of it"
    ]
    path = write(tmp_path / "a.csv", row() + ",5-р сар", header=header)
    assert "expected nothing, H1, H2, Q1 to Q4 or M01 to M12" in refused(path)[0]


def test_warnings_don_t_stop_an_import(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row(amount=5), row(stage="executed", amount=500))
    told = [str(finding) for finding in read_budget(path, None, TODAY).warnings]
    assert "is the file in thousands?" in told[0]
    assert "executed 500 of planned 5" in told[-1]


def test_expected_sums(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("Сум", "Зардал", "Төлөвлөгөө", "Гүйцэтгэл"),
        ("1104", "Цалин", 1500, 1400),
    )
    mapping = Mapping.model_validate({**WIDE, "expected": {"planned": 9_999_999}})
    assert refused(path, mapping) == [
        "a.xlsx: planned adds up to 1,500,000, the mapping expects 9,999,999"
    ]


def test_rows_left_out_and_rows_refused(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("Сум", "Зардал", "Төлөвлөгөө", "Гүйцэтгэл", "Төрөл"),
        ("1104", "Цалин", 1500, 1400, "зарлага"),
        ("1104", "Татвар", 900, 900, "орлого"),
    )
    kept = Mapping.model_validate({**WIDE, "only": {"Төрөл": ["зарлага"]}})
    assert {line.item for line in read_budget(path, kept, TODAY).lines} == {"Цалин"}
    strict = Mapping.model_validate({**WIDE, "require": {"Төрөл": ["зарлага"]}})
    assert "only зарлага can be imported" in refused(path, strict)[0]


def test_empty_file(tmp_path: Path) -> None:
    assert refused(write(tmp_path / "a.csv")) == ["a.csv: no budget lines below the header"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {colour: x}", "unknown field 'colour'"),
        ("columns: {year: Он}", "no column and no constant for place, item, source, as_of"),
        ("unit: dozen", "unit"),
        ("columns: [", "not readable as UTF-8 YAML"),
        ("sheet_name: x", "Extra inputs are not permitted"),
    ],
)
def test_broken_mapping_files(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "m.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused) as error:
        read_mapping(path)
    assert told in str(error.value)
    with pytest.raises(Refused, match="can't be read"):
        read_mapping(tmp_path / "none.yml")


def test_a_mapping_gives_amounts_in_one_way(tmp_path: Path) -> None:
    for amounts in ({"amounts": {"planned": "a"}, "columns": {"stage": "b"}}, {}):
        path = tmp_path / "m.yml"
        constants = {"year": "2024", "place": "11", "item": "x", "source": "y", "as_of": "z"}
        path.write_text(str({"constants": constants, **amounts}), "utf-8")
        with pytest.raises(Refused, match="amounts"):
            read_mapping(path)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234", "1234"),
        ("1,234,567.50", "1234567.50"),
        ("1 234 567", "1234567"),
        ("1\xa0234", "1234"),
        ("(1,234)", "-1234"),
        ("−5", "-5"),
        ("12 ₮", "12"),
        ("1.5E+6", "1500000"),
        ("1,23", None),
        ("1,2345", None),
        ("1.234.567", None),
        ("-", None),
        ("1e300", None),
        ("NaN", None),
        ("", None),
    ],
)
def test_amounts(text: str, amount: str | None) -> None:
    assert parse_amount(text) == (None if amount is None else Decimal(amount))


@given(st.integers(-(10**15), 10**15))
def test_any_written_amount_is_read_back(amount: int) -> None:
    assert parse_amount(f"{amount:,}") == parse_amount(str(amount)) == amount


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_amounts(text: str) -> None:
    assert parse_amount(text) is None or isinstance(parse_amount(text), Decimal)


def test_a_hundred_thousand_rows_are_read_with_progress(tmp_path: Path) -> None:
    heard: list[int] = []
    batch = read_budget(many(tmp_path / "a.csv", 100_000), None, TODAY, progress=heard.append)
    assert len(batch.lines) == 100_000
    assert heard[-1] == 100_000
    assert heard == sorted(heard)
