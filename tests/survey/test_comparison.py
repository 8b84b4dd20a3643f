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
