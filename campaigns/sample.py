"""Drawing a sample: at random, yet the same people for the same seed, whatever the order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

STRATUM = 2
"""Digits of a place's code that make a stratum: the aimag or the capital."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of an audience; `reach` is now, template or next (when they next write)."""

    citizen: str
    channel: str
    locale: str
    place: str
    reach: str


def draw(
    members: Sequence[Member], size: int, seed: str, *, stratified: bool = False
) -> list[Member]:
    """`size` of `members` by the order of a keyed hash of their ids; all, as they come, where 0.

    `stratified` gives each aimag its share, by the method of largest remainders.
    """
    if not size or size >= len(members):
        return list(members)
    ordered = sorted(members, key=lambda member: _lot(seed, member.citizen))
    if not stratified:
        return ordered[:size]
    strata: dict[str, list[Member]] = defaultdict(list)
    for member in ordered:
        strata[member.place[:STRATUM]].append(member)
    shares = _shares({name: len(group) for name, group in strata.items()}, size)
    return [member for name in sorted(strata) for member in strata[name][: shares[name]]]


def _lot(seed: str, citizen: str) -> bytes:
    return hashlib.blake2b(citizen.encode(), key=seed.encode()[:64], digest_size=16).digest()


def _shares(sizes: dict[str, int], total: int) -> dict[str, int]:
    """`total` shared out in proportion to `sizes`, in whole numbers."""
    whole = sum(sizes.values())
    exact = {name: size * total / whole for name, size in sizes.items()}
    shares = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(sizes, key=lambda name: (shares[name] - exact[name], name))
    for name in by_remainder[: total - sum(shares.values())]:
        shares[name] += 1
    return shares
