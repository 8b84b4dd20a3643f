"""Our expressions against the tests that openrosa-xpath-evaluator 3.1.0 ships."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.survey.conformance import harness
from tests.survey.conformance.exceptions import EXCEPTIONS, NOT_OURS, reason

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "onoo" / "conformance"
LEAST = 0.95


@pytest.fixture(scope="module")
def assertions() -> list[dict[str, Any]]:
    try:
        home = harness.fetch(CACHE)
    except harness.Unavailable as missing:
        pytest.skip(f"the package can't be fetched: {missing}")
    return harness.run(home)


def _name(assertion: dict[str, Any]) -> str:
    return f"{assertion['spec']} › {assertion['test']}"


def test_at_least_95_percent_of_what_applies_passes(assertions: list[dict[str, Any]]) -> None:
    applicable = [a for a in assertions if reason(_name(a)) != NOT_OURS]
    passed = sum(a["passed"] for a in applicable)
    assert len(applicable) > 2500
    assert passed / len(applicable) >= LEAST, f"{passed} of {len(applicable)}"


def test_every_failure_is_a_listed_exception(assertions: list[dict[str, Any]]) -> None:
    surprises = [
        f"{_name(a)}: {a['detail']}" for a in assertions if not a["passed"] and not reason(_name(a))
    ]
    assert surprises == []


def test_no_exception_is_listed_in_vain(assertions: list[dict[str, Any]]) -> None:
    excused = {reason(_name(a)) for a in assertions if not a["passed"]}
    assert set(EXCEPTIONS.values()) <= excused
