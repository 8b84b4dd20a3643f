"""Passwords that are guessed first, and one-time codes a little early or late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from console.credentials import STEP, WeakPassword, check_strength, code_step, new_secret

NOW = datetime(2026, 3, 2, 10, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "length"),
        ("x" * 2000, "length"),
        ("dulmaa-and-more-letters", "easy"),
        ("aaaaaaaaaaaabbbb", "easy"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_strength(password, "Dulmaa")
    assert refused.value.key == f"console.password.{why}"


def test_a_long_one_of_several_words_is_taken() -> None:
    check_strength("morin khuur and airag", "Dulmaa")


@pytest.mark.parametrize(
    ("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_is_right_for_a_step_before_and_after(steps: int, right: bool) -> None:
    secret = new_secret()
    at = NOW + timedelta(seconds=steps * STEP)
    found = code_step(secret, pyotp.TOTP(secret).at(at), NOW)
    assert found == (int(at.timestamp()) // STEP if right else 0)


def test_a_code_may_be_written_with_a_space_and_nonsense_is_wrong() -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    assert code_step(secret, f"{code[:3]} {code[3:]}", NOW)
    assert code_step(secret, "12a456", NOW) == 0
