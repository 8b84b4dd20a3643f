"""What a new repeat gets when it comes: defaults, dynamic defaults, calculations, inner repeats."""

from __future__ import annotations

import pytest

from tests.survey.forms import Walker, form

CHILDREN = """
| survey |
| | type | name | label | default | calculation | repeat_count | relevant |
| | integer | n | How many? | | | | |
| | begin_repeat | child | Child | | | ${n} | |
| | integer | age | Age? | 7 | | | |
| | text | born | Born? | concat('in ', year) | | | |
| | calculate | twice | | | ${age} * 2 | | |
| | text | school | School? | | | | ${age} > 5 |
| | begin_repeat | toy | Toy | | | 2 | |
| | text | colour | Colour? | red | | | |
| | end_repeat | | | | | | |
| | end_repeat | | | | | | |
| | calculate | toys | | | count(${toy}) | | |
"""


@pytest.fixture
def walker() -> Walker:
    return Walker(form(CHILDREN.replace("concat('in ', year)", "concat('in ', 2020)")))


def test_each_gets_its_own_defaults_once(walker: Walker) -> None:
    walker.answer("n", "2")
    for place in (1, 2):
        assert walker.values[f"child[{place}]/age"] == "7"
        assert walker.values[f"child[{place}]/born"] == "in 2020"
        assert walker.values[f"child[{place}]/twice"] == "14"
    assert not any(ref.startswith(("child[0]", "child[3]")) for ref in walker.document["values"])


def test_more_repeats_leave_the_answers_of_the_first(walker: Walker) -> None:
    walker.answer("n", "1")
    walker.answer("child[1]/age", "3")
    walker.answer("child[1]/born", "here")
    walker.answer("n", "3")
    assert walker.values["child[1]/age"] == "3"
    assert walker.values["child[1]/born"] == "here"
    assert walker.values["child[1]/twice"] == "6"
    assert [walker.values[f"child[{place}]/age"] for place in (2, 3)] == ["7", "7"]
    assert [walker.values[f"child[{place}]/twice"] for place in (2, 3)] == ["14", "14"]


def test_relevance_is_each_repeats_own(walker: Walker) -> None:
    walker.answer("n", "2")
    walker.answer("child[1]/age", "3")
    assert walker.walk.find("child[1]/school") is None
    assert walker.walk.find("child[2]/school") is not None


def test_inner_repeats_come_with_the_outer(walker: Walker) -> None:
    walker.answer("n", "2")
    for place in (1, 2):
        for toy in (1, 2):
            assert walker.values[f"child[{place}]/toy[{toy}]/colour"] == "red"
    assert walker.values["toys"] == "4"


@pytest.mark.parametrize(("typed", "times"), [("-3", 0), ("0", 0), ("1", 1), ("1000", 100)])
def test_a_count_is_from_nought_to_a_hundred(typed: str, times: int) -> None:
    walker = Walker(form("""
        | survey |
        | | type | name | label | repeat_count |
        | | integer | n | How many? | |
        | | begin_repeat | child | Child | ${n} |
        | | text | name | Name? | |
        | | end_repeat | | | |
    """))  # fmt: skip
    walker.answer("n", typed)
    assert walker.document["counts"].get("child", 0) == times
