"""Who may know whom: the rules of the house, held against every import in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.architecture.source import AUTHORING, LEVELS, Import, imports, modules

SIBLINGS = ("bots", "campaigns", "analytics")
"""Side by side, and strangers: what they share goes through storage."""

ONLY: dict[str, tuple[str, ...]] = {
    "motor": ("storage",),
    "pymongo": ("storage",),
    "gridfs": ("storage",),
    "bson": ("storage",),
    "telegram": ("bots.telegram",),
    "pymessenger": ("bots.messenger",),
    "pymsgr": ("bots.messenger",),
    "rasa": (),
    "secantusdb": (),
    "secantus": (),
}
"""Libraries that only one place may import, or none at all.

Rasa runs as a service of its own in its own environment; SecantusDB is GPL-2.0-only and runs
as a process of its own.
"""

FOREIGN_TO_CONVERSATIONS = {
    *("aiohttp", "aiohttp_jinja2", "asyncio", "http", "httpx", "requests", "socket", "ssl"),
    *("starlette", "urllib", "websockets", "selectors", "subprocess", "threading"),
    *("bson", "gridfs", "motor", "pymongo", "telegram", "pymessenger", "secrets", "time"),
    *("bots", "campaigns", "analytics", "console", "storage", "settings"),
}
"""What a pure conversation has no use for: the network, the database, the clock, channels."""


def inside(name: str, place: str) -> bool:
    """Whether the module `name` is `place` or lies in it."""
    return name == place or name.startswith(place + ".")


def breaking(rule: Callable[[Import], bool], among: Iterable[Import] | None = None) -> list[str]:
    """The imports that break `rule`, as a person would look them up."""
    return [str(found) for found in (imports() if among is None else among) if rule(found)]


def commands(found: Import) -> bool:
    """Whether the importing module is a package's command line."""
    return found.module.rpartition(".")[2] == "commands"


# -- the rules -----------------------------------------------------------------------------


def upwards(found: Import) -> bool:
    """An import of something that stands higher."""
    return LEVELS.get(found.imported, -1) > LEVELS[found.package]


def of_a_sibling(found: Import) -> bool:
    """bots, campaigns and analytics importing each other."""
    pair = {found.package, found.imported}
    return len(pair) == 2 and pair <= set(SIBLINGS)


def of_main(found: Import) -> bool:
    """Nothing imports the command line."""
    return found.imported == "main"


def out_of_its_place(found: Import) -> bool:
    """A library outside the one place that may know it."""
    places = ONLY.get(found.imported)
    return places is not None and not any(inside(found.module, place) for place in places)


def impure(found: Import) -> bool:
    """`conversations` importing what ties it to a channel, a database or a clock."""
    return (
        found.package == "conversations"
        and found.imported in FOREIGN_TO_CONVERSATIONS
        and not commands(found)
    )


def reaching_for_storage(found: Import) -> bool:
    """`nlu` and `content` are read without a database; only their command lines know one."""
    return (
        found.package in ("nlu", "content") and found.imported == "storage" and not commands(found)
    )


RULES = (upwards, of_a_sibling, of_main, out_of_its_place, impure, reaching_for_storage)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Callable[[Import], bool]) -> None:
    assert breaking(rule) == []


@pytest.mark.parametrize(
    ("rule", "module", "target"),
    [
        (upwards, "conversations.engine", "bots.worker"),
        (upwards, "storage.store", "conversations.state"),
        (upwards, "locales.usage", "content"),
        (upwards, "bots.worker", "console.pages"),
        (of_a_sibling, "campaigns.pushes", "bots.channel"),
        (of_a_sibling, "analytics.export", "campaigns.audience"),
        (of_main, "console.pages", "main"),
        (out_of_its_place, "bots.worker", "motor.motor_asyncio"),
        (out_of_its_place, "content.commands", "pymongo"),
        (out_of_its_place, "bots.telegrams", "telegram"),
        (out_of_its_place, "bots.telegram.sending", "pymessenger.bot"),
        (out_of_its_place, "nlu.client", "rasa.core"),
        (out_of_its_place, "storage.embedded", "secantusdb"),
        (impure, "conversations.engine", "asyncio"),
        (impure, "conversations.survey.case", "time"),
        (impure, "conversations.world", "storage.store"),
        (reaching_for_storage, "content.search", "storage.store"),
    ],
)
def test_rule_would_catch(rule: Callable[[Import], bool], module: str, target: str) -> None:
    assert rule(Import(module, target, "x.py:1"))


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("main", "bots.worker"),
        ("console.pages", "campaigns.audience"),
        ("bots.worker", "storage.store"),
        ("bots.telegram.sending", "telegram.error"),
        ("bots.telegram", "bots.telegram.channel"),
        ("bots.worker", "bots.telegram"),
        ("storage.media", "gridfs.errors"),
        ("conversations.engine", "nlu.understanding"),
        ("content.commands", "storage.store"),
        ("conversations.survey.commands", "storage.opening"),
        ("locales.commands", "babel.messages"),
    ],
)
def test_rule_would_allow(module: str, target: str) -> None:
    assert not [rule for rule in RULES if rule(Import(module, target, "x.py:1"))]


# -- turns and forms -----------------------------------------------------------------------


def test_no_turn_reads_a_workbook() -> None:
    """Forms are compiled before they are published; a turn gets them from its world."""
    assert [
        str(found)
        for found in imports()
        if found.package == "conversations"
        and found.target in AUTHORING
        and found.module not in AUTHORING
        and not commands(found)
    ] == []


# -- no circles ----------------------------------------------------------------------------


def test_packages_of_one_level_don_t_import_each_other_both_ways() -> None:
    """The command lines aside, the packages can be read from the bottom up."""
    known = {(i.package, i.imported) for i in imports() if i.imported in LEVELS and not commands(i)}
    both = sorted(f"{a} and {b}" for a, b in known if a < b and (b, a) in known)
    assert both == []


def test_modules_import_each_other_in_no_circle() -> None:
    names = {module.name for module in modules()}
    graph: dict[str, set[str]] = {name: set() for name in names}
    for found in imports():
        if found.target in names and found.target != found.module and not found.for_types:
            graph[found.module].add(found.target)
    assert circle(graph) == []


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle in `graph`, or nothing."""
    done: set[str] = set()

    def search(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name not in done:
            for target in sorted(graph[name]):
                if found := search(target, [*way, name]):
                    return found
            done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := search(name, []))), [])


def test_a_circle_would_be_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
