"""Case endings of Mongolian words by rule: for names that the table of forms lacks.

Measured against the 361 names of `content/places/cases.csv` (see tests/nlu): the rules are
safe for Mongolian names, not for foreign ones.
"""

from __future__ import annotations

CASES = ("nom", "gen", "dat", "abl", "acc", "ins", "com")

_VOWELS = frozenset("аоуөүэеёяюиыйь")
_TAIL = {"abl": "с", "ins": "р"}
_IRREGULAR = {
    "хороо": ("хорооны", "хороонд", "хорооноос", "хороог", "хороогоор", "хороотой"),
    "хот": ("хотын", "хотод", "хотоос", "хотыг", "хотоор", "хоттой"),
    "аймаг": ("аймгийн", "аймагт", "аймгаас", "аймгийг", "аймгаар", "аймагтай"),
    "дүүрэг": ("дүүргийн", "дүүрэгт", "дүүргээс", "дүүргийг", "дүүргээр", "дүүрэгтэй"),
    "сум": ("сумын", "суманд", "сумаас", "сумыг", "сумаар", "сумтай"),
    "баг": ("багийн", "багт", "багаас", "багийг", "багаар", "багтай"),
}


def decline(words: str, case: str) -> str:
    """`words` with the last one in `case`; raises ValueError when there is no such case."""
    if case not in CASES:
        raise ValueError(f"no case {case!r}; use one of {', '.join(CASES)}")
    if case == "nom" or not words.strip():
        return words
    head, space, word = words.rpartition(" ")
    if word.lower() in _IRREGULAR:
        form = _IRREGULAR[word.lower()][CASES.index(case) - 1]
        return f"{head}{space}{word[0]}{form[1:]}"
    stem, ending = _ending(word.lower(), case)
    return f"{head}{space}{word[: len(stem)]}{ending}"


def _ending(word: str, case: str) -> tuple[str, str]:
    """The stem that takes the ending, and the ending of `case`."""
    vowel = _harmony(word)
    back = vowel in "ао"
    long = len(word) > 1 and word[-1] in _VOWELS and (word[-1] == "й" or word[-2] in _VOWELS)
    soft = word[-1] in "гжчш" or not back
    if case == "com":
        return word, {"а": "тай", "о": "той"}.get(vowel, "тэй")
    if case == "dat":
        return word, _dative(word, vowel, long)
    if long:
        genitive = "н" if word[-1] == "й" else "гийн"
        return word, {"gen": genitive, "acc": "г"}.get(case) or f"г{vowel}{vowel}{_TAIL[case]}"
    if word[-1] == "ь":
        stem = word[:-1]
        return stem, {"gen": "ийн", "acc": "ийг"}.get(case) or f"и{vowel}{_TAIL[case]}"
    stem = word[:-1] if word[-1] in _VOWELS else word
    if case in _TAIL:
        return stem, f"{vowel}{vowel}{_TAIL[case]}"
    if case == "gen" and word[-1] == "н":
        return stem, "ий" if soft else "ы"
    return stem, ("ий" if soft else "ы") + ("н" if case == "gen" else "г")


def _dative(word: str, vowel: str, long: bool) -> str:
    if not long and word[-1] in "гврс":
        return "т"
    if not long and word[-1] in "тдхцчжшзк":
        return f"{vowel}д"
    return "д"


def _harmony(word: str) -> str:
    """The vowel of the ending, а, о, э or ө: the last vowel that is not и decides."""
    strong = [letter for letter in word if letter in "аоуөүэеёяю"]
    last = strong[-1] if strong else "э"
    if last in "ауяю":
        return "а"
    if last in "оё":
        return "о"
    return "ө" if last == "ө" else "э"
