"""Where an expression stands, and what it sees from there."""

from __future__ import annotations

from copy import copy
from datetime import datetime, tzinfo
from random import Random
from typing import Any, Protocol

from elementpath.xpath_context import XPathContext
from elementpath.xpath_nodes import XPathNode
from elementpath.xpath_tokens import XPathToken

from conversations.survey.values import ExpressionError, Value


class Environment(Protocol):
    """What an expression may see besides the node it stands at."""

    now: datetime
    zone: tzinfo
    locale: str

    @property
    def random(self) -> Random:
        """Where chance comes from."""
        ...

    def instance(self, name: str) -> XPathNode | None:
        """The secondary instance `name`, whose child is its root element."""
        ...

    def absolute(self, path: str, current: XPathNode) -> list[XPathNode] | None:
        """The nodes of a plain absolute path, or None to let the path be walked."""
        ...

    def itext(self, key: str) -> str:
        """The text of the form with this key, in the language of the moment."""
        ...

    def choice_name(self, value: str, path: str) -> str:
        """The label, in the language of the moment, of a choice of the question at `path`."""
        ...


class Context(XPathContext):
    """elementpath's context, with the environment and the node `current()` stands for."""

    env: Environment
    current: XPathNode
    memo: dict[int, Value] | None = None

    def at(self, node: XPathNode) -> Context:
        """This context with `node` as where the expression stands."""
        moved = copy(self)
        moved.item = moved.current = node
        moved.position = moved.size = 1
        return moved


def value_of(token: XPathToken, context: Context) -> Any:
    """The value of a sub-expression; what it does to the context is undone."""
    if context.memo is not None and (known := context.memo.get(id(token))) is not None:
        return known
    if token.__dict__.get("fixed") and context.memo is not None:
        value = context.memo[id(token)] = _value_of(token, context)
        return value
    return _value_of(token, context)


def _value_of(token: XPathToken, context: Context) -> Any:
    if getattr(token, "is_scalar", False):
        return token.evaluate(context)
    nodes: list[Any] = list(token.select(copy(context)))
    if len(nodes) > 1 and all(isinstance(node, XPathNode) for node in nodes):
        nodes.sort(key=lambda node: node.position)
    elif nodes and not isinstance(nodes[0], XPathNode):
        return nodes[0]
    return nodes


def nodes_of(value: Any, function: str) -> list[XPathNode]:
    """`value` if it is a node-set; raises ExpressionError naming `function` otherwise."""
    if isinstance(value, list):
        return value
    raise ExpressionError(f"{function}() needs a reference to questions, not a value")
