"""The values of XPath 1.0 as OpenRosa extends it: node-set, string, number, boolean, moment.

Conversions follow XPath 1.0 section 4 (https://www.w3.org/TR/1999/REC-xpath-19991116/) and,
for dates, JavaRosa: a date counts whole local days since 1970-01-01, the time of day is its
fraction. A string with the full shape of a date counts as one wherever a number is needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeAlias

from elementpath.xpath_nodes import (
    CommentNode,
    DocumentNode,
    ElementNode,
    ProcessingInstructionNode,
    XPathNode,
)

Nodes: TypeAlias = list[XPathNode]
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:T(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_EPOCH = datetime(1970, 1, 1)


class ExpressionError(ValueError):
    """An expression that can't be parsed or evaluated; the message says why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date with a time, in the zone of the person answering.

    `local` has no zone of its own; `zone` gives the offset that is written after a time.
    """

    local: datetime
    zone: tzinfo = UTC

    @property
    def days(self) -> float:
        """Local days since 1970-01-01, the time of day as a fraction."""
        return (self.local - _EPOCH) / timedelta(days=1)

    def __str__(self) -> str:
        if self.local.time() == time(0):
            return self.local.date().isoformat()
        return self.local.replace(tzinfo=self.zone).isoformat(timespec="milliseconds")

    @classmethod
    def at(cls, instant: datetime, zone: tzinfo) -> Moment:
        """The moment that `instant` (aware) is in `zone`."""
        return cls(instant.astimezone(zone).replace(tzinfo=None), zone)

    @classmethod
    def of_days(cls, days: float, zone: tzinfo) -> Moment:
        """The reverse of `days`; raises OverflowError outside the years 1 to 9999."""
        return cls(_EPOCH + timedelta(milliseconds=round(days * 86_400_000)), zone)

    @classmethod
    def parse(cls, text: str, zone: tzinfo) -> Moment | None:
        """The moment an ISO 8601 date or date and time names, or None."""
        match = _DATE.fullmatch(text.strip())
        if match is None:
            return None
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        try:
            local = datetime.combine(
                date(int(year), int(month), int(day)),
                time(
                    int(hour or 0), int(minute or 0), int(second or 0),
                    int((fraction or "0").ljust(6, "0")),
                ),
            )  # fmt: skip
            if offset:
                return cls.at(datetime.fromisoformat(local.isoformat() + offset), zone)
        except (ValueError, OverflowError):
            return None
        return cls(local, zone)


Value: TypeAlias = Nodes | str | float | bool | Moment


def node_text(node: XPathNode) -> str:
    """The string-value of one node."""
    if isinstance(node, ElementNode):
        element: Any = node.value
        return (element.text or "") if not len(element) else "".join(element.itertext())
    if isinstance(node, DocumentNode):
        return "".join(
            node_text(child) for child in node.children if isinstance(child, ElementNode)
        )
    if isinstance(node, CommentNode):
        return node.value.text or ""
    if isinstance(node, ProcessingInstructionNode):
        return (node.value.text or "").partition(" ")[2]
    return str(node.value if node.value is not None else "")


def first(nodes: Sequence[XPathNode]) -> XPathNode:
    """The node that comes first in document order."""
    return nodes[0] if len(nodes) == 1 else min(nodes, key=lambda node: node.position)


def to_string(value: Any) -> str:
    """XPath's string()."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(float(value))
    if isinstance(value, list):
        return node_text(first(value)) if value else ""
    return str(value)


def number_text(number: float) -> str:
    """A number as XPath writes it: no exponent in everyday sizes, no needless zeros."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    written = repr(number)
    return f"{number:.20f}".rstrip("0") if "e-" in written and abs(number) > 1e-7 else written


def to_number(value: Any, zone: tzinfo = UTC) -> float:
    """XPath's number(); NaN for what is no number and no date."""
    if isinstance(value, float):
        return value
    if isinstance(value, (bool, int)):
        return float(value)
    if isinstance(value, Moment):
        return value.days
    text = to_string(value).strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    if len(text) >= 8 and (moment := Moment.parse(text, zone)):
        return moment.days
    return math.nan


def to_boolean(value: Any) -> bool:
    """XPath's boolean(); a moment is true."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0 and not math.isnan(value)
    if isinstance(value, Moment):
        return True
    return bool(value)


def is_dated(text: str) -> bool:
    """Whether a string has the full shape of a date."""
    return len(text) >= 8 and text[:4].isdigit() and Moment.parse(text, UTC) is not None


def to_moment(value: Any, zone: tzinfo) -> Moment | None:
    """OpenRosa's date(): from a date, a date string, or a number of local days; else None."""
    if isinstance(value, Moment):
        return value
    if isinstance(value, (bool, int, float)):
        number = float(value)
        try:
            return None if math.isnan(number) else Moment.of_days(number, zone)
        except (OverflowError, ValueError):
            return None
    text = to_string(value).strip()
    if _NUMBER.fullmatch(text):
        return to_moment(float(text), zone)
    return Moment.parse(text, zone)


def compare(operator: str, left: Any, right: Any, zone: tzinfo = UTC) -> bool:
    """XPath's comparison of two values of any type (section 3.4), dates by their days.

    As in JavaRosa, <, <=, > and >= compare numbers, also where one side is a boolean.
    """
    if isinstance(left, list) and isinstance(right, list):
        return any(
            compare_atoms(operator, one, other, zone)
            for one in map(node_text, left)
            for other in map(node_text, right)
        )
    equality = operator in ("=", "!=")
    if isinstance(left, list):
        if equality and isinstance(right, bool):
            return compare_atoms(operator, bool(left), right, zone)
        return any(compare_atoms(operator, node_text(node), right, zone) for node in left)
    if isinstance(right, list):
        if equality and isinstance(left, bool):
            return compare_atoms(operator, left, bool(right), zone)
        return any(compare_atoms(operator, left, node_text(node), zone) for node in right)
    return compare_atoms(operator, left, right, zone)


def compare_atoms(operator: str, left: Any, right: Any, zone: tzinfo) -> bool:
    """Compare two values that are no node-sets."""
    if operator in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            equal = to_boolean(left) == to_boolean(right)
        elif isinstance(left, str) and isinstance(right, str):
            equal = left == right or (
                is_dated(left)
                and is_dated(right)
                and to_number(left, zone) == to_number(right, zone)
            )
        else:
            equal = to_number(left, zone) == to_number(right, zone)
        return equal if operator == "=" else not equal
    one, other = to_number(left, zone), to_number(right, zone)
    if operator == "<":
        return one < other
    if operator == "<=":
        return one <= other
    return one > other if operator == ">" else one >= other
