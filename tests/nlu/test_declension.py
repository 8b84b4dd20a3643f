"""Case endings by rule, against the table of confirmed forms."""

import csv
from collections import Counter

import pytest

from nlu import declension
from nlu.places import DATA


def test_rules_agree_with_the_table() -> None:
    with (DATA / "cases.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    right = Counter(
        case
        for row in rows
        for case in declension.CASES[1:]
        if declension.decline(row["name_mn"], case) == row[case]
    )
    # What remains are names with a hidden г (Баян, Лүн, …) and irregular ones (Увс).
    for case, least in {"gen": 0.95, "dat": 0.99, "abl": 0.95, "acc": 0.95, "com": 0.99}.items():
        assert right[case] / len(rows) >= least, case


@pytest.mark.parametrize(
    ("word", "case", "form"),
    [
        ("5-р хороо", "dat", "5-р хороонд"),
        ("5-р хороо", "gen", "5-р хорооны"),
        ("Ачуут баг", "abl", "Ачуут багаас"),
        ("Дархан сум", "dat", "Дархан суманд"),
        ("Увс аймаг", "gen", "Увс аймгийн"),
        ("Багануур дүүрэг", "com", "Багануур дүүрэгтэй"),
    ],
)
def test_unit_words(word: str, case: str, form: str) -> None:
    assert declension.decline(word, case) == form


def test_an_unknown_case_is_refused() -> None:
    with pytest.raises(ValueError, match="no case 'vocative'"):
        declension.decline("Увс", "vocative")
