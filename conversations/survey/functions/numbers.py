"""OpenRosa's functions on numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from conversations.survey.context import Context, nodes_of
from conversations.survey.functions.arguments import integer, numbers
from conversations.survey.grammar import register
from conversations.survey.values import to_number


def _round(context: Context, value: Any, digits: Any = 0.0) -> float:
    number = to_number(value, context.env.zone)
    if math.isnan(number) or math.isinf(number):
        return number
    scale = 10.0 ** integer(context, digits)
    return math.copysign(math.floor(abs(number) * scale + 0.5) / scale, number)


def _int(context: Context, value: Any) -> float:
    number = to_number(value, context.env.zone)
    return number if math.isnan(number) or math.isinf(number) else float(math.trunc(number))


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def call(context: Context, *values: Any) -> float:
        found = numbers(context, values)
        if not found or any(math.isnan(number) for number in found):
            return math.nan
        return choose(found)

    return call


def _sum(context: Context, value: Any) -> float:
    return math.fsum(numbers(context, [nodes_of(value, "sum")]))


def _numeric(name: str, calculate: Callable[[float], float]) -> None:
    def call(context: Context, value: Any) -> float:
        try:
            return float(calculate(to_number(value, context.env.zone)))
        except (ValueError, OverflowError):
            return math.nan

    register(name, 1, 1, call)


def _log(number: float) -> float:
    return -math.inf if number == 0 else math.log(number)


def _log10(number: float) -> float:
    return -math.inf if number == 0 else math.log10(number)


def _power(context: Context, base: Any, exponent: Any) -> float:
    try:
        result = to_number(base, context.env.zone) ** to_number(exponent, context.env.zone)
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf
    return math.nan if isinstance(result, complex) else float(result)


def _whole(number: float, rounding: Callable[[float], int]) -> float:
    return number if math.isnan(number) or math.isinf(number) else float(rounding(number))


def _number(context: Context, *values: Any) -> float:
    value = values[0] if values else [context.item]
    return to_number(value, context.env.zone)


def _atan2(context: Context, y: Any, x: Any) -> float:
    return math.atan2(to_number(y, context.env.zone), to_number(x, context.env.zone))


register("number", 0, 1, _number)
register("int", 1, 1, _int)
register("round", 1, 2, _round)
register("sum", 1, 1, _sum)
register("min", 1, None, _extreme(min))
register("max", 1, None, _extreme(max))
register("pow", 2, 2, _power)
register("atan2", 2, 2, _atan2)
register("pi", 0, 0, lambda context: math.pi)
register("random", 0, 0, lambda context: context.env.random.random())
_OF_ONE: dict[str, Callable[[float], float]] = {
    "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "exp10": lambda number: 10.0**number,
    "log": _log, "log10": _log10, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "floor": lambda number: _whole(number, math.floor),
    "ceiling": lambda number: _whole(number, math.ceil),
}  # fmt: skip
for _symbol, _calculate in _OF_ONE.items():
    _numeric(_symbol, _calculate)
