"""Administrative units to choose from: aimags with their soums, the capital with its districts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from console.access import Access
from content.wording import place_name
from nlu.gazetteer import gazetteer

CHOSEN_FROM = 2
"""Levels shown in menus: bags and khoroos are too many for one."""


@dataclass(frozen=True, slots=True)
class Group:
    """An aimag or the capital: itself, then its parts by name."""

    code: str
    name: str
    options: tuple[tuple[str, str], ...]


@cache
def groups(locale: str) -> tuple[Group, ...]:
    """All of the country, in the order of the alphabet, the capital first."""
    tops = [unit for unit in gazetteer() if unit.level == 1]
    found = []
    for top in sorted(tops, key=lambda unit: (unit.type != "capital", unit.name_mn)):
        parts = [unit for unit in gazetteer().children(top.code) if unit.level == CHOSEN_FROM]
        options = [(top.code, place_name(top.code, locale))]
        options += sorted(
            ((unit.code, place_name(unit.code, locale)) for unit in parts), key=lambda one: one[1]
        )
        found.append(Group(top.code, options[0][1], tuple(options)))
    return tuple(found)


def groups_for(access: Access, locale: str) -> tuple[Group, ...]:
    """The units that are theirs, grouped."""
    if access.everywhere:
        return groups(locale)
    own = []
    for group in groups(locale):
        kept = tuple(option for option in group.options if access.covers(option[0]))
        if kept:
            own.append(Group(group.code, group.name, kept))
    return tuple(own)


def known(code: str) -> bool:
    """Whether there is such a unit."""
    try:
        gazetteer().place(code)
    except KeyError:
        return False
    return True


def above(code: str) -> str:
    """The aimag or capital that a unit belongs to; "" for none."""
    try:
        chain = [gazetteer().place(code), *gazetteer().parents(code)]
    except KeyError:
        return ""
    return next((unit.code for unit in chain if unit.level == 1), "")
