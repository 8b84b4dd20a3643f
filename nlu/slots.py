"""Year, sector and facility that a text speaks of, by word stems in any spelling."""

from __future__ import annotations

import datetime
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu.normalize import skeleton

_FILE = Path(__file__).parent / "lexicon" / "slots.yml"
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
_SHORT_YEAR = re.compile(r"(?<![\d.])([12]\d)\s?(?:-?(?:онд|оны|он)|ond|onii|ony|oni|onii|on)\b")


def year(text: str, today: datetime.date | None = None) -> int | None:
    """The budget year meant: written out, "24 онд", or this, last, next year ("өнгөрсөн жил")."""
    if written := _YEAR.search(text):
        return int(written.group(1))
    if short := _SHORT_YEAR.search(text.lower()):
        return 2000 + int(short.group(1))
    folded = skeleton(text)
    now = (today or datetime.date.today()).year
    for shift, pattern in _lexicon()["years"].items():
        if pattern.search(folded):
            return now + int(shift)
    return None


def sector(text: str) -> str:
    """education, health or "" when the text speaks of neither."""
    return _first(text, "sectors") or str(_read()["sector_of"].get(facility(text), ""))


def facility(text: str) -> str:
    """school, kindergarten, dormitory, health_centre, hospital, or ""."""
    return _first(text, "facilities")


def _first(text: str, kind: str) -> str:
    folded = skeleton(text)
    for name, pattern in _lexicon()[kind].items():
        if pattern.search(folded):
            return str(name)
    return ""


@cache
def _lexicon() -> dict[str, dict[str, re.Pattern[str]]]:
    """The patterns of each name, joined into one that begins at a word."""
    return {
        kind: {
            str(name): re.compile(rf"(?:^|\s)(?:{'|'.join(patterns)})")
            for name, patterns in names.items()
        }
        for kind, names in _read().items()
        if kind != "sector_of"
    }


@cache
def _read() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content
