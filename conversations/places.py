"""Places as a conversation names them."""

from __future__ import annotations

from functools import cache

from locales import text
from nlu.gazetteer import Gazetteer
from nlu.places import Place, key

COUNTRY = "MN"


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of this process, read once."""
    return Gazetteer.load()


def known(code: str) -> bool:
    """Whether `code` is a place's code."""
    try:
        gazetteer().place(code)
    except KeyError:
        return False
    return True


def short_name(place: Place, locale: str) -> str:
    """The name alone, in the letters that readers of `locale` know."""
    return place.name_latin if locale == "en" and place.name_latin else place.name_mn


def full_name(code: str, locale: str) -> str:
    """The whole name, the largest unit first; "" where no place is set."""
    if not code:
        return text(locale, "place.none")
    chain = [gazetteer().place(code), *gazetteer().parents(code)]
    words = []
    for place in reversed(chain):
        name = short_name(place, locale)
        words.append(text(locale, f"place.named_{place.type}", name=name))
    return ", ".join(words)


def named(typed: str, within: str = "", limit: int = 8) -> list[Place]:
    """The places `typed` may mean: the one where that is clear, else the likeliest."""
    found = gazetteer().search(typed, within or None, limit)
    wanted = key(typed)
    exact = [p for p in found if wanted in (key(p.name_mn), key(p.name_latin))]
    return exact if len(exact) == 1 or len(exact) == len(found) > 0 else found
