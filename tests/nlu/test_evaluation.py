"""The figures of `nlu evaluate`."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from nlu import evaluation
from nlu.evaluation import BadFile, Row
from nlu.understanding import Understanding


def test_scores_by_hand() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"), ("c", "a")]
    scores = evaluation.scores(pairs)
    assert scores["a"] == evaluation.Score(0.5, 0.5, 0.5, 2)
    assert scores["b"].precision == pytest.approx(2 / 3)
    assert scores["b"].recall == 1.0
    assert scores["c"].f1 == 0.0


def test_report() -> None:
    rows = [
        Row("a", "ask_budget", "cyr", place_code="85", year="2024"),
        Row("b", "ask_budget", "galig", place_code="6734"),
        Row("c", "out_of_scope", "cyr", place_code="1110"),
        Row("d", "greet", "cyr", facility="school"),
    ]
    found = [
        Understanding("ask_budget", 0.9, places=("85",), year=2024),
        Understanding("out_of_scope", 0.9, ambiguous=("6734", "8140"), source="keywords"),
        Understanding("out_of_scope", 0.9, places=("111059",)),
        Understanding("greet", 0.9, facility="hospital", model="nlu-1"),
    ]
    report = evaluation.report(rows, found)
    assert report.accuracy == 0.75
    assert report.out_of_scope_recall == 1.0
    assert report.refused == pytest.approx(1 / 3)
    assert report.slots["place_code"] == {"accuracy": 1.0, "asked": pytest.approx(1 / 3), "n": 3}
    assert report.slots["year"]["accuracy"] == 1.0
    assert report.slots["facility"]["accuracy"] == 0.0
    assert report.confusions == [("ask_budget", "out_of_scope", 1)]
    assert report.scripts["cyr"]["n"] == 3
    assert report.sources == {"rasa": 3, "keywords": 1}
    assert report.last_line == "intent macro-F1 0.778 accuracy 0.750 n=4"
    assert report.to_document()["in_scope_refused"] == pytest.approx(1 / 3)


def test_only_the_two_columns_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ufefftext,label\nсайн уу,greet\n", encoding="utf-8")
    assert evaluation.read(path) == [Row("сайн уу", "greet")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,intent\nx,greet\n", "no column label"),
        ("text,label\nx,\n", "line 2: label is empty"),
        ("text,label\n", "no rows"),
        ("text,label,year\nx,greet,soon\n", "line 2: year 'soon' is no year"),
        ("", "no column text and label"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=said):
        evaluation.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        evaluation.read(tmp_path / "none.csv")


def test_a_file_in_another_code_page_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cp.csv"
    path.write_bytes("text,label\nсайн,greet\n".encode("cp1251"))
    with pytest.raises(BadFile, match="not UTF-8"):
        evaluation.read(path)


def test_the_report_is_shown_as_tables() -> None:
    rows = [
        Row("a", "ask_budget", "cyr", place_code="85"),
        Row("b", "ask_budget"),
        Row("c", "out_of_scope", "cyr"),
    ]
    found = [
        Understanding("ask_budget", 0.9, places=("85",), model="nlu-1"),
        Understanding("", 0.0, source="keywords"),
        Understanding("out_of_scope", 0.9, model="nlu-1"),
    ]
    console = Console(file=io.StringIO(), width=100)
    evaluation.show(console, evaluation.report(rows, found))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    lines = [" ".join(line.replace("│", " ").split()) for line in shown.splitlines()]
    assert "ask_budget 1.000 0.500 0.667 2" in lines
    assert "ask_budget (nothing) 1" in lines
    assert any(line.startswith("place_code 1.000") for line in lines)
    assert any(line.startswith("cyr 1.000") for line in lines)
    assert "out of scope: recall 1.000" in lines
    assert "answered by: keywords 1, rasa 2; model nlu-1" in lines


def test_nothing_but_intents_is_shown_where_nothing_else_was_labelled() -> None:
    console = Console(file=io.StringIO(), width=100)
    [found] = [Understanding("greet", 0.9)]
    evaluation.show(console, evaluation.report([Row("a", "greet")], [found]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Scripts" not in shown
    assert "out of scope: recall" not in shown
    assert "model none" in shown
