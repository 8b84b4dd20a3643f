"""Which keys the code asks for, read from its syntax trees without running it.

A key is asked for by `turn.t("key")`, `text(locale, "key")` or `Told("key")`. Keys put
together, as in `turn.t(f"menu.{item}")`, use all that fit the pattern. A key that stands as a
string anywhere else (in a table of constants, say) is used too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "analytics",
    "bots",
    "campaigns",
    "console",
    "content",
    "conversations",
    "nlu",
    "storage",
)
ELSEWHERE = ("nlu/rasa", "nlu/.venv")
"""Folders with an environment of their own."""
SAYING = ("conversations/", "content/")
"""Where a string that looks like a key must be one: hardly anything else looks so there."""

LIKE_A_KEY = re.compile(r"[a-z]+(?:\.[a-z0-9_/]+)+")
IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Asked:
    """A key asked for at `where` (file:line), with the values `given` for its placeholders.

    `given` is None where the values can't be told from the call.
    """

    key: str
    where: str
    given: frozenset[str] | None = None


@dataclass(slots=True)
class Usage:
    """All that the code says about keys; `patterns` maps a pattern to where it is built."""

    asked: list[Asked] = field(default_factory=list)
    patterns: dict[str, str] = field(default_factory=dict)
    strings: dict[str, str] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)

    def uses(self, key: str) -> bool:
        """Whether the code uses `key`."""
        return (
            key in self.strings
            or any(asked.key == key for asked in self.asked)
            or any(re.fullmatch(pattern, key) for pattern in self.patterns)
        )

    def must_exist(self, keys: frozenset[str]) -> list[Asked]:
        """What is asked for, and strings that can only be meant as a key, as `keys` shows."""
        spaces = {key.partition(".")[0] for key in keys}
        meant = [
            Asked(string, where)
            for string, where in self.strings.items()
            if where.startswith(SAYING)
            and LIKE_A_KEY.fullmatch(string)
            and string.partition(".")[0] in spaces
        ]
        known = {asked.key for asked in self.asked}
        return [*self.asked, *(asked for asked in meant if asked.key not in known)]


def find(root: Path = ROOT) -> Usage:
    """The usage of keys in all packages below `root`; raises SyntaxError for broken code."""
    usage = Usage()
    for path in _files(root, ".py"):
        _Reader(usage, path.relative_to(root).as_posix()).read(ast.parse(path.read_bytes()))
    for path in _files(root, ".html"):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for key in IN_TEMPLATE.findall(line):
                usage.asked.append(Asked(key, f"{name}:{number}"))
    return usage


def _files(root: Path, suffix: str) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob(f"*{suffix}")):
            if not path.relative_to(root).as_posix().startswith(ELSEWHERE):
                yield path


class _Reader(ast.NodeVisitor):
    """Reads one module into `usage`."""

    def __init__(self, usage: Usage, name: str) -> None:
        self._usage = usage
        self._name = name
        self._functions: set[str] = set()

    def read(self, module: ast.Module) -> None:
        """Take in the whole of `module`."""
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and node.module == "locales":
                bound = {alias.name: alias.asname or alias.name for alias in node.names}
                self._functions |= {bound[name] for name in bound if name == "text"}
        self.visit(module)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A string alone is a docstring: no key."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A string that may be a key from a table."""
        if isinstance(node.value, str):
            self._usage.strings.setdefault(node.value, self._at(node))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A string put together, which may be a key put together."""
        pattern = _pattern(node)
        if re.match(r"[a-z]+\\\.", pattern):
            self._usage.patterns.setdefault(pattern, self._at(node))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Call(self, node: ast.Call) -> None:
        """`x.t(key, …)`, `text(locale, key, …)` or `Told(key, …)`."""
        key = self._key(node)
        if key is not None:
            names = [keyword.arg for keyword in node.keywords]
            given = None if None in names else frozenset(name for name in names if name)
            self._ask(key, given)
        self.generic_visit(node)

    def _key(self, node: ast.Call) -> ast.expr | None:
        """The argument that is the key, if this call asks for words."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "t" and node.args:
            return node.args[0]
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called == "Told" and node.args:
            return node.args[0]
        return node.args[1] if called in self._functions and len(node.args) > 1 else None

    def _ask(self, key: ast.expr, given: frozenset[str] | None) -> None:
        match key:
            case ast.Constant(value=str() as name):
                self._usage.asked.append(Asked(name, self._at(key), given))
            case ast.IfExp(body=one, orelse=other):
                self._ask(one, given)
                self._ask(other, given)
            case ast.JoinedStr() if not re.match(r"[a-z]+\\\.", _pattern(key)):
                self._usage.unclear.append(self._at(key))

    def _at(self, node: ast.expr) -> str:
        return f"{self._name}:{node.lineno}"


def _pattern(node: ast.JoinedStr) -> str:
    """A regular expression for what an f-string may become."""
    parts = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
        for part in node.values
    ]
    return "".join(parts)
