"""Arguments of functions, as texts and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from conversations.survey.context import Context
from conversations.survey.values import ExpressionError, node_text, to_number, to_string


def texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from map(node_text, value)
        else:
            yield to_string(value)


def numbers(context: Context, values: Iterable[Any]) -> list[float]:
    zone = context.env.zone
    return [
        to_number(item, zone)
        for value in values
        for item in (map(node_text, value) if isinstance(value, list) else (value,))
    ]


def integer(context: Context, value: Any) -> int:
    number = to_number(value, context.env.zone)
    if math.isnan(number) or math.isinf(number):
        raise ExpressionError(f"a whole number was needed, not {to_string(value)!r}")
    return int(number)
