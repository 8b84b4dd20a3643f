"""What changed between two versions, and what it does to comparing answers."""

from __future__ import annotations

import pytest

from conversations.survey.comparison import Effect, compare_forms
from tests.survey.forms import form

FORM = """
| survey |
| | type | name | label | relevant |
| | select_one score | care | Care of staff | |
| | integer | times | How many times? | ${care} = '1' |
| choices |
| | list_name | name | label |
| | score | 1 | Poor |
| | score | 2 | Good |
"""


@pytest.mark.parametrize(
    ("old", "new", "kind", "effect"),
    [
        ("Care of staff", "Respect of staff", "label", Effect.CARE),
        ("| integer | times", "| decimal | times", "type", Effect.BREAK),
        ("${care} = '1'", "${care} = '2'", "relevant", Effect.CARE),
        ("| | score | 1 | Poor |\n", "", "choice_removed", Effect.BREAK),
        ("| 2 | Good |", "| 2 | Very good |", "choice_label", Effect.CARE),
        ("| 2 | Good |", "| 2 | Good |\n| | score | 3 | Best |", "choice_added", Effect.CARE),
        ("| choices |", "| | text | more | More? | |\n| choices |", "added", Effect.NONE),
        ("| | integer | times | How many times? | ${care} = '1' |\n", "", "removed", Effect.BREAK),
    ],
)  # fmt: skip
def test_one_change_is_told_with_its_effect(old: str, new: str, kind: str, effect: Effect) -> None:
    (change,) = compare_forms(form(FORM), form(FORM.replace(old, new)))
    assert (change.kind, change.effect) == (kind, effect)
    assert change.message("mn") != change.message("en")


def test_nothing_changed() -> None:
    assert compare_forms(form(FORM), form(FORM)) == []


LANGUAGES = """
| survey |
| | type | name | label::Монгол (mn) | label::English (en) |
| | text | one | Нэг? | One? |
| | text | two | Хоёр? | Two? |
| settings |
| | form_id | form_title | default_language |
| | f | F | Монгол (mn) |
"""


def test_a_language_that_comes_or_goes_is_told() -> None:
    """Less comparable only where it goes: then some were asked in other words."""
    both = form(LANGUAGES)
    one = form(
        LANGUAGES.replace(" label::English (en) |", "")
        .replace("| One? |", "|")
        .replace("| Two? |", "|")
    )
    gone = {(change.kind, change.effect) for change in compare_forms(both, one)}
    come = {(change.kind, change.effect) for change in compare_forms(one, both)}
    assert ("language_removed", Effect.CARE) in gone
    assert ("language_added", Effect.NONE) in come


def test_another_order_of_questions_or_choices_is_told_once() -> None:
    lines = LANGUAGES.splitlines()
    lines[3], lines[4] = lines[4], lines[3]
    assert [change.kind for change in compare_forms(form(LANGUAGES), form("\n".join(lines)))] == [
        "reordered"
    ]
    swapped = FORM.replace(
        "| | score | 1 | Poor |\n| | score | 2 | Good |",
        "| | score | 2 | Good |\n| | score | 1 | Poor |",
    )
    kinds = [change.kind for change in compare_forms(form(FORM), form(swapped))]
    assert kinds == ["choices_reordered"]
