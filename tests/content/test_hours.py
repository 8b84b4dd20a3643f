"""When people may be written to: windows, days and time zones."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from content.hours import Hours

DAY = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW = Hours(DAY, DAY + timedelta(days=3), time(9), time(21))
"""From 8 in the morning of 2 March in Ulaanbaatar, three days, from 9 to 21 o'clock."""


def test_a_window_must_end_after_it_begins() -> None:
    with pytest.raises(ValueError, match=r"ends .* before it starts"):
        Hours(DAY, DAY, time(9), time(21))
    with pytest.raises(ValueError, match="the day end"):
        Hours(DAY, DAY + timedelta(days=1), time(9), time(9))


def test_the_west_opens_an_hour_later() -> None:
    assert WINDOW.next_open(DAY, 8) == DAY + timedelta(hours=1)
    assert WINDOW.next_open(DAY, 7) == DAY + timedelta(hours=2)


def test_after_the_evening_comes_the_next_morning_and_after_the_end_nothing() -> None:
    evening = DAY + timedelta(hours=13)
    assert not WINDOW.open_at(evening, 8)
    assert WINDOW.open_at(evening - timedelta(seconds=1), 8)
    assert WINDOW.next_open(evening, 8) == DAY + timedelta(days=1, hours=1)
    assert WINDOW.next_open(DAY + timedelta(days=3), 8) is None


def test_open_time_is_counted_over_nights() -> None:
    assert WINDOW.open_seconds(DAY, 8) == 3 * 12 * 3600
    assert WINDOW.open_seconds(DAY + timedelta(days=2, hours=12), 8) == 3600
    assert WINDOW.open_seconds(DAY + timedelta(days=9), 8) == 0


def test_a_moment_after_so_much_open_time() -> None:
    assert WINDOW.after(3600, DAY, 8) == DAY + timedelta(hours=2)
    assert WINDOW.after(13 * 3600, DAY, 8) == DAY + timedelta(days=1, hours=2)
    assert WINDOW.after(37 * 3600, DAY, 8) is None
