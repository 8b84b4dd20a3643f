"""The choices of a question, with their words, as they stand at one place of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elementpath.xpath_nodes import XPathNode

from conversations.survey.form import ChoiceSource, Form, Node, Words
from conversations.survey.values import ExpressionError, node_text, number_text

if TYPE_CHECKING:
    from conversations.survey.recalculation import Recalculation


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that can be taken now; `index` is its number in the whole list, from 0."""

    index: int
    name: str
    label: str


def options(state: Recalculation, node: Node, ref: str) -> list[Option]:
    """The choices of the question at `ref`, filtered as its form says, in its order."""
    if ref not in state.options:
        state.options[ref] = _options(state, node, ref)
    return state.options[ref]


def _options(state: Recalculation, node: Node, ref: str) -> list[Option]:
    if node.kind == "range" and node.bounds is not None:
        return _steps(*node.bounds)
    source = node.choices
    if source is None:
        return []
    if source.nodeset is None:
        return [
            Option(index, choice.name, state.words(choice.label, ref) or choice.name)
            for index, choice in enumerate(source.fixed)
        ]
    try:
        found = state.evaluate(source.nodeset, ref)
    except ExpressionError as error:
        state.faults.append(f"{ref}: {error}")
        return []
    chosen: list[Option] = []
    for item in found if isinstance(found, list) else []:
        index, name, label = _entry(state, source, item)
        if name:
            if source.is_itext:
                label = state.words(state.form.itext.get(f"{label}#", {}), ref)
            chosen.append(Option(index, name, label or name))
    return chosen


def _entry(state: Recalculation, source: ChoiceSource, item: XPathNode) -> tuple[int, str, str]:
    """The number, name and label of an item; of a list that never changes, read only once."""
    known = state.form.entries
    key = (source.value, source.label)
    if (item, *key) not in known:
        siblings = item.parent.children if item.parent is not None else [item]
        read = {
            (sibling, *key): (place, _child(sibling, source.value), _child(sibling, source.label))
            for place, sibling in enumerate(siblings)
        }
        if item.root_node is state.tree.top:
            return read[item, *key]
        known.update(read)
    return known[item, *key]


def _child(item: XPathNode, name: str) -> str:
    node: XPathNode | None = item
    for step in name.removeprefix("./").split("/"):
        children = (node.children if node is not None else None) or ()
        node = next((child for child in children if child.name == step), None)
    return node_text(node).strip() if node is not None else ""


def _steps(start: float, end: float, step: float) -> list[Option]:
    count = min(1000, int((end - start) / step + 1e-9) + 1)
    numbers = [number_text(round(start + index * step, 9)) for index in range(count)]
    return [Option(index, number, number) for index, number in enumerate(numbers)]


def choice_label(form: Form, source: ChoiceSource, name: str) -> Words | None:
    """The words of the choice `name` in the whole, unfiltered list; None if it is not there."""
    for choice in source.fixed:
        if choice.name == name:
            return choice.label
    table = form.tables.get(source.table)
    if table is None:
        return None
    for root in table.children or ():
        for item in root.children or ():
            if _child(item, source.value) == name:
                label = _child(item, source.label)
                return form.itext.get(f"{label}#", {}) if source.is_itext else {"": (label,)}
    return None
