"""Response rates from dispositions, as the American Association for Public Opinion Research
defines them (Standard Definitions, 9th edition, 2016).

An audience is a list of named people, so what AAPOR says of internet surveys of specifically
named persons applies:

- complete → I, partial → P
- refused, and opened or started without an answer (2.1 refusal and break-off) → R
- delivered, nothing came back (2.2 non-contact) → NC
- invited without knowing whether it arrived, unreachable (3.x) → UH, unknown
- ineligible → left out; waiting (nothing was sent yet) → left out of rates, told as such
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FORMULAS = {
    "RR1": "I / ((I + P) + (R + NC + O) + (UH + UO))",
    "RR2": "(I + P) / ((I + P) + (R + NC + O) + (UH + UO))",
    "RR3": "I / ((I + P) + (R + NC + O) + e(UH + UO))",
    "RR4": "(I + P) / ((I + P) + (R + NC + O) + e(UH + UO))",
    "RR5": "I / ((I + P) + (R + NC + O))",
    "RR6": "(I + P) / ((I + P) + (R + NC + O))",
    "COOP1": "I / ((I + P) + R + O)",
    "COOP2": "(I + P) / ((I + P) + R + O)",
    "COOP3": "I / ((I + P) + R)",
    "COOP4": "(I + P) / ((I + P) + R)",
    "REF1": "R / ((I + P) + (R + NC + O) + (UH + UO))",
    "REF2": "R / ((I + P) + (R + NC + O) + e(UH + UO))",
    "REF3": "R / ((I + P) + (R + NC + O))",
    "CON1": "((I + P) + R + O) / ((I + P) + (R + NC + O) + (UH + UO))",
    "CON2": "((I + P) + R + O) / ((I + P) + (R + NC + O) + e(UH + UO))",
    "CON3": "((I + P) + R + O) / ((I + P) + (R + NC + O))",
}
"""Each rate's definition. e is the share of eligible people among those whose eligibility is
known (the proportional allocation method)."""


@dataclass(frozen=True, slots=True)
class Rates:
    """AAPOR's groups, and the rates by name; a rate is None where nobody counts towards it."""

    complete: int
    partial: int
    refused: int
    no_contact: int
    unknown: int
    ineligible: int
    waiting: int
    e: float
    values: dict[str, float | None]


def response_rates(counts: Mapping[str, int]) -> Rates:
    """The rates of a campaign with so many invitations at each disposition."""
    i, p = counts.get("complete", 0), counts.get("partial", 0)
    r = sum(counts.get(name, 0) for name in ("refused", "opened", "started"))
    nc = counts.get("delivered", 0)
    u = counts.get("invited", 0) + counts.get("unreachable", 0)
    out = counts.get("ineligible", 0)
    eligible = i + p + r + nc
    e = eligible / (eligible + out) if eligible + out else 1.0
    bases = {"1": eligible + u, "2": eligible + u, "3": eligible + e * u, "4": eligible + e * u}
    values: dict[str, float | None] = {
        f"RR{n}": _share(i if n % 2 else i + p, {**bases, "5": eligible, "6": eligible}[str(n)])
        for n in range(1, 7)
    }
    reached = i + p + r
    values |= {f"COOP{n}": _share(i if n % 2 else i + p, reached) for n in range(1, 5)}
    for n, base in enumerate((eligible + u, eligible + e * u, eligible), 1):
        values[f"REF{n}"] = _share(r, base)
        values[f"CON{n}"] = _share(reached, base)
    return Rates(i, p, r, nc, u, out, counts.get("waiting", 0), e, values)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
