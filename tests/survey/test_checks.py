"""What `survey check` finds, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversations.survey.checks import check
from conversations.survey.findings import Finding, Severity
from conversations.survey.grammar import known_functions
from locales import catalogue

CHOICES = """
| choices |
| | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
"""
HEAD = "| survey |\n| | type | name | label | relevant | calculation | constraint |\n"


def found(tmp_path: Path, markdown: str) -> tuple[Finding, ...]:
    path = tmp_path / "form.md"
    path.write_text(markdown, "utf-8")
    return check(path).findings


@pytest.mark.parametrize(
    ("row", "code", "column", "values"),
    [
        ("| | integer | a | A | . > and 3 | | |", "syntax", "relevant", {}),
        ("| | calculate | a | | | foo(1) | |", "function_unknown", "calculation", {"name": "foo"}),
        (
            "| | calculate | a | | | substrng('a', 1) | |",
            "function_misspelt", "calculation", {"near": "substring"},
        ),
        (
            "| | calculate | a | | | regex('a') | |",
            "function_arity", "calculation", {"given": "1", "wanted": "2"},
        ),
        ("| | date | a | A | | | . < '2026-01-01' |", "date_in_quotes", "constraint", {}),
        ("| | integer | a | A | ${bb} = 1 | | |", "reference_unknown", "relevant", {"name": "bb"}),
        ("| | geotrace | a | A | | | |", "type_refused", "type", {"kind": "geotrace"}),
        ("| | barcode | a | A | | | |", "type_refused", "type", {}),
        ("| | selct_one yn | a | A | | | |", "type_misspelt", "type", {"near": "select_one"}),
        ("| | select_one yes_no | a | A | | | |", "list_missing", "type", {"name": "yes_no"}),
        ("| | integer | my age | A | | | |", "name_invalid", "name", {}),
        ("| | integer | | A | | | |", "name_missing", "name", {}),
        ("| | begin_group | g | G | | | |", "begin_without_end", "type", {"name": "g"}),
        ("| | end_group | | | | | |", "end_without_begin", "type", {}),
        (f"| | text | a | {'x' * 1600} | | | |", "text_too_long", "label", {}),
        (f"| | text | a | {'x' * 500} | | | |", "text_long", "label", {}),
    ],
)  # fmt: skip
def test_a_finding_names_row_column_and_what_is_wrong(
    tmp_path: Path, row: str, code: str, column: str, values: dict[str, str]
) -> None:
    first = "| | text | before | Before? | | | |\n"
    findings = found(tmp_path, HEAD + first + row + "\n" + CHOICES)
    match = [finding for finding in findings if finding.code == code]
    assert len(match) == 1, findings
    assert (match[0].sheet, match[0].row, match[0].column) == ("survey", 3, column)
    assert values.items() <= match[0].values.items()


@pytest.mark.parametrize(
    ("row", "code", "severity"),
    [
        ("| | select_one | a | A | | |", "list_not_named", Severity.ERROR),
        ("| | select_one yn | a | A | search('x') | |", "appearance_refused", Severity.ERROR),
        ("| | integer | a | A | ex:org.app | |", "appearance_ignored", Severity.WARNING),
        ("| | deviceid | a | | | |", "type_ignored", Severity.WARNING),
    ],
)
def test_what_a_chat_can_not_do_is_told(
    tmp_path: Path, row: str, code: str, severity: Severity
) -> None:
    head = "| survey |\n| | type | name | label | appearance | colour of the sky |\n"
    findings = found(tmp_path, head + row + "\n" + CHOICES)
    assert (code, 2, severity) in {(f.code, f.row, f.severity) for f in findings}
    (unknown,) = [f for f in findings if f.code == "column_unknown"]
    assert (unknown.column, unknown.severity) == ("colour of the sky", Severity.WARNING)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("| | yn | | Yes |", "choice_without_name"),
        ("| | yn | y | Yes |\n| | yn | y | Yes |", "choice_twice"),
        ("| | yn | a b | Yes |", "choice_with_space"),
        (f"| | yn | y | {'x' * 70} |", "choice_long"),
    ],
)
def test_what_is_wrong_with_choices_is_told_in_their_rows(
    tmp_path: Path, rows: str, code: str
) -> None:
    survey = "| survey |\n| | type | name | label |\n| | select_multiple yn | a | A |\n"
    choices = f"| choices |\n| | list_name | name | label |\n| | yn | z | Z |\n{rows}\n"
    last = 2 + len(rows.splitlines())
    findings = found(tmp_path, survey + choices)
    assert (code, "choices", last) in {(f.code, f.sheet, f.row) for f in findings}


def test_a_choice_may_stand_twice_where_that_is_meant(tmp_path: Path) -> None:
    survey = "| survey |\n| | type | name | label |\n| | select_one yn | a | A |\n"
    choices = (
        "| choices |\n| | list_name | name | label |\n| | yn | y | Yes |\n| | yn | y | Yes |\n"
    )
    allowed = "| settings |\n| | form_id | allow_choice_duplicates |\n| | x | yes |\n"
    codes = {f.code for f in found(tmp_path, survey + choices + allowed)}
    assert "choice_twice" not in codes


@pytest.mark.parametrize(
    ("markdown", "code", "near"),
    [
        ("| survay |\n| | type | name | label |\n| | text | a | A |\n", "no_survey", ""),
        (HEAD + "| | text | a | A | | | |\n| choice |\n| | list_name |\n", "sheet_misspelt",
         "choices"),
        (HEAD + "| | text | a | A | | | |\n| settings |\n| | form_id | public_key |\n"
         "| | x | MIIB |\n", "encrypted", ""),
        (HEAD + "| | select_one yn | a | A | | | |\n| choices |\n"
         "| | list_name | name | lable |\n| | yn | y | Yes |\n", "column_misspelt", "label"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_sheets_is_told(
    tmp_path: Path, markdown: str, code: str, near: str
) -> None:
    match = [finding for finding in found(tmp_path, markdown) if finding.code == code]
    assert match
    assert match[0].values.get("near", "") == near


def test_a_circle_is_named(tmp_path: Path) -> None:
    rows = "| | calculate | e | | | ${f} + 1 | |\n| | calculate | f | | | ${e} + 1 | |\n"
    (finding,) = found(tmp_path, HEAD + rows)
    assert (finding.code, finding.row, finding.column) == ("circle", 2, "calculation")
    assert "e" in finding.values["names"]
    assert "f" in finding.values["names"]


@pytest.mark.parametrize(
    "rows",
    [
        "| | calculate | n | | | position(..) | |",
        "| | calculate | t | | | indexed-repeat(${t}, ${r}, position(..) - 1) + 1 | |",
        "| | calculate | c | | | count(${r}) | |",
        "| | integer | a | A | | | . > 1 |",
    ],
)
def test_what_only_looks_like_a_circle_passes(tmp_path: Path, rows: str) -> None:
    group = "| | begin_repeat | r | R | | | |\n" + rows + "\n| | end_repeat | | | | | |\n"
    assert [f.code for f in found(tmp_path, HEAD + group) if f.severity is Severity.ERROR] == []


def test_a_misspelt_column_gets_the_nearest_right_one(tmp_path: Path) -> None:
    findings = found(
        tmp_path, "| survey |\n| | type | name | label | relevent |\n| | text | a | A | |"
    )
    assert [(f.code, f.column, f.values["near"]) for f in findings] == [
        ("column_misspelt", "relevent", "relevant")
    ]


def test_missing_translations_and_long_lists_are_warnings(tmp_path: Path) -> None:
    rows = "\n".join(f"| | l | c{i} | Ү{i} | C{i} |" for i in range(9))
    findings = found(
        tmp_path,
        "| survey |\n| | type | name | label::Mongolian (mn) | label::English (en) |\n"
        "| | select_one l | a | Асуулт | |\n"
        "| choices |\n| | list_name | name | label::Mongolian (mn) | label::English (en) |\n"
        f"{rows}",
    )
    assert {(f.code, f.sheet, f.row) for f in findings} == {
        ("translation_missing", "survey", 2),
        ("list_long", "choices", 2),
    }
    assert all(f.severity is Severity.WARNING for f in findings)


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    findings = found(tmp_path, HEAD + "| | select_one_from_file posts.csv | a | A | | | |\n")
    assert [(f.code, f.values["name"]) for f in findings] == [("file_missing", "posts.csv")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\xff\xfe\x00"])
@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.md"])
def test_a_broken_file_is_told_not_raised(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    report = check(path)
    assert not report.passed
    assert report.findings[0].code in ("unreadable", "no_survey")


def test_every_finding_has_words_in_both_languages() -> None:
    codes = {
        str(message)
        for message in catalogue("en")._catalog
        if str(message).startswith("survey.check.")
    }
    assert len(codes) > 30
    for code in codes:
        assert catalogue("mn").gettext(code) != code


def test_the_functions_of_the_specification_are_known() -> None:
    needed = {
        "if", "position", "once", "selected", "selected-at", "count-selected", "jr:choice-name",
        "indexed-repeat", "count", "count-non-empty", "sum", "max", "min", "pow", "regex",
        "today", "now", "date", "date-time", "decimal-date-time", "decimal-time", "format-date",
        "format-date-time", "area", "distance", "uuid", "random", "randomize", "pulldata",
        "instance", "current", "concat", "join", "substr", "coalesce", "round", "int", "number",
        "string-length", "digest", "checklist", "weighted-checklist", "boolean-from-string",
    }  # fmt: skip
    assert needed <= set(known_functions())
