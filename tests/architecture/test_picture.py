"""The picture of the imports in `docs/architecture.md` shows what is."""

from __future__ import annotations

import re

from tests.architecture.source import LEVELS, ROOT, imports

ARROW = re.compile(r"^ +(\w+) (-->|-\.->) (\w+)$", re.MULTILINE)


def test_the_picture_shows_the_imports_as_they_are() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    drawn = {(one, other): arrow == "-.->" for one, arrow, other in ARROW.findall(page)}
    found: dict[tuple[str, str], bool] = {}
    for each in imports():
        pair = (each.package, each.imported)
        if each.imported in LEVELS and each.package != each.imported:
            by_command = each.module.rpartition(".")[2] == "commands"
            found[pair] = found.get(pair, True) and by_command
    assert drawn == found, "draw the imports in docs/architecture.md as they are now"
