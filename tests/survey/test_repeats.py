"""Repeats: how another is asked for or counted, and what a new one gets when it comes."""

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


def test_a_repeat_asks_whether_to_add_another() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label |
        | | begin_repeat | child | Child |
        | | text | name | Name? |
        | | end_repeat | | |
        | | text | end | End? |
    """)
    )
    walker.answer("child[1]/name", "Bat")
    assert walker.at == "child[2]+"
    walker.answer("child[2]+", "yes")
    walker.answer("child[2]/name", "Tuya")
    walker.answer("child[3]+", "no")
    assert walker.at == "end"
    assert walker.values == {"child[1]/name": "Bat", "child[2]/name": "Tuya"}


def test_taking_back_another_one_forgets_it() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label |
        | | begin_repeat | child | Child |
        | | text | name | Name? |
        | | end_repeat | | |
    """)
    )
    walker.answer("child[1]/name", "Bat")
    walker.answer("child[2]+", "yes")
    walker.answer("child[2]/name", "Tuya")
    walker.answer("child[2]+", "no")
    assert walker.values == {"child[1]/name": "Bat"}
    assert walker.at == ""


def test_a_counted_repeat_follows_its_count() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | repeat_count | calculation |
        | | integer | n | How many? | | |
        | | begin_repeat | child | Child | ${n} | |
        | | integer | age | Age of ${number}? | | |
        | | calculate | number | | | position(..) |
        | | end_repeat | | | | |
        | | calculate | total | | | sum(${age}) |
        | | calculate | count | | | count(${child}) |
        | | text | end | ${total} years | | |
    """)
    )
    walker.answer("n", "2")
    assert walker.label("child[2]/age") == "Age of 2?"
    walker.answer("child[1]/age", "4")
    walker.answer("child[2]/age", "6")
    assert walker.label("end") == "10 years"
    walker.answer("n", "1")
    assert walker.values["total"] == "4"
    assert walker.values["count"] == "1"
    walker.answer("n", "0")
    assert walker.at == "end"
    walker.answer("n", "2")
    assert walker.values["total"] == "10"


def test_a_running_total_looks_at_the_repeat_before() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | repeat_count | calculation |
        | | begin_repeat | r | R | 3 | |
        | | integer | a | A? | | |
        | | calculate | p | | | position(..) |
        | | calculate | t | | | ${a} + coalesce(indexed-repeat(${t}, ${r}, ${p} - 1), 0) |
        | | end_repeat | | | | |
    """)
    )
    for place, value in enumerate(("1", "2", "3"), 1):
        walker.answer(f"r[{place}]/a", value)
    assert [walker.values[f"r[{place}]/t"] for place in (1, 2, 3)] == ["1", "3", "6"]
