"""Which place a word or two may name, by every form of every name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from nlu.normalize import canonical, fold, strip_vowels
from nlu.places import DATA, Places, key
from nlu.unit_words import IS_ENDING, UNIT_TYPES, Token, case_of

_SHORT = 3
_ALIKE = 6.0
"""Names that look this nearly as much like what was typed as the best are kept beside it."""


@dataclass(frozen=True, slots=True)
class Match:
    """What words were taken for: `base` is the key of the bare name, `score` 1 if spelt right."""

    codes: tuple[str, ...]
    case: str
    base: str
    score: float = 1.0


class NameIndex:
    """Names of aimags, districts and soums in all their forms; built once."""

    def __init__(self, places: Places, folder: Path = DATA) -> None:
        self._places = places
        self._names = places.names
        self._spelt: dict[str, set[str]] = defaultdict(set)
        self._parted: set[str] = set()
        for place in places:
            for name in (place.name_mn, *places.other_names[place.code]):
                self._spelt[key(name)].add(canonical(name))
                if " " in name or "-" in name:
                    self._parted.add(key(name))
        self._forms = self._declined()
        self._by_first: dict[str, list[str]] = defaultdict(list)
        self._by_consonants: dict[str, set[str]] = defaultdict(set)
        for form in self._forms:
            self._by_first[form[:1]].append(form)
            self._by_consonants[strip_vowels(form)].add(form)
        self._words = {key(word) for word in lines(folder / "ordinary_words.txt")}
        self._cities = {"11", *places.everyday}

    def _declined(self) -> dict[str, Match]:
        """What each case form of each name stands for, by its key."""
        forms: dict[str, Match] = {}
        for place in self._places:
            base = key(place.name_mn)
            for case, form in place.cases.items():
                declined = key(form)
                forms.setdefault(declined, Match(self._names[base], case, base))
                if not declined.startswith(base):
                    continue
                for other in map(key, self._places.other_names[place.code]):
                    ending = declined[len(base) :]
                    forms.setdefault(other + ending, Match(self._names[other], case, other))
        for name, codes in self._names.items():
            forms[name] = Match(codes, "", name)
        forms.pop("", None)
        return forms

    def match(self, span: Sequence[Token], unit: str) -> Match | None:
        """The place that `span` names before a unit word `unit` ("" for none), if any."""
        typed = fold("".join(token.key for token in span))
        found = self._forms.get(typed) or self._with_ending(typed)
        if found:
            if not self._may_be(found.base, span):
                return None
        elif len(span) == 1 or (unit and len(span) == 2 and not self._names_any(span)):
            found = self._guess(typed, unit, span[0])
        return replace(found, codes=self._finest(found.codes, span)) if found else None

    def _names_any(self, span: Sequence[Token]) -> bool:
        """Whether a word of `span` is a name by itself."""
        return any(self._forms.get(t.key) or self._with_ending(t.key) for t in span)

    def _with_ending(self, typed: str) -> Match | None:
        for cut in range(len(typed) - 1, 1, -1):
            base, ending = typed[:cut], typed[cut:]
            codes = self._names.get(base)
            if codes and self._takes_any_ending(base, codes) and IS_ENDING.match(ending):
                return Match(codes, case_of(ending), base, 0.95)
        return None

    def _takes_any_ending(self, base: str, codes: Iterable[str]) -> bool:
        """Whether a name is long or known enough to be seen under any ending."""
        return len(base) > _SHORT or is_abbreviation(base) or self._is_large(codes)

    def _is_large(self, codes: Iterable[str]) -> bool:
        return any(self._places.place(code).type != "soum" for code in codes)

    def _may_be(self, base: str, span: Sequence[Token]) -> bool:
        """Whether the letters as typed, and the spaces between them, allow this name."""
        if len(span) > 1 and base not in self._parted:
            return len(base) > 6 and all(len(token.key) > 2 for token in span)
        if len(span) == 1 and self._is_ordinary_word(span[0].key, len(base)):
            return False
        rounded = set(span[0].word.canonical) & set("өү")
        if len(base) <= 5 and rounded:  # өвс is hay, Увс a place; who has no ө types о or у
            return any(rounded <= set(name) for name in self._spelt[base])
        return True

    def _is_ordinary_word(self, typed: str, shortest: int = 2) -> bool:
        return any(
            typed[:cut] in self._words and IS_ENDING.match(typed[cut:])
            for cut in range(len(typed), shortest - 1, -1)
        )

    def _guess(self, typed: str, unit: str, first: Token) -> Match | None:
        """What `typed` was meant to be, by edit distance or else by consonants."""
        if len(typed) < 4 or self._is_ordinary_word(first.key):
            return None
        forms = list(self._forms) if unit else self._by_first[typed[:1]]
        near = [
            (form, distance)
            for form, distance, _ in process.extract(
                typed, forms, scorer=OSA.distance, score_cutoff=3, limit=20
            )
            if distance <= self._slips(form, unit)
        ]
        if near:
            best = [form for form, distance in near if distance == near[0][1]]
            score = 1 - near[0][1] / (len(typed) + 1)
        elif unit and len(strip_vowels(typed)) >= 3:
            best = sorted(self._by_consonants.get(strip_vowels(typed), ()))
            score = 0.6
        else:
            return None
        if not best:
            return None
        matches = [self._forms[form] for form in best]
        codes = tuple(dict.fromkeys(code for match in matches for code in match.codes))
        return Match(codes, matches[0].case, matches[0].base, score)

    def _slips(self, form: str, unit: str) -> int:
        """How many letters of this form may be wrong: more in long names and sure contexts."""
        match = self._forms[form]
        length = len(match.base)
        if unit:
            shortest = 4 if unit == "aimag" else 5
            return 3 if length >= 12 else 2 if length >= 8 else 1 if length >= shortest else 0
        if length >= 11:
            return 2
        return 1 if length >= (6 if self._is_large(match.codes) else 8) else 0

    def _finest(self, codes: tuple[str, ...], span: Sequence[Token]) -> tuple[str, ...]:
        """Of names that fold to one skeleton, those nearest to the letters typed."""
        if len({self._places.place(code).name_mn for code in codes}) < 2:
            return codes
        typed = " ".join(token.word.canonical.replace("-", " ") for token in span)
        scores = {code: self._likeness(code, typed) for code in codes}
        return tuple(code for code in codes if scores[code] >= max(scores.values()) - _ALIKE)

    def _likeness(self, code: str, typed: str) -> float:
        """How much `typed` looks like a name of `code`, 0 to 100."""
        names = [self._places.place(code).name_mn, *self._places.other_names[code]]
        return max(fuzz.ratio(typed, canonical(name.replace("-", " "))) for name in names)

    def of_unit(self, match: Match, unit: str) -> tuple[str, ...]:
        """Those codes that the unit word allows, if any.

        A city goes by its everyday name (Цэцэрлэг, in Эрдэнэбулган soum), the soum does not.
        """
        types = UNIT_TYPES.get(unit, ())
        allowed = [code for code in match.codes if self._places.place(code).type in types]
        own = [c for c in allowed if key(self._places.place(c).name_mn) == match.base]
        if unit == "soum" and own:
            allowed = own
        if unit == "city" and self._cities & set(allowed):
            allowed = [code for code in allowed if code in self._cities]
        return tuple(allowed)


def is_abbreviation(name: str) -> bool:
    """Whether a key is that of СХД, БЗД, …: letters without a vowel."""
    return not set(name) & set("аеио")


def lines(path: Path) -> list[str]:
    """The entries of a list file; raises OSError when it cannot be read."""
    content = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in content if line.strip() and not line.startswith("#")]
