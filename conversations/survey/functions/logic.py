"""OpenRosa's functions that decide: if, not, once, checklists.

The list and the meanings of all functions are those of
https://getodk.github.io/xforms-spec/#xpath-functions; where JavaRosa and Enketo differ,
JavaRosa's way is taken.
"""

from __future__ import annotations

from typing import Any

from elementpath.xpath_nodes import XPathNode

from conversations.survey.context import Context, value_of
from conversations.survey.functions.arguments import numbers
from conversations.survey.grammar import register
from conversations.survey.values import node_text, to_boolean, to_number, to_string


def _if(context: Context, condition: Any, then: Any, otherwise: Any) -> Any:
    chosen = then if to_boolean(value_of(condition, context)) else otherwise
    return value_of(chosen, context)


def _boolean_from_string(context: Context, value: Any) -> bool:
    if isinstance(value, float):
        return value > 0 and value == int(value)
    return to_string(value) in ("1", "true")


def _checklist(context: Context, least: Any, most: Any, *values: Any) -> bool:
    flags = [
        to_boolean(item if not isinstance(item, XPathNode) else node_text(item).strip())
        for value in values
        for item in (value if isinstance(value, list) else (value,))
    ]
    return _within(context, sum(flags), least, most)


def _weighted_checklist(context: Context, least: Any, most: Any, *pairs: Any) -> bool:
    total = 0.0
    for value, weight in zip(pairs[::2], pairs[1::2], strict=True):
        values = value if isinstance(value, list) else [value]
        weights = numbers(context, [weight])
        for item, number in zip(values, weights, strict=False):
            text = node_text(item).strip() if isinstance(item, XPathNode) else item
            total += number if to_boolean(text) else 0.0
    return _within(context, total, least, most)


def _within(context: Context, total: float, least: Any, most: Any) -> bool:
    low, high = to_number(least, context.env.zone), to_number(most, context.env.zone)
    return (low < 0 or total >= low) and (high < 0 or total <= high)


def _once(context: Context, value: Any) -> Any:
    current = node_text(context.current)
    return current or value


register("if", 3, 3, _if, lazy=True)
register("true", 0, 0, lambda context: True)
register("false", 0, 0, lambda context: False)
register("not", 1, 1, lambda context, value: not to_boolean(value))
register("boolean", 1, 1, lambda context, value: to_boolean(value))
register("boolean-from-string", 1, 1, _boolean_from_string)
register("coalesce", 2, 2, lambda context, one, other: to_string(one) or to_string(other))
register("checklist", 3, None, _checklist)
register("weighted-checklist", 4, None, _weighted_checklist)
register("once", 1, 1, _once)
register("depend", 1, None, lambda context, value, *others: value)
