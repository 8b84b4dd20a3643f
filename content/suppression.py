"""Which cells of a table must not be shown, so that nobody's answers can be recognised.

Small cells, and as many of the others that the small ones can't be found by subtracting from
a total that is known (complementary suppression; Hundepool et al., Statistical Disclosure
Control, 2012, chapter 4).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)

MINIMUM = 5
"""A group of fewer people is not shown."""


def hidden(
    sizes: Mapping[KeyT, int], minimum: int = MINIMUM, also: Collection[KeyT] = ()
) -> set[KeyT]:
    """The cells to withhold of a table whose total is known; empty cells may be shown.

    `also` are withheld for another reason. Those withheld are at least two and hold `minimum`
    together; where that can't be, all are.
    """
    found = {cell for cell, size in sizes.items() if 0 < size < minimum or cell in also}
    if not found:
        return found
    for cell in sorted(sizes, key=lambda cell: (sizes[cell], str(cell))):
        if len(found) >= 2 and sum(sizes.get(one, 0) for one in found) >= minimum:
            break
        if sizes[cell]:
            found.add(cell)
    return found
