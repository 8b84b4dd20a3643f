"""OpenRosa's functions on choices, lists and external tables."""

from __future__ import annotations

import math
from typing import Any

from elementpath.xpath_nodes import XPathNode

from conversations.survey.context import Context
from conversations.survey.grammar import register
from conversations.survey.values import ExpressionError, node_text, to_number, to_string


def _selected(context: Context, value: Any, choice: Any) -> bool:
    wanted, chosen = to_string(choice).strip(), to_string(value).split()
    return wanted in chosen if wanted else not chosen


def _selected_at(context: Context, value: Any, index: Any) -> str:
    chosen = to_string(value).split()
    place = to_number(index, context.env.zone)
    return chosen[int(place)] if not math.isnan(place) and 0 <= place < len(chosen) else ""


def _instance(context: Context, name: Any) -> list[XPathNode]:
    found = context.env.instance(to_string(name))
    if found is None:
        raise ExpressionError(f"there is no list or table named {to_string(name)!r}")
    return [found]


def _pulldata(context: Context, name: Any, column: Any, key: Any, value: Any) -> str:
    """A cell of an external table: `column` of the row whose `key` is `value`."""
    wanted, key_name, column_name = to_string(value), to_string(key), to_string(column)
    table = _instance(context, name)[0]
    for root in table.children or ():
        for row in getattr(root, "children", None) or ():
            cells = {child.name: node_text(child) for child in getattr(row, "children", ()) or ()}
            if cells.get(key_name) == wanted:
                return cells.get(column_name, "")
    return ""


def _choice_name(context: Context, value: Any, path: Any) -> str:
    return context.env.choice_name(to_string(value), to_string(path).strip())


register("selected", 2, 2, _selected)
register("selected-at", 2, 2, _selected_at)
register("count-selected", 1, 1, lambda context, value: float(len(to_string(value).split())))
register("instance", 1, 1, _instance)
register("pulldata", 4, 4, _pulldata)
register("jr-choice-name", 2, 2, _choice_name)
register("jr-itext", 1, 1, lambda context, key: context.env.itext(to_string(key)))
register("version", 0, 0, lambda context: "")
