"""What citizens read is in `locales/` and `content/`, where translators find it: never in code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, modules, parse

CYRILLIC = re.compile("[\u0400-\u04ff]")
LETTERS_ARE_THE_SUBJECT = {
    "nlu": "rules of spelling and grammar are made of letters",
    "conversations.survey.typed": "numbers, dates, yes and no as people type them: never said",
    "bots.surroundings": "the letters that a typeface must have",
    "bots.web.frames": "the letters that tell Kazakh from Mongolian",
}
"""Where Cyrillic is read, not said, and why."""
UNITS = {"аймаг", "сум", "дүүрэг", "хот"}
MAY_STAND: dict[str, set[str]] = {
    "content.wording": UNITS,  # stems, which `nlu.declension` puts into their cases
    "content.place_resolver": UNITS,  # endings cut from names in spreadsheets
    "content.checks": {"₮|төгрөг"},  # recognises amounts
    "conversations.survey.form": {"монгол", "қазақ"},  # language names in XLSForm headings
}
"""Single strings that may stand, and why."""


def exempt(name: str) -> bool:
    """Whether all of the module `name` is about letters."""
    return any(name == part or name.startswith(part + ".") for part in LETTERS_ARE_THE_SUBJECT)


def cyrillic(module: Module) -> Iterator[str]:
    """Cyrillic strings in `module`, docstrings aside."""
    docstrings = {
        id(node.value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and CYRILLIC.search(node.value)
            and node.value not in MAY_STAND.get(module.name, ())
        ):
            yield f"{module.path}:{node.lineno}: {node.value[:60]!r}"


def test_no_words_for_citizens_stand_in_code() -> None:
    ours = [module for module in modules() if not exempt(module.name)]
    assert [found for module in ours for found in cyrillic(module)] == []


def test_exemptions_are_needed() -> None:
    names = {module.name for module in modules()}
    assert names >= {*LETTERS_ARE_THE_SUBJECT, *MAY_STAND}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("say('Сайн уу')", 1),
        ("say(f'Сайн уу {name}')", 1),
        ('def f():\n    """Сайн уу."""', 0),
        ("# Сайн уу\nx = 'menu.title'", 0),
    ],
)
def test_words_would_be_found(source: str, count: int) -> None:
    assert len(list(cyrillic(parse(source, "bots.x")))) == count
