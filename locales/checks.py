"""What may be wrong with the words: missing, unused, or not the same in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

from locales import LOCALES
from locales.catalogues import FOLDER, SOURCE, Words, words
from locales.usage import ROOT, Usage, find

WHOLE = ("mn", "en")
"""Languages in which nothing may be missing."""
KAZAKH = (
    "channel.",
    "command.",
    "consent.",
    "engine.",
    "language.",
    "menu.",
    "place.",
    "privacy.",
    "settings.",
    "stop.",
    "web.",
)
"""What Kazakh must have; the rest falls back to Mongolian until someone can vouch for it."""

MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0400-\u04FF])[^\W\d_]+\b")


def required(locale: str, key: str) -> bool:
    """Whether `key` must be translated into `locale`."""
    return locale in WHOLE or key.startswith(KAZAKH)


def all_words(folder: Path = FOLDER) -> dict[str, Words]:
    """Every language's words; raises BadCatalogue."""
    return {locale: words(locale, folder) for locale in LOCALES}


def problems(folder: Path = FOLDER, root: Path = ROOT) -> list[str]:
    """Everything wrong, each with where it is and what would be right; raises BadCatalogue."""
    every = all_words(folder)
    usage = find(root)
    return sorted(
        {
            *_missing(every, usage),
            *_unused(every, usage),
            *_untranslated(every),
            *_placeholders(every, usage),
            *_spelling(every),
        }
    )


def keys_of(every: Mapping[str, Words]) -> frozenset[str]:
    """The keys that any language has."""
    return frozenset().union(*(language.keys for language in every.values()))


def _missing(every: Mapping[str, Words], usage: Usage) -> Iterator[str]:
    keys = keys_of(every)
    for asked in usage.must_exist(keys):
        if asked.key not in keys:
            yield f"{asked.where} asks for {asked.key}, which no language has"
    for pattern, where in usage.patterns.items():
        known = pattern.partition("\\.")[0] in {key.partition(".")[0] for key in keys}
        if known and not any(re.fullmatch(pattern, key) for key in keys):
            yield f"{where} puts a key together that no language has ({pattern})"
    for where in usage.unclear:
        yield f"{where} puts a key together without a fixed beginning: nobody can find its uses"


def _unused(every: Mapping[str, Words], usage: Usage) -> Iterator[str]:
    for key in keys_of(every):
        if not usage.uses(key):
            yield f"{key} is used nowhere: take it out with `main.py locales update --prune`"


def _untranslated(every: Mapping[str, Words]) -> Iterator[str]:
    for key in keys_of(every):
        for locale, language in every.items():
            if required(locale, key) and key not in language.said:
                unsure = " (marked fuzzy)" if key in language.fuzzy else ""
                yield f"{key} is not translated into {locale}{unsure}"


def names_in(said: str) -> frozenset[str]:
    """The placeholders in `said`; raises ValueError where its braces don't match."""
    return frozenset(name for _, name, _, _ in Formatter().parse(said) if name is not None)


def _placeholders(every: Mapping[str, Words], usage: Usage) -> Iterator[str]:
    needed: dict[str, frozenset[str]] = {}
    for locale in (SOURCE, *(other for other in every if other != SOURCE)):
        for key, said in every[locale].said.items():
            try:
                names = names_in(said)
            except ValueError as error:
                yield f"{key} in {locale}: {error}; a brace that is meant is written twice"
                continue
            if needed.setdefault(key, names) != names:
                yield (
                    f"{key} in {locale} has {_listed(names)}, "
                    f"but {_listed(needed[key])} in another language"
                )
    for asked in usage.asked:
        lacking = needed.get(asked.key, frozenset()) - (asked.given or frozenset())
        if asked.given is not None and lacking:
            yield f"{asked.where} gives {asked.key} no {_listed(lacking)}"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no placeholder"


def _spelling(every: Mapping[str, Words]) -> Iterator[str]:
    """What the eye doesn't see: a key twice, a Latin letter within a Cyrillic word."""
    for locale, language in every.items():
        for key in language.doubled:
            yield f"{key} stands twice in {locale}"
        for key, said in language.said.items():
            if mixed := MIXED.search(said):
                yield f"{key} in {locale} mixes Latin and Cyrillic letters: {mixed[0]}"
