"""In which order a form's expressions are applied, and what makes each apply again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from conversations.survey.form import Form, Node, Rule
from conversations.survey.references import EVERYTHING, STRUCTURE, references
from conversations.survey.values import ExpressionError
from conversations.survey.xpath import Expression

Key = tuple[str, str]
"""A rule by its node's path and its aspect."""


def link(form: Form) -> None:
    """Give `form` its rules in the order of their dependencies, and their triggers.

    Rules in a circle keep the form's order: `conversations.survey.checks` refuses such forms.
    """
    expressions = _expressions(form)
    looks = _looks(form, expressions)
    order = _sorted(expressions, looks)
    rules = {
        key: Rule(rank, form.nodes[key[0]], key[1], expressions[key])
        for rank, key in enumerate(order)
    }
    form.rules = tuple(rules.values())
    form.triggers = {path: _ranked(rules, keys) for path, keys in looks.at_value.items()}
    form.structure_triggers = {
        path: _ranked(rules, keys) for path, keys in looks.at_structure.items()
    }
    form.filters = _filters(form)


def circles(form: Form) -> list[tuple[Key, ...]]:
    """The rules that depend on themselves, as one circle of keys; none in a sound form."""
    expressions = _expressions(form)
    try:
        tuple(TopologicalSorter(_graph(expressions, _looks(form, expressions))).static_order())
    except CycleError as error:
        return [tuple(error.args[1])]
    return []


def changed_by(node: Node) -> list[str]:
    """The paths that come and go with a group or a repeat, itself first."""
    paths, waiting = [], [node]
    while waiting:
        current = waiting.pop()
        paths.append(current.path)
        waiting.extend(current.children)
    return paths


@dataclass(frozen=True, slots=True)
class _Looks:
    """For each path, the rules that look at its value, and at how often it is there."""

    at_value: dict[str, list[Key]]
    at_structure: dict[str, list[Key]]


def _expressions(form: Form) -> dict[Key, Expression]:
    found: dict[Key, Expression] = {}
    for node in form.nodes.values():
        for aspect in ("relevant", "calculate", "count"):
            expression = getattr(node, aspect)
            if expression is not None:
                found[node.path, aspect] = expression
    return found


def _looks(form: Form, expressions: dict[Key, Expression]) -> _Looks:
    looking: dict[str, list[Key]] = defaultdict(list)
    for key, expression in expressions.items():
        for path in _references(expression, key[0], form.root_name):
            looking[path].append(key)
    at_value: dict[str, list[Key]] = {}
    for path, node in form.nodes.items():
        keys = [*looking.get(path, ()), *looking.get(EVERYTHING, ())]
        for group in node.ancestors():
            keys += looking.get(group.path, ())
        if keys:
            at_value[path] = list(dict.fromkeys(keys))
    at_structure = {
        path.removesuffix(STRUCTURE): keys
        for path, keys in looking.items()
        if path.endswith(STRUCTURE)
    }
    return _Looks(at_value, at_structure)


def _references(expression: Expression, path: str, root_name: str) -> frozenset[str]:
    """What an expression looks at; nothing if it can't be parsed, which `Form.parse_all` says."""
    try:
        return references(expression, path, root_name)
    except ExpressionError:
        return frozenset()


def _graph(expressions: dict[Key, Expression], looks: _Looks) -> dict[Key, list[Key]]:
    """For each rule, the rules that must be applied before it."""
    before: dict[Key, list[Key]] = {key: [] for key in expressions}
    for path, keys in looks.at_value.items():
        changers = _presence_rules(path, expressions)
        if (path, "calculate") in expressions:
            changers.append((path, "calculate"))
        for key in keys:
            before[key] += changers
    for path, keys in looks.at_structure.items():
        for key in keys:
            before[key] += [rule for rule in _presence_rules(path, expressions) if rule != key]
    return before


def _presence_rules(path: str, expressions: dict[Key, Expression]) -> list[Key]:
    """The rules that make a path there or not: relevance and counts, its own and around it."""
    names = path.split("/")
    around = ["/".join(names[:depth]) for depth in range(1, len(names) + 1)]
    keys = [(place, aspect) for place in around for aspect in ("relevant", "count")]
    return [key for key in keys if key in expressions]


def _sorted(expressions: dict[Key, Expression], looks: _Looks) -> list[Key]:
    try:
        return list(TopologicalSorter(_graph(expressions, looks)).static_order())
    except CycleError:
        return list(expressions)


def _ranked(rules: dict[Key, Rule], keys: list[Key]) -> tuple[Rule, ...]:
    return tuple(sorted((rules[key] for key in keys), key=lambda rule: rule.rank))


def _filters(form: Form) -> dict[str, tuple[Node, ...]]:
    found: dict[str, list[Node]] = defaultdict(list)
    for node in form.questions:
        if node.choices is not None and node.choices.nodeset is not None:
            for path in _references(node.choices.nodeset, node.path, form.root_name):
                found[path.removesuffix(STRUCTURE)].append(node)
    return {path: tuple(nodes) for path, nodes in found.items()}
