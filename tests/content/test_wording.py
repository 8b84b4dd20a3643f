"""Amounts, dates and places in Mongolian and English."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from content.wording import (
    day,
    day_in,
    long_day,
    money,
    money_about,
    money_in,
    money_unit,
    number,
    percent,
    place_name,
    today,
)


def test_exact_amounts_put_the_sign_behind_without_decimals() -> None:
    assert money(1234567) == "1,234,567 ₮"
    assert money(-5000) == "-5,000 ₮"


@pytest.mark.parametrize(
    ("amount", "mn", "en"),
    [
        (0, "0 ₮", "0 ₮"),
        (999_999, "999,999 ₮", "999,999 ₮"),
        (1_250_000, "1.2 сая ₮", "1.2 million ₮"),
        (49_745_085, "49.7 сая ₮", "49.7 million ₮"),
        (352_000_000, "352 сая ₮", "352 million ₮"),
        (1_234_567_890, "1.2 тэрбум ₮", "1.2 billion ₮"),
    ],
)
def test_amounts_as_people_say_them(amount: int, mn: str, en: str) -> None:
    assert money_about(amount) == mn
    assert money_about(amount, "en") == en
    assert money_about(amount, "kk") == mn


@pytest.mark.parametrize(
    ("amount", "highest", "said"),
    [
        (1_240_000_000, 1_500_000_000, "1.2 тэрбум ₮"),
        (48_000_000, 1_500_000_000, "0.05 тэрбум ₮"),
        (2_000_000_000, 2_000_000_000, "2 тэрбум ₮"),
        (170_400_000, 719_000_000, "170 сая ₮"),
        (950, 1_000, "950 ₮"),
    ],
)
def test_figures_that_share_a_unit(amount: int, highest: int, said: str) -> None:
    assert f"{money_in(amount, highest)} {money_unit(highest)}" == said


def test_dates() -> None:
    when = date(2026, 11, 24)
    assert day(when) == "2026.11.24"
    assert day(when, "en") == "24 November 2026"
    assert long_day(when) == "2026 оны арван нэгдүгээр сарын 24"
    assert day_in("2024-12-31") == "2024.12.31"
    assert day_in("2024") == "2024"


def test_the_day_is_that_of_ulaanbaatar() -> None:
    assert today(datetime(2026, 11, 24, 17, tzinfo=UTC)) == date(2026, 11, 25)


def test_counts_and_shares() -> None:
    assert number(35077) == "35,077"
    assert percent(0.973) == "97%"


@pytest.mark.parametrize(
    ("code", "case", "mn", "en"),
    [
        ("11", "gen", "Улаанбаатарын", "Ulaanbaatar"),
        ("2101", "dat", "Хэрлэн суманд", "Kherlen soum"),
        ("1104", "gen", "Багахангай дүүргийн", "Bagakhangai district"),
        ("21", "abl", "Дорнод аймгаас", "Dornod aimag"),
        ("110151", "dat", "Багануур дүүргийн 1-р хороонд", "khoroo 1 of Baganuur district"),
    ],
)
def test_places_are_declined_at_the_unit_word(code: str, case: str, mn: str, en: str) -> None:
    assert place_name(code, "mn", case) == mn
    assert place_name(code, "en", case) == en
