"""Shuffling of choices, the same for the same seed in every OpenRosa client.

The "inside-out" Fisher-Yates shuffle over Park and Miller's generator (1988, multiplier
16807, modulus 2^31 - 1), as https://getodk.github.io/xforms-spec/#fn:randomize prescribes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
_MODULUS = 2_147_483_647
_MULTIPLIER = 16_807


def park_miller(seed: int) -> Callable[[], float]:
    """A source of numbers in [0, 1) that starts from `seed`."""
    state = abs(seed) % _MODULUS if seed >= 0 else -(abs(seed) % _MODULUS)
    if state <= 0:
        state += _MODULUS - 1

    def draw() -> float:
        nonlocal state
        state = state * _MULTIPLIER % _MODULUS
        return (state - 1) / (_MODULUS - 1)

    return draw


def shuffle(items: Sequence[T], draw: Callable[[], float]) -> list[T]:
    """The items in an order that `draw` decides."""
    shuffled: list[T] = []
    for place, item in enumerate(items):
        other = int(draw() * (place + 1))
        if other == place:
            shuffled.append(item)
        else:
            shuffled.append(shuffled[other])
            shuffled[other] = item
    return shuffled
