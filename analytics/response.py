"""Response rates of a campaign: RR1 to RR6 of AAPOR's Standard Definitions (9th ed., 2016).

Of people who were named and asked: complete I, partial P, refused or opened without an answer
R, arrived without reaction NC, unknown whether it arrived U; ineligible and those to whom
nothing was sent count nowhere. e is the share of eligible people among those known.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFINITIONS = {
    "RR1": "I / (I + P + R + NC + U)",
    "RR2": "(I + P) / (I + P + R + NC + U)",
    "RR3": "I / (I + P + R + NC + e U)",
    "RR4": "(I + P) / (I + P + R + NC + e U)",
    "RR5": "I / (I + P + R + NC)",
    "RR6": "(I + P) / (I + P + R + NC)",
}


def response_rates(counts: Mapping[str, int]) -> dict[str, float | None]:
    """The rates of so many people at each disposition; None where nobody counts."""
    i, p = counts.get("complete", 0), counts.get("partial", 0)
    known = i + p + sum(counts.get(n, 0) for n in ("refused", "opened", "started", "delivered"))
    unknown = counts.get("invited", 0) + counts.get("unreachable", 0)
    out = counts.get("ineligible", 0)
    e = known / (known + out) if known + out else 1.0
    bases = (known + unknown, known + e * unknown, known)
    return {
        f"RR{2 * number + turn}": (part / base if base else None)
        for number, base in enumerate(bases)
        for turn, part in ((1, i), (2, i + p))
    }
