"""Words that travel: English where nobody asks, the reader's language where somebody does."""

from __future__ import annotations

import pytest

from content.finding import Finding, in_cell
from locales.told import Told, in_words


def test_it_is_english_until_a_language_is_asked_for() -> None:
    found = Finding(in_cell("a.csv", 3, "kind"), Told("finding.empty"))
    assert str(found) == "a.csv, row 3, column «kind»: is empty"
    assert in_words(found.where, "mn") == "a.csv, 3-р мөр, «kind» багана"
    assert in_words(found.what, "mn") == "хоосон байна"


def test_what_stands_within_is_said_in_the_same_language() -> None:
    inner = Told("finding.empty")
    assert Told("finding.bad_csv", error=inner).words("mn").endswith(inner.words("mn"))


def test_what_is_plain_stays_as_it_is() -> None:
    assert (in_words("a.csv", "mn"), in_words(7, "mn")) == ("a.csv", 7)


def test_a_key_that_nobody_knows_is_told_at_once() -> None:
    with pytest.raises(KeyError):
        Told("finding.never_written")
