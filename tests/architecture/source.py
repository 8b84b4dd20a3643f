"""The packages' source as syntax trees: what the rules of the house are checked against."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

LEVELS: dict[str, int] = {
    "main": 4,
    "console": 4,
    "bots": 3,
    "campaigns": 3,
    "analytics": 3,
    "conversations": 2,
    "nlu": 1,
    "content": 1,
    "storage": 1,
    "settings": 0,
    "locales": 0,
}
"""How high each part of the house stands; imports point downwards only."""

ELSEWHERE = ("nlu/rasa", "nlu/.venv")
"""Runs in Rasa's own environment, with Rasa's own imports."""

AUTHORING = tuple(
    f"conversations.survey.{module}"
    for module in ("authoring", "workbook", "checks", "sheet_checks", "layout")
)
"""Reads what facilitators wrote, long before a turn: it may open files."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: `module` imports `target`, both dotted, at `where` (file:line).

    `for_types` says that only type checkers see it.
    """

    module: str
    target: str
    where: str
    for_types: bool = False

    @property
    def package(self) -> str:
        """The part of the house that imports."""
        return self.module.partition(".")[0]

    @property
    def imported(self) -> str:
        """The top-level name that is imported."""
        return self.target.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.where}: {self.module} imports {self.target}"


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: `name` dotted, `path` as written in messages."""

    name: str
    path: str
    tree: ast.Module

    @property
    def is_command_line(self) -> bool:
        """Whether this is glue between a command line and the package it belongs to."""
        return self.name.rpartition(".")[2] == "commands"


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the house, without tests and benchmarks."""
    found = [path for part in LEVELS for path in _files(part)]
    assert len(found) > 50
    return tuple(_module(path) for path in found)


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the house, wherever in the file it stands."""
    return tuple(found for module in modules() for found in imports_of(module))


def imports_of(module: Module) -> Iterator[Import]:
    """The imports of one module, submodules told from names."""
    for_types = {
        id(node)
        for block in ast.walk(module.tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(module.tree):
        where = f"{module.path}:{getattr(node, 'lineno', 0)}"
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            targets = [_module_or_name(base, alias.name) for alias in node.names]
        for target in dict.fromkeys(targets):
            yield Import(module.name, target, where, id(node) in for_types)


def _module_or_name(base: str, name: str) -> str:
    path = ROOT.joinpath(*base.split("."), name)
    return f"{base}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else base


def parse(source: str, name: str) -> Module:
    """A module made up for a test of the rules themselves."""
    return Module(name, name.replace(".", "/") + ".py", ast.parse(source))


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    inside = module.name.split(".")
    base = inside[: len(inside) - node.level + module.path.endswith("__init__.py")]
    return ".".join([*base, *([node.module] if node.module else [])])


def _files(part: str) -> list[Path]:
    if (ROOT / f"{part}.py").exists():
        return [ROOT / f"{part}.py"]
    paths = sorted((ROOT / part).rglob("*.py"))
    return [p for p in paths if not p.relative_to(ROOT).as_posix().startswith(ELSEWHERE)]


def _module(path: Path) -> Module:
    relative = path.relative_to(ROOT)
    name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    return Module(name, relative.as_posix(), ast.parse(path.read_bytes()))
