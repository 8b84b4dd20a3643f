"""`conversations` decides from what it is given: no clock, no chance, no file, no network."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import AUTHORING, Module, modules, parse

IMPURE = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.monotonic", "time.sleep", "monotonic", "perf_counter"),
    *("uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4", "os.urandom", "urandom"),
    *("os.getenv", "getenv", "environ.get", "print", "input", "open"),
}
CHANCE = ("random", "secrets")
READS = ("read_text", "read_bytes", "iterdir", "glob", "rglob")
"""Reading of packaged data: only within a function that does it once."""
WRITES = ("write_text", "write_bytes", "unlink", "mkdir", "touch", "rename")
ONCE = ("cache", "lru_cache", "functools.cache", "functools.lru_cache")


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute, where "…" stands for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{dotted(value)}.{name}"
    return "…"


def impurities(module: Module) -> Iterator[str]:
    """Calls that make a turn depend on more than its state, what came in, and its world."""
    yield from _walk(module, module.tree, once=True)


def _walk(module: Module, node: ast.AST, once: bool) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        inside = once
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = [
                dotted(each.func if isinstance(each, ast.Call) else each)
                for each in child.decorator_list
            ]
            inside = any(each in ONCE for each in decorators)
        if isinstance(child, ast.AsyncFunctionDef | ast.Await):
            yield f"{module.path}:{child.lineno}: a turn is synchronous"
        if isinstance(child, ast.Call) and (what := _impure(child, once)):
            yield f"{module.path}:{child.lineno}: {what}"
        yield from _walk(module, child, inside)


def _impure(call: ast.Call, once: bool) -> str:
    name = dotted(call.func)
    last = name.rpartition(".")[2]
    tail = ".".join(name.split(".")[-2:])
    if name in IMPURE or tail in IMPURE:
        return f"{name}() is no part of a turn"
    if name.partition(".")[0] in CHANCE and not _seeded(call, last):
        return f"{name}() is chance: take it from world.new_id()"
    if name == "Random" and not call.args:
        return "Random() without a seed is chance"
    if last in WRITES and "." in name:
        return f"{name}() writes"
    if (last in READS or _opens_a_file(call, last)) and "." in name and not once:
        return f"{name}() reads outside a cached loader"
    return ""


def _opens_a_file(call: ast.Call, last: str) -> bool:
    """`path.open()` and `path.open("rb")`, but not `turn.open("menu")`."""
    if last != "open":
        return False
    mode = call.args[0] if call.args else ast.Constant("r")
    return isinstance(mode, ast.Constant) and set(str(mode.value)) <= set("rwxabt+")


def _seeded(call: ast.Call, last: str) -> bool:
    return last == "Random" and bool(call.args)


def test_conversations_are_pure() -> None:
    ours = [
        module
        for module in modules()
        if module.name.startswith("conversations")
        and not module.is_command_line
        and module.name not in AUTHORING
    ]
    assert len(ours) > 20
    assert [found for module in ours for found in impurities(module)] == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(): return datetime.now(UTC)",
        "def f(): return datetime.datetime.now()",
        "def f(): return date.today()",
        "def f(): return time.time()",
        "def f(): return random.random()",
        "def f(): return random.Random()",
        "def f(): return Random()",
        "def f(): return uuid.uuid4()",
        "def f(): return open('x')",
        "def f(): return Path('x').read_text()",
        "def f(path): return path.open('rb')",
        "@cache\ndef f(): Path('x').write_text('')",
        "async def f(): ...",
        "def f(): print('x')",
    ],
)
def test_impurity_would_be_found(source: str) -> None:
    assert list(impurities(parse(source, "conversations.x")))


@pytest.mark.parametrize(
    "source",
    [
        "@cache\ndef f(): return Path('x').read_text('utf-8')",
        "WORDS = Path('x').read_text('utf-8')",
        "def f(world): return world.now",
        "def f(seed): return random.Random(seed)",
        "def f(world): return world.new_id()",
        "def f(turn): turn.open('menu')",
    ],
)
def test_pure_code_would_pass(source: str) -> None:
    assert list(impurities(parse(source, "conversations.x"))) == []
