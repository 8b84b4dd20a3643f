"""One spelling for Mongolian however it was typed: Cyrillic, Latin (galig), misspelt.

Three forms of a word, each coarser than the one before:

- `canonical`: lower-case Cyrillic; look-alike letters repaired, galig transliterated,
  chat abbreviations written out;
- `skeleton`: vowels that typists mix up made one (ө ү у о, э е, а я, и й ы ь), doubled
  letters made single, so төсөв, тєсєв, tusuv, tosov and тосов are the same;
- `consonants`: the first letter and the consonants, since unstressed vowels are the least
  reliable part of typed Mongolian.

Galig has no standard: the letter values follow the BGN/PCGN romanisation and the habits of
chat (х = h, x, kh; ө = u, o, ö; ү = u, v, ü; ц = ts, c; ж = j; й = i, y).

Pure standard library and linear in the length of the text. The same module runs in Rasa's
Python 3.10 and in the platform's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nlu.abbreviations import ABBREVIATIONS

MAX_CHARACTERS = 1000
"""Characters of a message that are read: what people ask stands at the beginning."""

MAX_WORD = 48
"""Letters of a word that are read: longer than Mongolian words with all their endings."""

_ALIKE = (
    # What stood for ө and ү on keyboards and code pages without them.
    ("єѳɵӫøôōõóòőӧ", "ө"),
    ("їўұѵûūùúűӱӯ", "ү"),
    # Neighbours of the Mongolian alphabet: Kazakh, Greek, letters with marks.
    ("ґғğ", "г"),
    ("іѝι", "и"),
    ("јž", "ж"),
    ("қκ", "к"),
    ("ңӈњ", "н"),
    ("һχ", "х"),
    ("ә", "э"),
    ("ѐε", "е"),
    ("љ", "л"),
    ("α", "а"),
    ("ο", "о"),
    ("ρ", "р"),
    ("τ", "т"),
    ("νβ", "в"),
    ("μ", "м"),
    ("č", "ч"),
    ("šş", "ш"),
    ("áàâäãåā", "a"),
    ("éèêëēə", "e"),
    ("íìîïīı", "i"),
    ("ç", "c"),
    ("ñ", "n"),
    ("ý", "y"),
    ("ß", "s"),
    ("‘’ʼ`´ʹ", "'"),
    ("‐‑‒–—−", "-"),
)
_LOOK_ALIKES = str.maketrans({typed: meant for group, meant in _ALIKE for typed in group})

# Latin letters inside a word that is otherwise Cyrillic, by what they look like.
_BY_SHAPE = str.maketrans("aeopcxykhmtbiruvöüngdjlszfw", "аеорсхукнмтвируүөүнгджлсзфв")

_GALIG = {
    "shch": "щ", "kh": "х", "sh": "ш", "ch": "ч", "ts": "ц", "tz": "ц", "zh": "ж", "dj": "ж",
    "dz": "з", "ph": "ф", "vv": "үү", "ww": "үү", "yai": "яй", "yoi": "ёй", "yui": "юй",
    "ya": "я", "yo": "ё", "yu": "ю", "yü": "ю", "yö": "е", "ye": "е", "ia": "иа", "io": "ио",
    "ai": "ай", "ei": "эй", "oi": "ой", "ui": "уй", "ii": "ий", "öi": "өй", "üi": "үй",
    "ay": "ай", "ey": "эй", "oy": "ой", "uy": "уй", "iy": "ий", "öy": "өй", "üy": "үй",
    "ee": "ээ", "uu": "уу", "oo": "оо", "aa": "аа", "a": "а", "b": "б", "c": "ц", "d": "д",
    "e": "э", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "ж", "k": "к", "l": "л", "m": "м",
    "n": "н", "o": "о", "ö": "ө", "p": "п", "q": "ч", "r": "р", "s": "с", "t": "т", "u": "у",
    "ü": "ү", "v": "в", "w": "в", "x": "х", "y": "ы", "z": "з", "'": "ь",
}  # fmt: skip
_GALIG_AT = re.compile("|".join(sorted(map(re.escape, _GALIG), key=len, reverse=True)))
# "bayar" is ba-yar, not bai-ar: y before a vowel belongs to the vowel after it.
_GLIDE = re.compile(r"([aeiouöü])(?=y[aeouöü])")
# v and w stand for ү after a consonant, unless a vowel follows ("tvmen", but "arvan").
_V_AS_VOWEL = re.compile(r"(?:(?<=[bcdfghjklmnpqrstxz])|^)[vw](?![aeiouöüy])(?=.)")

_LATIN = re.compile(r"[a-zöü]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_ZERO_AS_O = re.compile(r"(?<=[^\W\d_])0(?=[^\W\d_])")
_LAUGH = re.compile(r"(.)\1{2,}")

_SKELETON = str.maketrans("өүуёюэяыйьъщкф", "оооооеаиииишхп")
_RUN = re.compile(r"(.)\1+")
_VOWELS = frozenset("аеио")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|₮")
_IGNORED = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc"))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a message: `text[start:end]` is what was typed, the rest what it means."""

    start: int
    end: int
    typed: str
    canonical: str

    @property
    def skeleton(self) -> str:
        """The canonical form with confusable vowels and doubled letters made one."""
        return fold(self.canonical)


