"""From what a case stores, which is text, to typed values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import TypeAlias

from analytics.columns import Kind

Cell: TypeAlias = str | int | float | date | datetime | time | None
Row: TypeAlias = tuple[Cell, ...]
Convert: TypeAlias = Callable[[str], Cell]


_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if number != int(number):
            raise
        return int(number)


def _decimal(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def is_plain_number(text: str) -> bool:
    """Whether `text` is a number as a calculation writes it: "7" and "0.5", never "007"."""
    return _PLAIN.fullmatch(text) is not None and len(text) < 16


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _time(text: str) -> time:
    return time.fromisoformat(text).replace(tzinfo=None)


_READERS: dict[Kind, Convert] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DATE: lambda text: date.fromisoformat(text[:10]),
    Kind.TIME: _time,
    Kind.DATETIME: _moment,
}


def reader(kind: Kind) -> Convert:
    """What turns stored text into a value of `kind`; raises ValueError for what is none."""
    return _READERS.get(kind, str)


def as_text(value: Cell) -> str:
    """A value as text, as every text format writes it: ISO 8601, "" for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
