"""Cutting text that is too long for one message where a reader would pause."""

from __future__ import annotations

from collections.abc import Callable

_PAUSES = ("\n\n", "\n", ". ", "! ", "? ", "… ", "; ", ", ", " ")


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 units, an emoji being two."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """`text` in pieces of at most `limit`, as measured by `length`; never an empty piece.

    Cuts at the end of a paragraph if one ends in the second half of the piece, otherwise of
    a line, a sentence, a clause, a word, and only in need within a word.
    """
    pieces = []
    rest = text.strip()
    while length(rest) > limit:
        end = _fitting(rest, limit, length)
        cut = _pause(rest[:end]) or end
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        pieces.append(rest)
    return pieces


def _fitting(text: str, limit: int, length: Callable[[str], int]) -> int:
    """How many characters of `text` fit into `limit`."""
    end = min(limit, len(text))
    while length(text[:end]) > limit:
        end -= max(1, (length(text[:end]) - limit) // 2)
    return end


def _pause(piece: str) -> int:
    """Where to cut `piece` so that it ends at a pause, or 0 if it has none worth using."""
    for pause in _PAUSES:
        found = piece.rfind(pause, len(piece) // 2)
        if found >= 0:
            return found + len(pause)
    return 0
