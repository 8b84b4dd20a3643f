"""OpenRosa's functions on strings, numbers, node-sets and choices.

The list and the meanings are those of https://getodk.github.io/xforms-spec/#xpath-functions;
where JavaRosa and Enketo differ, JavaRosa's way is taken.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from elementpath.xpath_nodes import AttributeNode, XPathNode

from conversations.survey import shuffling
from conversations.survey.values import (
    ExpressionError,
    node_text,
    number_text,
    to_boolean,
    to_number,
    to_string,
)
from conversations.survey.xpath import Context, nodes_of, register, value_of

MAX_SUBJECT = 2000
"""Characters of an answer that regex() looks at, so that a careless pattern stays cheap."""


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from map(node_text, value)
        else:
            yield to_string(value)


def _numbers(context: Context, values: Iterable[Any]) -> list[float]:
    zone = context.env.zone
    return [
        to_number(item, zone)
        for value in values
        for item in (map(node_text, value) if isinstance(value, list) else (value,))
    ]


def _integer(context: Context, value: Any) -> int:
    number = to_number(value, context.env.zone)
    if math.isnan(number) or math.isinf(number):
        raise ExpressionError(f"a whole number was needed, not {to_string(value)!r}")
    return int(number)


# -- logic -----------------------------------------------------------------------------------


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
        weights = _numbers(context, [weight])
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


# -- strings ---------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _pattern(source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        raise ExpressionError(f"not a regular expression: {source!r} ({error})") from None


def _regex(context: Context, text: Any, pattern: Any) -> bool:
    subject = to_string(text)
    compiled = _pattern(to_string(pattern))
    return len(subject) <= MAX_SUBJECT and compiled.fullmatch(subject) is not None


def _subject(context: Context, values: tuple[Any, ...]) -> str:
    return to_string(values[0]) if values else node_text(context.item)  # type: ignore[arg-type]


def _substring(context: Context, text: Any, start: Any, length: Any = math.inf) -> str:
    begin = _half_up(to_number(start, context.env.zone))
    end = begin + _half_up(to_number(length, context.env.zone))
    return "".join(
        character for place, character in enumerate(to_string(text), 1) if begin <= place < end
    )


def _half_up(number: float) -> float:
    return number if math.isnan(number) or math.isinf(number) else math.floor(number + 0.5)


def _substr(context: Context, text: Any, start: Any, end: Any = None) -> str:
    stop = None if end is None else _integer(context, end)
    return to_string(text)[_integer(context, start) : stop]


def _before(context: Context, text: Any, mark: Any) -> str:
    head, found, _ = to_string(text).partition(to_string(mark)) if to_string(mark) else ("", "", "")
    return head if found else ""


def _after(context: Context, text: Any, mark: Any) -> str:
    if not to_string(mark):
        return to_string(text)
    return to_string(text).partition(to_string(mark))[2]


def _translate(context: Context, text: Any, old: Any, new: Any) -> str:
    olds, news = to_string(old), to_string(new)
    table: dict[int, str | None] = {}
    for place, character in enumerate(olds):
        table.setdefault(ord(character), news[place] if place < len(news) else None)
    return to_string(text).translate(table)


def _digest(context: Context, text: Any, algorithm: Any, encoding: Any = "base64") -> str:
    name = to_string(algorithm).lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512"):
        raise ExpressionError("digest() knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512")
    digest = hashlib.new(name, to_string(text).encode(), usedforsecurity=False).digest()
    return digest.hex() if to_string(encoding) == "hex" else base64.b64encode(digest).decode()


def _base64_decode(context: Context, text: Any) -> str:
    try:
        return base64.b64decode(to_string(text), validate=False).decode("utf-8", "replace")
    except ValueError:
        return ""


def _normalize_space(context: Context, *values: Any) -> str:
    return re.sub(r"[ \t\r\n]+", " ", _subject(context, values)).strip(" ")


register("string", 0, 1, lambda context, *values: _subject(context, values))
register("concat", 0, None, lambda context, *values: "".join(_texts(values)))
register("join", 1, None, lambda context, mark, *values: to_string(mark).join(_texts(values)))
register("string-length", 0, 1, lambda context, *values: float(len(_subject(context, values))))
register("normalize-space", 0, 1, _normalize_space)
register("contains", 2, 2, lambda context, text, part: to_string(part) in to_string(text))
register(
    "starts-with", 2, 2, lambda context, text, part: to_string(text).startswith(to_string(part))
)
register("ends-with", 2, 2, lambda context, text, part: to_string(text).endswith(to_string(part)))
register("substring", 2, 3, _substring)
register("substr", 2, 3, _substr)
register("substring-before", 2, 2, _before)
register("substring-after", 2, 2, _after)
register("translate", 3, 3, _translate)
register("regex", 2, 2, _regex)
register("digest", 2, 3, _digest)
register("base64-decode", 1, 1, _base64_decode)
register("uuid", 0, 1, lambda context, *length: _uuid(context, *length))


def _uuid(context: Context, length: Any = None) -> str:
    if length is None:
        digits = f"{context.env.random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    count = max(0, min(_integer(context, length), 256))
    return "".join(context.env.random.choice(alphabet) for _ in range(count))


# -- numbers ---------------------------------------------------------------------------------


def _round(context: Context, value: Any, digits: Any = 0.0) -> float:
    number = to_number(value, context.env.zone)
    if math.isnan(number) or math.isinf(number):
        return number
    scale = 10.0 ** _integer(context, digits)
    return math.copysign(math.floor(abs(number) * scale + 0.5) / scale, number)


def _int(context: Context, value: Any) -> float:
    number = to_number(value, context.env.zone)
    return number if math.isnan(number) or math.isinf(number) else float(math.trunc(number))


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def call(context: Context, *values: Any) -> float:
        numbers = _numbers(context, values)
        if not numbers or any(math.isnan(number) for number in numbers):
            return math.nan
        return choose(numbers)

    return call


def _sum(context: Context, value: Any) -> float:
    return math.fsum(_numbers(context, [nodes_of(value, "sum")]))


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
for _name, _calculate in {
    "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "exp10": lambda number: 10.0**number,
    "log": _log, "log10": _log10, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "floor": lambda number: _whole(number, math.floor),
    "ceiling": lambda number: _whole(number, math.ceil),
}.items():  # fmt: skip
    _numeric(_name, _calculate)


# -- node-sets -------------------------------------------------------------------------------


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


# -- choices and tables ----------------------------------------------------------------------


def _selected(context: Context, value: Any, choice: Any) -> bool:
    return to_string(choice).strip() in to_string(value).split()


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
register("version", 0, 0, lambda context: "")


def format_number(value: Any) -> str:
    """A calculated value as text in a question: whole numbers without a fraction."""
    return number_text(value) if isinstance(value, float) else to_string(value)
