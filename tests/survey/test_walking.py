"""Forms of every kind walked to their end with generated answers."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.survey import authoring
from conversations.survey.form import Form
from tests.survey.forms import form
from tests.survey.generating import walk_through

SURVEYS = Path(__file__).parents[2] / "content" / "surveys"
FILES = {"posts.csv": b"name,label,soum\np1,Post 1,tes\np2,Post 2,bulgan\n"}

LISTS = """
    | choices |
    | | list_name | name | label | group |
    | | yn | y | Yes | |
    | | yn | n | No | |
    | | l1 | a | A | |
    | | l1 | b | B | |
    | | l2 | a1 | A 1 | a |
    | | l2 | a2 | A 2 | a |
    | | l2 | b1 | B 1 | b |
"""
FORMS = {
    "nested repeats": """
        | survey |
        | | type | name | label | repeat_count | calculation | relevant |
        | | begin_repeat | home | Home | | | |
        | | integer | people | People? | | | |
        | | begin_repeat | person | Person | ${people} | | |
        | | text | name | Name? | | | |
        | | integer | age | Age of ${name}? | | | |
        | | select_one yn | school | At school? | | | ${age} >= 6 and ${age} < 18 |
        | | end_repeat | | | | | |
        | | calculate | pupils | | | count(${person}[school = 'y']) | |
        | | end_repeat | | | | | |
        | | calculate | all | | | sum(${pupils}) | |
        | | note | n | ${all} pupils | | | |
        | | text | end | End? | | | |
    """,
    "cascades and other": """
        | survey |
        | | type | name | label | choice_filter | appearance | parameters |
        | | select_one l1 | one | One? | | | |
        | | select_one l2 | two | Two? | group = ${one} | minimal | |
        | | select_multiple l2 | more | More? | group = ${one} | | randomize=true |
        | | select_one yn or_other | other | Other? | | | |
        | | rank l2 | order | Order? | | | |
        | | range | scale | Scale? | | | start=0 end=10 step=2 |
        | | select_one_from_file posts.csv | post | Post? | | | |
    """,
    "expressions": """
        | survey |
        | | type | name | label | calculation | relevant | constraint | required | default |
        | | text | code | Code? | | | regex(., '[a-z0-9]*') or . = '' | | |
        | | date | day | Day? | | | . <= today() + 10000 | | today() |
        | | time | hour | Hour? | | | | | |
        | | calculate | once | | once(random()) | | | | |
        | | calculate | tail | | substr(${code}, 1, 3) | | | | |
        | | calculate | joined | | join('-', ${code}, ${tail}) | | | | |
        | | calculate | when | | format-date(${day}, '%e %b %Y') | | | | |
        | | calculate | post | | pulldata('posts', 'label', 'name', 'p1') | | | | |
        | | begin_group | g | G | | string-length(${code}) > 2 | | | |
        | | begin_group | h | H | | | | | |
        | | decimal | x | X? | | | . != 0 | ${code} = 'never' | |
        | | calculate | y | | if(${x} > 1, round(${x} div 3, 2), -1) | | | | |
        | | end_group | | | | | | | |
        | | end_group | | | | | | | |
        | | acknowledge | ok | ${joined} ${when} ${y} | | | | | |
    """,
    "field list and table list": """
        | survey |
        | | type | name | label | appearance |
        | | begin_group | f | Fields | field-list |
        | | text | a | A? | |
        | | note | n | Note on ${a} | |
        | | geopoint | p | P? | |
        | | image | i | I? | |
        | | audio | s | S? | |
        | | video | v | V? | |
        | | file | d | D? | |
        | | end_group | | | |
        | | begin_group | t | Table | table-list |
        | | select_one yn | q1 | Q 1 | |
        | | select_one yn | q2 | Q 2 | |
        | | end_group | | | |
    """,
}


def compiled() -> dict[str, Form]:
    """The small forms here and the templates."""
    made = {name: form(text + LISTS, FILES) for name, text in FORMS.items()}
    for path in sorted(SURVEYS.glob("*.xlsx")):
        made[path.stem] = authoring.compile(path).compile()
    return made


ALL = compiled()


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=12, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_every_form_ends_without_a_fault(name: str, random: Random) -> None:
    case, faults = walk_through(ALL[name], random)
    assert faults == []
    assert case.done
