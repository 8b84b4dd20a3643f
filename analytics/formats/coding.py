"""Numbers for choices, and names and labels that fit into statistical packages."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_]+")
SPSS_RESERVED = frozenset(
    ("ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH")
)
STATA_RESERVED = frozenset(
    (
        *("byte", "double", "float", "if", "in", "int", "long", "str", "strL", "using", "with"),
        *("_all", "_b", "_coef", "_cons", "_n", "_N", "_pi", "_pred", "_rc", "_skip"),
    )
)
_INTEGER = re.compile(r"-?\d{1,6}")


class Coding:
    """Numbers for the names of choices; what is not among them gets the next free number.

    Where every name is a whole number, that is the code. Where some are ("1" to "5" and
    "dk"), the others count down from -1, so that no mean takes them for scores unseen.
    Otherwise they count from 1.
    """

    def __init__(self, choices: Iterable[tuple[str, str]]) -> None:
        given = list(choices)
        self._codes: dict[str, int] = {}
        self._labels: dict[int, str] = {}
        self._numeric = any(_is_number(name) for name, _ in given)
        for name, label in given:
            self._add(name, label)

    def _add(self, name: str, label: str) -> int:
        code = int(name) if self._numeric and _is_number(name) else self._free()
        while code in self._labels:
            code = self._free()
        self._codes[name] = code
        self._labels[code] = label
        return code

    def _free(self) -> int:
        if self._numeric:
            return min([0, *self._labels]) - 1
        return max([0, *self._labels]) + 1

    def code(self, name: str) -> int:
        """The number of a choice."""
        found = self._codes.get(name)
        return self._add(name, name) if found is None else found

    @property
    def names(self) -> dict[str, int]:
        """Every name with its code."""
        return self._codes

    @property
    def labels(self) -> dict[int, str]:
        """Every code with its label."""
        return self._labels


def _is_number(name: str) -> bool:
    return _INTEGER.fullmatch(name) is not None and str(int(name)) == name


def fitting_names(names: Iterable[str], longest: int, reserved: frozenset[str]) -> list[str]:
    """Names of ASCII letters, digits and _, unique in any case, at most `longest` letters.

    They begin with a letter and are no word that the package keeps for itself.
    """
    taken: set[str] = set()
    fitting = []
    kept = {word.casefold() for word in reserved}
    for name in names:
        base = _FORBIDDEN.sub("_", name).strip("_") or "v"
        if not base[0].isalpha() or base.casefold() in kept:
            base = f"v_{base}"
        base = base[:longest].rstrip("_")
        candidate, turn = base, 1
        while candidate.casefold() in taken:
            turn += 1
            ending = f"_{turn}"
            candidate = base[: longest - len(ending)] + ending
        taken.add(candidate.casefold())
        fitting.append(candidate)
    return fitting


def cut_bytes(text: str, most: int) -> str:
    """`text` in at most `most` bytes of UTF-8, cut between letters and ending in "…"."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - 3].decode("utf-8", "ignore") + "…"


def cut_letters(text: str, most: int) -> str:
    """`text` in at most `most` letters, ending in "…" where it was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"
