"""Official codes of places; which one a spreadsheet means, by code or unambiguous name."""

from __future__ import annotations

from locales.told import Told
from nlu.gazetteer import Gazetteer, gazetteer
from nlu.places import key

ENDINGS = ("аймаг", "сум", "дүүрэг", "хот")


SOUM = 2
"""The gazetteer's level of soums and districts."""


def soums() -> list[str]:
    """The codes of all soums and districts, in order."""
    return sorted(unit.code for unit in gazetteer() if unit.level == SOUM)


class Resolver:
    """Codes and names to codes, remembering what it has seen; `within` narrows names."""

    def __init__(self, within: str = "", places: Gazetteer | None = None) -> None:
        self._within = within
        self._places = places or gazetteer()
        self._known: dict[str, tuple[str, str]] = {}

    def resolve(self, text: str) -> tuple[str, str]:
        """(code, "") or ("", what is wrong and what would be right)."""
        if text not in self._known:
            self._known[text] = self._resolve(text)
        return self._known[text]

    def _resolve(self, text: str) -> tuple[str, str]:
        if not text:
            return "", Told("finding.place_empty")
        if text.isdecimal():
            try:
                return self._places.place(text).code, ""
            except KeyError:
                return "", Told("finding.place_code", code=text)
        name = text.strip()
        for ending in ENDINGS:
            if name.casefold().endswith(f" {ending}"):
                name = name[: -len(ending)].strip()
        codes = [
            code
            for code in self._places.names.get(key(name), ())
            if not self._within or self._within in self._places.chain(code)
        ]
        if len(codes) == 1:
            return codes[0], ""
        if codes:
            options = ", ".join(self._told(code) for code in codes)
            return "", Told("finding.place_several", text=repr(text), options=options)
        near = self._places.search(name, self._within or None, 3)
        if near:
            options = ", ".join(self._told(place.code) for place in near)
            return "", Told("finding.place_near", text=repr(text), options=options)
        return "", Told("finding.place_unknown", text=repr(text))

    def _told(self, code: str) -> str:
        parents = self._places.parents(code)
        above = f" ({parents[0].name_mn})" if parents else ""
        return f"{code} {self._places.place(code).name_mn}{above}"
