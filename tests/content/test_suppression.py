"""What is withheld of a table of counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from content.suppression import MINIMUM, hidden


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 40), max_size=6))
def test_what_is_withheld_can_not_be_found_by_subtraction(sizes: dict[str, int]) -> None:
    withheld = hidden(sizes)
    assert all(cell in withheld for cell, size in sizes.items() if 0 < size < MINIMUM)
    filled = {cell for cell, size in sizes.items() if size}
    if withheld and withheld != filled:
        assert len(withheld) >= 2
        assert sum(sizes[cell] for cell in withheld) >= MINIMUM


def test_a_lone_small_cell_takes_the_next_with_it() -> None:
    assert hidden({"a": 2, "b": 9, "c": 20}) == {"a", "b"}
    assert hidden({"a": 9, "b": 20}) == set()
    assert hidden({"a": 1, "b": 1, "c": 30}) == {"a", "b", "c"}


def test_empty_cells_may_be_shown_unless_they_are_to_be_withheld_too() -> None:
    assert hidden({"a": 0, "b": 9, "c": 20}) == set()
    assert hidden({"a": 0, "b": 9, "c": 20}, also=["a"]) == {"a", "b"}


def test_a_cell_of_just_the_minimum_is_large_enough() -> None:
    assert hidden({"a": MINIMUM, "b": 20}) == set()
    assert hidden({"a": 2, "b": 3, "c": 20}) == {"a", "b"}, "five together are enough"


def test_the_smallest_others_are_given_up_whatever_their_names() -> None:
    assert hidden({"a": 30, "b": 2, "c": 9, "d": 20}) == {"b", "c"}
    assert hidden({"d": 7, "b": 2, "c": 7}) == {"b", "c"}, "the first by name of equals"


def test_what_is_withheld_for_another_reason_need_not_be_in_the_table() -> None:
    assert hidden({"a": 1, "b": 3, "c": 9}, also=["elsewhere"]) == {"a", "b", "c"}