def clean(text: str) -> tuple[str, list[int]]:
    """The text as it looks, lower-case, and where each character stood in `text`.

    Marks are composed (NFKC), look-alike letters repaired; zero-width and control
    characters and stray combining marks vanish. Reads at most `MAX_CHARACTERS`.
    """
    characters: list[str] = []
    positions: list[int] = []
    for start, cluster in _clusters(text):
        for character in unicodedata.normalize("NFKC", cluster).lower().translate(_LOOK_ALIKES):
            if character in "\t\n\r":
                character = " "
            elif not character.isprintable() or unicodedata.category(character) in _IGNORED:
                continue
            characters.append(character)
            positions.append(start)
        if len(characters) >= MAX_CHARACTERS:
            break
    return "".join(characters), positions


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Each letter of `text` with the one mark that may compose with it, and its position."""
    read = 0
    limit = min(len(text), 8 * MAX_CHARACTERS)
    while read < limit:
        start = read
        letter = text[read]
        read += 1
        while read < limit and unicodedata.category(text[read]) in ("Mn", "Cf"):
            if len(letter) < 2 and unicodedata.combining(text[read]):
                letter += text[read]
            read += 1
        yield start, letter


def words(text: str) -> list[Word]:
    """The words of `text`, with offsets into it as typed."""
    cleaned, positions = clean(text)
    found: list[Word] = []
    for match in _WORD.finditer(cleaned):
        start, last = positions[match.start()], positions[match.end() - 1]
        end = positions[match.end()] if match.end() < len(positions) else 0
        if end <= last:  # the text ends here, or one sign stands for several letters (¼)
            end = _end(text, last)
        if found and start < found[-1].end:
            continue
        typed = text[start:end].rstrip()
        found.append(Word(start, start + len(typed), typed, _canonical(match.group()[:MAX_WORD])))
    return found


def _end(text: str, last: int) -> int:
    """Where the letter at `last` ends, its combining and invisible marks included."""
    end = last + 1
    limit = min(len(text), end + MAX_WORD)
    while end < limit and unicodedata.category(text[end]) in _IGNORED:
        end += 1
    return end


def canonical(text: str) -> str:
    """The words of `text` in canonical Cyrillic, joined by spaces."""
    return " ".join(word.canonical for word in words(text))


def skeleton(text: str) -> str:
    """The words of `text` with confusable vowels and doubled letters made one."""
    return fold(canonical(text))


def consonants(text: str) -> str:
    """The words of `text` as first letter and consonants."""
    return " ".join(strip_vowels(word) for word in skeleton(text).split())


def fold(word: str) -> str:
    """The skeleton of what is canonical already."""
    return _RUN.sub(r"\1", word.translate(_SKELETON))


def strip_vowels(word: str) -> str:
    """First letter and consonants of a skeleton."""
    return word[:1] + "".join(letter for letter in word[1:] if letter not in _VOWELS)


@lru_cache(maxsize=16384)
def _canonical(word: str) -> str:
    """The canonical form of one cleaned word."""
    word = _LAUGH.sub(r"\1\1", word)
    if word in ABBREVIATIONS:
        return ABBREVIATIONS[word]
    head, hyphen, ending = word.partition("-")
    if hyphen and head in ABBREVIATIONS:
        return ABBREVIATIONS[head] + _canonical(ending)
    if any(character.isdigit() for character in word):
        word = _ZERO_AS_O.sub("о" if _CYRILLIC.search(word) else "o", word)
    latin = len(_LATIN.findall(word))
    if not latin:
        return word.replace("'", "")
    if latin <= len(word) // 2 and _CYRILLIC.search(word) and not _is_galig_with_vowels(word):
        return word.translate(_BY_SHAPE).replace("'", "")
    return transliterate(word)


def _is_galig_with_vowels(word: str) -> bool:
    """Whether the only Cyrillic in a Latin word is ө and ү ("hөgjil")."""
    return all(character in "өү" for character in _CYRILLIC.findall(word))


def transliterate(word: str) -> str:
    """Lower-case galig as Cyrillic; letters that are no galig stay as they are."""
    word = _V_AS_VOWEL.sub("ү", word.replace("vv", "үү").replace("ww", "үү"))
    word = _GLIDE.sub("\\1\0", word)
    return _GALIG_AT.sub(lambda match: _GALIG[match.group()], word).replace("\0", "")
