"""What typed replies mean as answers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.survey import typed
from conversations.survey.choices import Option

SCORE = [
    Option(0, "1", "1 😠 Маш муу"),
    Option(1, "2", "2 🙁 Муу"),
    Option(2, "3", "3 😐 Дунд"),
    Option(3, "4", "4 🙂 Сайн"),
    Option(4, "5", "5 😀 Маш сайн"),
    Option(5, "dk", "🤷 Мэдэхгүй"),
]
PLACES = [Option(0, "a", "Эмнэлэг"), Option(1, "b", "Сургууль"), Option(2, "c", "Цэцэрлэг")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5", "5"), ("tav", "5"), ("тав", "5"), ("Маш сайн", "5"), ("mash sain", "5"),
        ("маш сайн шүү", "5"), ("сайн байна", "4"), ("sain", "4"), ("😀", "5"), ("гурав", "3"),
        ("дунд зэрэг", "3"), ("мэдэхгүй", "dk"), ("medehgui", "dk"), ("үнэлгээ 4", "4"),
        ("мааш муу", "1"),
    ],
)  # fmt: skip
def test_a_word_or_a_number_means_a_choice(text: str, name: str) -> None:
    assert typed.read_choice(text, SCORE).value == name


@pytest.mark.parametrize("text", ["3-4", "3 эсвэл 4", "3,4"])
def test_two_numbers_are_asked_about(text: str) -> None:
    reading = typed.read_choice(text, SCORE)
    assert not reading.value
    assert [option.name for option in reading.options] == ["3", "4"]


@pytest.mark.parametrize("text", ["сайн биш", "6", "hello", "сайнгүй", "яагаад ингэж байна вэ"])
def test_what_is_no_choice_is_not_taken_for_one(text: str) -> None:
    assert not typed.read_choice(text, SCORE)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", "5"), ("тав", "5"), ("арван хоёр", "12"), ("хорин таван мянга", "25000"),
        ("2 сая", "2000000"), ("1,200,000", "1200000"), ("1 200", "1200"), ("5 хүн", "5"),
        ("hoyor", "2"), ("-3", "-3"), ("500 мянга", "500000"), ("twenty", "20"),
    ],
)  # fmt: skip
def test_numbers_in_figures_and_in_words(text: str, number: str) -> None:
    assert typed.read_number(text, whole=True).value == number


def test_a_fraction_is_no_whole_number() -> None:
    assert typed.read_number("2,5", whole=False).value == "2.5"
    assert not typed.read_number("2,5", whole=True)


def test_a_range_of_numbers_is_asked_about() -> None:
    assert [o.name for o in typed.read_number("3-4", whole=True).options] == ["3", "4"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,3", ("a", "c")), ("1 2", ("a", "b")), ("эмнэлэг, сургууль", ("a", "b")),
        ("emneleg ba tsetserleg", ("a", "c")), ("3", ("c",)), ("1, 9", None), ("юу ч үгүй", None),
    ],
)  # fmt: skip
def test_several_choices_in_one_reply(text: str, names: tuple[str, ...] | None) -> None:
    assert typed.read_several(text, PLACES) == names


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-24", "2026-11-24"), ("2026.11.4", "2026-11-04"), ("24.11.2026", "2026-11-24"),
        ("2026 оны 11 сарын 24", "2026-11-24"), ("өнөөдөр", "2026-11-25"),
        ("өчигдөр", "2026-11-24"), ("2026-02-30", ""), ("маргааш", ""), ("11", ""),
    ],
)  # fmt: skip
def test_dates(text: str, iso: str) -> None:
    assert typed.read_date(text, date(2026, 11, 25)) == iso


def test_times_and_places() -> None:
    assert typed.read_time("9:05") == "09:05:00"
    assert typed.read_time("14 цаг") == "14:00:00"
    assert typed.read_time("25:00") == ""
    assert typed.read_place("47.92, 106.92") == "47.92 106.92 0 0"
    assert typed.read_place("147.92, 106.92") == ""
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert typed.read_datetime("өнөөдөр 14:30", now) == "2026-11-25T14:30:00.000+00:00"


@given(st.text(max_size=300))
def test_nothing_typed_breaks_the_reading(text: str) -> None:
    for reading in (
        typed.read_choice(text, SCORE),
        typed.read_number(text, whole=True),
        typed.read_number(text, whole=False),
    ):
        assert not (reading.value and reading.options)
    typed.read_several(text, PLACES)
    typed.read_date(text, date(2026, 11, 25))
    typed.read_time(text)
    typed.read_place(text)
