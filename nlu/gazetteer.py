"""Places as people name them: found in running text, or typed when asked for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property

from rapidfuzz import fuzz

from nlu.mentions import Finder, Mention
from nlu.normalize import canonical, fold
from nlu.places import Place, Places, key

__all__ = ["Gazetteer", "Mention", "Place"]


class Gazetteer(Places):
    """Everything about places; build one with `Gazetteer.load()` and keep it."""

    def find(self, text: str, within: str | None = None) -> list[Mention]:
        """The places named in `text`, inflected, misspelt, in either script.

        `within` is the code of the citizen's own place: it decides between places of one
        name and anchors "5-р хороо". A mention with several codes is to be asked about.
        """
        return self._finder.find(text, within)

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self)

    def search(self, text: str, within_parent: str | None = None, limit: int = 8) -> list[Place]:
        """Places a citizen may mean who was asked for a place, the likeliest first.

        `within_parent` keeps to the units below that code. Reads either script, endings,
        unit words and slips; a number finds the bag or khoroo of that number.
        """
        scored = [
            (self._resemblance(text, place), -place.level, place)
            for place in self._candidates(within_parent)
        ]
        best = sorted((s for s in scored if s[0] >= 70), key=lambda s: s[:2], reverse=True)
        return [place for _, _, place in best[:limit]]

    def _candidates(self, within_parent: str | None) -> Iterator[Place]:
        if within_parent is None:
            yield from (place for place in self if place.level < 3)
            return
        for child in self.children(within_parent):
            yield child
            if child.level < 3:
                yield from self._candidates(child.code)

    def _resemblance(self, text: str, place: Place) -> float:
        """How well `text` names `place`, 0 to 100."""
        typed, numbers = _wanted(text)
        if numbers and place.level == 3:
            return 100.0 if _NUMBER.findall(place.name_mn)[:1] == numbers[:1] else 0.0
        if not typed:
            return 0.0
        best = 0.0
        for name in self._keys[place.code]:
            if typed.startswith(name) and len(typed) - len(name) <= 5 and len(name) >= 3:
                best = max(best, 99.0 - 2 * (len(typed) - len(name)))
            elif name.startswith(typed) and len(typed) >= 2:
                best = max(best, 90.0)
            best = max(best, fuzz.ratio(typed, name))
        return best

    @cached_property
    def _keys(self) -> dict[str, tuple[str, ...]]:
        return {
            place.code: tuple(
                {
                    key(_UNIT.sub("", name))
                    for name in (place.name_mn, place.name_latin, *self.other_names[place.code])
                    if key(name)
                }
            )
            for place in self
        }


_NUMBER = re.compile(r"\d+")
_UNIT = re.compile(r"^\d+-р (?:баг|хороо),?\s*|\s+баг$")
_UNIT_KEY = re.compile(r"^(?:аим(?:а?г)|сом|дор(?:е?г)|хот|баг|хоро)(?:|[аоеи]?н?[гдтсрн]?.{0,4})$")


def _wanted(text: str) -> tuple[str, list[str]]:
    """The key of the name in `text` without unit words, and the numbers in it."""
    parts = [part for part in canonical(text).replace("-", " ").split() if part]
    numbers = [number for part in parts for number in _NUMBER.findall(part)]
    names = [
        part
        for part in parts
        if not _UNIT_KEY.match(fold(part)) and not _NUMBER.search(part) and part != "р"
    ]
    return key("".join(names or ([] if numbers else parts))), numbers


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of this process, read once."""
    return Gazetteer.load()
