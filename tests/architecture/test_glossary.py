"""The glossary names what is there: each term's definition, and the word citizens read."""

from __future__ import annotations

import ast
import re

import pytest

from locales.catalogues import words
from tests.architecture.source import ROOT, modules

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| `([\w.]+):(\w+)` \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROWS = [tuple(cell.strip() for cell in row) for row in ROW.findall(PAGE)]


def defined(module: str) -> set[str]:
    """The names that a module defines at its top."""
    (tree,) = [one.tree for one in modules() if one.name == module] or [ast.Module([], [])]
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        names |= {one.id for one in targets if isinstance(one, ast.Name)}
    return names


def test_every_line_can_be_read() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line.startswith("| term")]
    assert len(ROWS) == len(lines) - len(headings) > 60
    terms = [row[0] for row in ROWS]
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize(("term", "mn", "module", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_a_term_is_defined_where_it_says(term: str, mn: str, module: str, name: str) -> None:
    assert name in defined(module)


def test_people_read_the_words_of_the_glossary() -> None:
    said = " ".join(words("mn").said.values()).casefold()
    assert [mn for _, mn, *_ in ROWS if mn != "–" and mn.casefold() not in said] == []
