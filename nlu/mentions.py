"""Places found in running text and resolved to official codes.

Names are compared by their skeleton (`normalize.fold`), so script, look-alike letters and
vowel slips do not matter; slips of other letters are bridged by edit distance (rapidfuzz),
the more of them the longer the name and the surer the context, such as a unit word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlu.names import Match, NameIndex, is_abbreviation, lines
from nlu.places import DATA, Places, key
from nlu.unit_words import UNIT_TYPES, Token, is_ablative, read


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named at `text[start:end]`.

    `codes` holds every place it may be, the likeliest first: more than one means that the
    bot has to ask. `score` is 1 for a name spelt right, less for one that was guessed.
    """

    start: int
    end: int
    text: str
    codes: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Name:
    """Tokens `first` to `last` (unit word included) name one of `codes`."""

    first: int
    last: int
    codes: tuple[str, ...]
    score: float
    unit: str = ""
    case: str = ""


_NOT = frozenset(("биш", "бишо", "бос", "бише"))
_QUOTED = frozenset(("геж", "гед"))
_LOOSE_ENDINGS = frozenset(("гин", "ин", "д", "т", "гас", "ас"))
_ORDINAL_ENDINGS = frozenset(("р", "догар", "догер"))
_CENTRE = key("Төв")
_HUD = key("ХУД")
_LONGEST = 3


