"""What stands around a place name: unit words (аймаг, сум, …), numbers, endings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlu.normalize import Word, fold, words

ENDING = (
    r"(?:|и|ин|ни|гин|нгин|г|иг|нг|д|т|[аое]д|ид|нд|[аое]?с|г[аое]с|н[аое]с|нг[аое]с|и[аое]с"
    r"|[аое]р|г[аое]р|нг[аое]р|и[аое]р|т[аое]и|т[аое]|р[о]|инх(?:[аое][сн]?)?|чод|гои)(?:г?[аое]|н)?"
)
"""Case and possessive endings as skeletons, with what vowel slips leave of them."""

IS_ENDING = re.compile(ENDING + "$")

UNITS = {
    "aimag": re.compile("аима?г" + ENDING + "$"),
    "soum": re.compile("сом(?:анд)?" + ENDING + "$"),
    "district": re.compile("дор[ео]?г" + ENDING + "$"),
    "city": re.compile("хот" + ENDING + "$"),
    "khoroo": re.compile("хор[оа](?!л)н?" + ENDING + "$"),
    "bag": re.compile("баг(?:|ин|т|ас|иг|ар|таи|ин?хан?|та)$"),
}
UNIT_TYPES = {
    "aimag": ("aimag",),
    "soum": ("soum",),
    "district": ("district",),
    "city": ("capital", "aimag", "soum"),
}
"""The types of place that may stand before each unit word."""

_NUMBER = re.compile(r"(\d{1,2})(?:ро?|дог[ае]р)?$")
_ORDINALS = {
    "негдогер": 1,
    "хоирдогар": 2,
    "горавдогар": 3,
    "доровдогер": 4,
    "тавдогар": 5,
    "зоргадогар": 6,
    "долдогар": 7,
    "долодогар": 7,
    "наимдогар": 8,
    "есдогер": 9,
    "аравдогар": 10,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word with what it may be: `key` its skeleton, `unit` a unit word, `number`.

    `capital` says that it was given a capital letter that its position does not demand,
    `apart` that punctuation stands before it.
    """

    word: Word
    key: str
    unit: str = ""
    number: int | None = None
    capital: bool = False
    apart: bool = False


def read(text: str) -> list[Token]:
    """The words of `text` as the place finder sees them."""
    tokens, end = [], 0
    for word in words(text):
        tokens.append(_token(text, word, apart=not text[end : word.start].isspace()))
        end = word.end
    return tokens


def _token(text: str, word: Word, apart: bool) -> Token:
    folded = fold(word.canonical.replace("-", "").replace(" ", ""))
    if folded.startswith("шд") and word.typed[:3].lower() == "shd":
        folded = f"схд{folded[2:]}"
    number = _NUMBER.match(folded)
    opens = text[: word.start].rstrip()[-1:] in ("", ".", "!", "?")
    return Token(
        word,
        folded,
        next((unit for unit, form in UNITS.items() if form.match(folded)), ""),
        int(number.group(1)) if number else _ORDINALS.get(folded),
        word.typed[:1].isupper() and not (opens and word.typed.isupper()),
        apart,
    )


def case_of(ending: str) -> str:
    """Which of the cases that matter here a skeleton ending stands for: abl, dat, gen or none."""
    if re.search("с[аое]?$", ending):
        return "abl"
    return "dat" if re.search("[дт][аое]*$", ending) else "gen" if ending else ""


def is_ablative(unit: str) -> bool:
    """Whether a unit word says "from": аймгаас, сумаас, хороонос."""
    return unit.endswith(("ас", "ес", "ос"))
