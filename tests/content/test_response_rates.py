"""Response rates are those of the AAPOR's Standard Definitions."""

from __future__ import annotations

import pytest

from content.response_rates import FORMULAS, response_rates


def test_the_rates_are_aapors() -> None:
    counts = {"complete": 40, "partial": 10, "refused": 10, "delivered": 20, "invited": 20}
    found = response_rates(counts)
    assert found.values["RR1"] == pytest.approx(40 / 100)
    assert found.values["RR2"] == pytest.approx(50 / 100)
    assert found.values["RR5"] == pytest.approx(40 / 80)
    assert found.values["COOP1"] == pytest.approx(40 / 60)
    assert found.values["REF1"] == pytest.approx(10 / 100)
    assert found.values["CON1"] == pytest.approx(60 / 100)
    assert set(found.values) == set(FORMULAS)
    assert all(value is None for value in response_rates({}).values.values())
