"""Places as a conversation names them."""

from __future__ import annotations

from locales import text
from nlu.gazetteer import gazetteer
from nlu.places import Place, key

COUNTRY = "MN"


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
    """The places `typed` may mean: those it names outright, else the likeliest."""
    mentions = gazetteer().find(typed, within or None)
    if mentions:
        return [gazetteer().place(code) for code in mentions[-1].codes[:limit]]
    found = gazetteer().search(typed, within or None, limit)
    wanted = key(typed)
    exact = [place for place in found if wanted in (key(place.name_mn), key(place.name_latin))]
    return exact or found