class Finder:
    """Finds mentions; built once over all places."""

    def __init__(self, places: Places, folder: Path = DATA) -> None:
        self._places = places
        self._index = NameIndex(places, folder)
        names = lines(folder / "ordinary_names.txt")
        self._ordinary = {key(name.lstrip("!")) for name in names}
        self._everyday = {key(name[1:]) for name in names if name.startswith("!")}
        self._bags: dict[str, list[str]] = defaultdict(list)
        for place in places:
            if place.type == "bag" and "," in place.name_mn:
                self._bags[key(place.name_mn.partition(",")[2])].append(place.code)

    def find(self, text: str, within: str | None = None) -> list[Mention]:
        """The places named in `text`; see `Gazetteer.find`."""
        tokens = read(text)
        names = [name for name in self._scan(tokens) if _following(tokens, name) not in _NOT]
        names = _meant(tokens, self._related(names))
        names = self._numbered(tokens, names, within)
        return [self._mention(text, tokens, name, within) for name in names]

    # -- names --------------------------------------------------------------------------

    def _scan(self, tokens: Sequence[Token]) -> list[_Name]:
        found: list[_Name] = []
        at = 0
        while at < len(tokens):
            name = self._name_at(tokens, at, found[-1] if found else None)
            if name:
                found.append(name)
            at = name.last + 1 if name else at + 1
        return found

    def _name_at(self, tokens: Sequence[Token], at: int, before: _Name | None) -> _Name | None:
        """The longest name that begins at token `at`."""
        for length in range(_LONGEST, 0, -1):
            span = tokens[at : at + length]
            if len(span) < length or any(t.unit in UNIT_TYPES or t.unit == "khoroo" for t in span):
                continue
            if any(token.number is not None for token in span) or any(t.apart for t in span[1:]):
                continue
            unit = _unit_at(tokens, at + length)
            match = self._index.match(span, unit)
            if match is None:
                continue
            fitting = self._index.of_unit(match, unit)
            last = at + length if fitting else at + length - 1
            codes = fitting or match.codes
            name = _Name(at, last, codes, match.score, unit if fitting else "", match.case)
            if self._is_meant(name, match, tokens, before):
                return name
        return None

    def _is_meant(
        self, name: _Name, match: Match, tokens: Sequence[Token], before: _Name | None
    ) -> bool:
        """Whether words that may be a name are used as one here."""
        first, base = tokens[name.first], match.base
        if is_abbreviation(base) or base == _HUD:
            return _is_meant_abbreviation(name, base, tokens)
        if base not in self._ordinary:
            return True
        adjacent = before is not None and before.last == name.first - 1
        inner = adjacent and before is not None and bool(self._below(name.codes, before.codes))
        capital = first.capital and name.first > 0
        if base in self._everyday:
            return bool(name.unit) and (first.capital or inner)
        if inner and name.score == 1.0:
            return True
        if base == _CENTRE:
            return (
                name.unit == "aimag"
                or (capital and match.case == "dat")
                or (match.case == "gen" and self._soum_follows(name, tokens))
            )
        return bool(name.unit) or (capital and name.score == 1.0)

    def _soum_follows(self, name: _Name, tokens: Sequence[Token]) -> bool:
        """Whether a soum of the aimag `name` is named right after it ("Төвийн Баянд")."""
        if name.last + 1 >= len(tokens):
            return False
        soum = self._name_at(tokens, name.last + 1, name)
        return soum is not None and bool(self._below(soum.codes, name.codes))

    # -- what belongs together ----------------------------------------------------------

    def _below(self, codes: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `codes` that lie in one of `above`."""
        return tuple(c for c in codes if set(self._places.chain(c)[1:]) & set(above))

    def _related(self, names: Sequence[_Name]) -> list[_Name]:
        """An aimag named beside its soum decides which soum, and is part of the mention."""
        kept: list[_Name] = []
        for name in names:
            before = kept[-1] if kept else None
            if before and (inner := self._below(name.codes, before.codes)):
                near = name.first - before.last <= _LONGEST
                kept[-1] = replace(name, first=before.first if near else name.first, codes=inner)
            elif before and (outer := self._below(before.codes, name.codes)):
                near = name.first - before.last <= _LONGEST
                kept[-1] = replace(before, last=name.last if near else before.last, codes=outer)
            else:
                kept.append(name)
        return kept

    def _numbered(
        self, tokens: Sequence[Token], names: list[_Name], within: str | None
    ) -> list[_Name]:
        """With "5-р хороо" and "Моностой баг" resolved in the unit named before, or `within`."""
        result = list(names)
        for at, token in enumerate(tokens[1:], start=1):
            if token.unit not in ("khoroo", "bag"):
                continue
            before = at - 2 if tokens[at - 1].key in _ORDINAL_ENDINGS and at > 1 else at - 1
            anchor = next((n for n in reversed(result) if n.first < at), None)
            above = anchor.codes if anchor else tuple(self._places.chain(within) if within else ())
            codes = self._small(tokens[before], token.unit, above)
            if not codes:
                continue
            first = before
            if anchor:
                result.remove(anchor)
                first = anchor.first if before - anchor.last <= _LONGEST else before
            result.append(_Name(first, at, codes, anchor.score if anchor else 1.0))
        return sorted(result, key=lambda name: name.first)

    def _small(self, token: Token, unit: str, above: tuple[str, ...]) -> tuple[str, ...]:
        """Bags or khoroos in `above` that `token` numbers or names."""
        if token.number is not None:
            wanted = f"{token.number}-р "
            return tuple(
                place.code
                for code in above
                for place in self._places.children(code)
                if place.type == unit and place.name_mn.startswith(wanted)
            )
        named = tuple(self._bags.get(token.key, ())) if unit == "bag" else ()
        return self._below(named, above) if above else named

    # -- which of several ---------------------------------------------------------------

    def _mention(
        self, text: str, tokens: Sequence[Token], name: _Name, within: str | None
    ) -> Mention:
        start, end = tokens[name.first].word.start, tokens[name.last].word.end
        codes = self._nearest(name, within) if len(name.codes) > 1 else name.codes
        return Mention(start, end, text[start:end], codes, round(name.score, 3))

    def _nearest(self, name: _Name, within: str | None) -> tuple[str, ...]:
        """The codes the citizen's own place leaves, else an aimag before soums of its name."""
        for own in self._places.chain(within) if within else ():
            if own in name.codes:
                return (own,)
            if near := self._below(name.codes, (own,)):
                return near
        ranked = sorted(name.codes, key=lambda code: (len(code), code))
        if name.unit:
            return tuple(ranked)
        large = [code for code in ranked if self._places.place(code).type != "soum"]
        return tuple(large or ranked)


def _unit_at(tokens: Sequence[Token], at: int) -> str:
    """The unit word right after a name, "" for none."""
    if at >= len(tokens) or tokens[at].apart or tokens[at].unit not in UNIT_TYPES:
        return ""
    return tokens[at].unit


def _following(tokens: Sequence[Token], name: _Name) -> str:
    return tokens[name.last + 1].key if name.last + 1 < len(tokens) else ""


def _meant(tokens: Sequence[Token], names: list[_Name]) -> list[_Name]:
    """Without places that were left or doubted, if others are named beside them.

    "Увсаас Ховд руу нүүсэн" is about Ховд; "Төв аймаг гэж бүртгэсэн" about another place.
    """
    sure = [
        name
        for name in names
        if not (is_ablative(tokens[name.last].key) if name.unit else name.case == "abl")
        and not _following(tokens, name).endswith("гои")
        and _following(tokens, name) not in _QUOTED
    ]
    return sure or names


def _is_meant_abbreviation(name: _Name, base: str, tokens: Sequence[Token]) -> bool:
    """Whether СХД, ХУД, shd, … stands for the district: "худаг" and "шд" are no places."""
    token = tokens[name.first]
    typed = token.word.typed
    ending = token.key[len(base) :]
    following = tokens[name.last + 1] if name.last + 1 < len(tokens) else None
    sure = bool(name.unit) or typed[: len(base)].isupper()
    sure = sure or (following is not None and following.number is not None)
    if base == _HUD:
        return token.word.canonical.startswith("худ") and (sure or "-" in typed or not ending)
    if typed[:3].lower() == "shd":  # also chat for "шүү дээ", which ends sentences
        if ending:
            return not set(ending) <= set("аео")
        opens = name.first == 0 and following is not None
        return sure or opens or (following is not None and following.key in _LOOSE_ENDINGS)
    return sure or len(base) > 2
