"""OpenRosa's functions on node-sets: counting, positions, repeats, order."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from elementpath.namespaces import XML_ID, XML_LANG
from elementpath.xpath_nodes import AttributeNode, ElementNode, XPathNode

from conversations.survey.context import Context, nodes_of, value_of
from conversations.survey.functions import shuffling
from conversations.survey.functions.arguments import texts
from conversations.survey.grammar import register
from conversations.survey.values import ExpressionError, node_text, to_number, to_string


def _position(context: Context, *values: Any) -> float:
    if not values:
        return float(context.position)
    nodes = nodes_of(values[0], "position")
    if not nodes:
        raise ExpressionError("position() of a question that is not there")
    node = nodes[0]
    siblings = node.parent.children if node.parent is not None else [node]
    same = [sibling for sibling in siblings if sibling.name == node.name]
    return float(next(place for place, sibling in enumerate(same, 1) if sibling is node))


def _indexed_repeat(context: Context, target: Any, *pairs: Any) -> list[XPathNode]:
    nodes = nodes_of(target, "indexed-repeat")
    for repeat, index in zip(pairs[::2], pairs[1::2], strict=True):
        instances = nodes_of(repeat, "indexed-repeat")
        place = to_number(index, context.env.zone)
        chosen = [node for node in instances if _position(context, [node]) == place]
        nodes = [node for node in nodes if _lies_in(node, chosen)]
    return nodes


def _indexed_repeat_call(context: Context, *tokens: Any) -> list[XPathNode]:
    """The paths here mean all repeats, not the one the expression stands in."""
    from_root = context.at(context.current)
    from_root.current = context.root  # type: ignore[assignment]
    values: list[Any] = []
    for place, token in enumerate(tokens):
        if place < 2 or place % 2:
            values.append(_all_nodes(token, context, from_root))
        else:
            values.append(value_of(token, context))
    return _indexed_repeat(context, *values)


def _all_nodes(token: Any, context: Context, from_root: Context) -> Any:
    found = value_of(token, context if token.symbol != "/" else from_root)
    if isinstance(found, list) and found and context.env.absolute("/", context.current) is not None:
        path = "/" + "/".join(_names(found[0]))
        everywhere = context.env.absolute(path, from_root.current)
        return everywhere or found
    return found


def _names(node: Any) -> list[str]:
    names: list[str] = []
    while node is not None and node.name is not None:
        names.append(node.name)
        node = node.parent
    return names[::-1]


def _lies_in(node: Any, ancestors: list[XPathNode]) -> bool:
    while node is not None:
        if any(node is ancestor for ancestor in ancestors):
            return True
        node = node.parent
    return False


def _randomize(context: Context, value: Any, seed: Any = None) -> list[XPathNode]:
    nodes = nodes_of(value, "randomize")
    if seed is None:
        return shuffling.shuffle(nodes, context.env.random.random)
    return shuffling.shuffle(nodes, shuffling.park_miller(_seed(context, seed)))


def _seed(context: Context, seed: Any) -> int:
    number = to_number(seed, context.env.zone)
    if math.isnan(number):
        text = to_string(seed).encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:8], "big", signed=True)
    return int(number)


def _node(context: Context, values: tuple[Any, ...], function: str) -> XPathNode | None:
    if not values:
        return context.item  # type: ignore[return-value]
    nodes = nodes_of(values[0], function)
    return nodes[0] if nodes else None


def _name(context: Context, *values: Any) -> str:
    node = _node(context, values, "name")
    name = getattr(node, "name", None) or ""
    if not name.startswith("{"):
        return name
    uri, local = name[1:].split("}")
    prefix = next((key for key, known in _prefixes(context, node).items() if known == uri), "")
    return f"{prefix}:{local}" if prefix else local


def _prefixes(context: Context, node: Any) -> dict[str, str]:
    return dict(getattr(getattr(node, "tree", None), "namespaces", None) or context.namespaces)


def _local_name(context: Context, *values: Any) -> str:
    name = getattr(_node(context, values, "local-name"), "name", None) or ""
    return name.rpartition("}")[2]


def _namespace_uri(context: Context, *values: Any) -> str:
    node = _node(context, values, "namespace-uri")
    name = getattr(node, "name", None) or ""
    if isinstance(node, AttributeNode) and not name.startswith("{"):
        return ""
    return name[1:].split("}")[0] if name.startswith("{") else ""


def _last(context: Context) -> float:
    return float(context.size or 1)


def _count_non_empty(context: Context, value: Any) -> float:
    return float(sum(1 for node in nodes_of(value, "count-non-empty") if node_text(node)))


def _id(context: Context, value: Any) -> list[XPathNode]:
    wanted = set(" ".join(texts([value])).split())
    top: Any = context.document or context.root
    return [
        node
        for node in top.iter_descendants()
        if isinstance(node, ElementNode)
        and wanted & {_attribute(node, "id"), _attribute(node, XML_ID)}
    ]


def _attribute(node: ElementNode, name: str) -> str:
    element: Any = node.value
    return element.get(name) or ""


def _lang(context: Context, language: Any) -> bool:
    wanted = to_string(language).lower()
    node: Any = context.item
    while isinstance(node, XPathNode):
        spoken = _attribute(node, XML_LANG).lower() if isinstance(node, ElementNode) else ""
        if spoken:
            return spoken == wanted or spoken.startswith(f"{wanted}-")
        node = node.parent
    return False


register("id", 1, 1, _id)
register("lang", 1, 1, _lang)
register("count", 1, 1, lambda context, value: float(len(nodes_of(value, "count"))))
register("count-non-empty", 1, 1, _count_non_empty)
register("position", 0, 1, _position)
register("last", 0, 0, _last)
register("indexed-repeat", 3, 7, _indexed_repeat_call, lazy=True)
register("randomize", 1, 2, _randomize)
register("current", 0, 0, lambda context: [context.current])
register("name", 0, 1, _name)
register("local-name", 0, 1, _local_name)
register("namespace-uri", 0, 1, _namespace_uri)
