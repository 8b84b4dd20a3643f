"""XPath 1.0 with OpenRosa's functions, on elementpath's parser, paths and axes.

elementpath brings the grammar, the tree and the location paths; the operators and functions
are ours, since OpenRosa's values (dates, numbers in strings) are not those of the W3C.
Token classes are subclassed, never changed in place: XPath1Parser shares them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from copy import copy
from datetime import datetime, tzinfo
from functools import lru_cache
from random import Random
from typing import Any, Protocol

from elementpath.exceptions import ElementPathError
from elementpath.tdop import Parser
from elementpath.xpath1 import XPath1Parser
from elementpath.xpath_context import XPathContext
from elementpath.xpath_nodes import ElementNode, XPathNode
from elementpath.xpath_tokens import XPathAxis, XPathFunction, XPathToken

from conversations.survey.values import (
    ExpressionError,
    Moment,
    Value,
    compare,
    to_boolean,
    to_number,
)

NAMESPACES = {
    "jr": "http://openrosa.org/javarosa",
    "orx": "http://openrosa.org/xforms",
    "odk": "http://www.opendatakit.org/xforms",
    "h": "http://www.w3.org/1999/xhtml",
    "entities": "http://www.opendatakit.org/xforms/entities",
}
_JR = re.compile(r"""("[^"]*"|'[^']*')|\bjr:(?=[\w-]+\s*\()""")


class Environment(Protocol):
    """What an expression may see besides the node it stands at."""

    now: datetime
    zone: tzinfo
    locale: str
    random: Random

    def instance(self, name: str) -> XPathNode | None:
        """The secondary instance `name`, whose child is its root element."""
        ...

    def absolute(self, path: str, current: XPathNode) -> list[XPathNode] | None:
        """The nodes of a plain absolute path, or None to let the path be walked."""
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
    nodes = list(token.select(copy(context)))
    if len(nodes) > 1 and all(isinstance(node, XPathNode) for node in nodes):
        nodes.sort(key=lambda node: node.position)
    elif nodes and not isinstance(nodes[0], XPathNode):
        return nodes[0]
    return nodes


class OpenRosaParser(XPath1Parser):
    """The parser: make a new one for each expression, since parsing changes it."""

    symbol_table = dict(XPath1Parser.symbol_table)
    DEFAULT_NAMESPACES = {**XPath1Parser.DEFAULT_NAMESPACES, **NAMESPACES}  # noqa: RUF012
    PATH_STEP_LABELS = ("axis", "kind test", "function")
    literals_pattern = re.compile(r"""'[^']*'|"[^"]*"|(?:\d+|\.\d+)(?:\.\d*)?(?:[Ee][+-]?\d+)?""")

    def parse(self, source: str) -> XPathToken:
        """The token tree of `source`, without elementpath's static evaluation."""
        if self.tokenizer is None:
            type(self).tokenizer = self.create_tokenizer(self.symbol_table)
        return Parser.parse(self, source)

    @staticmethod
    def unescape(string_literal: str) -> str:
        return string_literal[1:-1]


_table = OpenRosaParser.symbol_table


def _replace(symbol: str, **members: Any) -> None:
    base = _table[symbol]
    _table[symbol] = type(base.__name__, (base,), {"__module__": __name__, **members})


def _literal(symbol: str, convert: Callable[[Any], Any]) -> None:
    def evaluate(self: XPathToken, context: Any = None) -> Any:
        return convert(self.value)

    _replace(symbol, evaluate=evaluate, is_scalar=True)


for _symbol in ("(integer)", "(decimal)", "(float)"):
    _literal(_symbol, float)
_literal("(string)", str)


def _operator(symbol: str, evaluate: Callable[[XPathToken, Context], Any], **members: Any) -> None:
    _replace(symbol, evaluate=evaluate, is_scalar=True, **members)


def _or(self: XPathToken, context: Context) -> bool:
    return to_boolean(value_of(self[0], context)) or to_boolean(value_of(self[1], context))


def _and(self: XPathToken, context: Context) -> bool:
    return to_boolean(value_of(self[0], context)) and to_boolean(value_of(self[1], context))


_operator("or", _or)
_operator("and", _and)


def _comparison(symbol: str, power: int) -> None:
    def led(self: XPathToken, left: XPathToken) -> XPathToken:
        self[:] = left, self.parser.expression(rbp=power)
        return self

    def evaluate(self: XPathToken, context: Context) -> bool:
        left, right = value_of(self[0], context), value_of(self[1], context)
        return compare(symbol, left, right, context.env.zone)

    _operator(symbol, evaluate, led=led, lbp=power, rbp=power)


for _symbol in ("=", "!="):
    _comparison(_symbol, 30)
for _symbol in ("<", "<=", ">", ">="):
    _comparison(_symbol, 35)


def _arithmetic(symbol: str, calculate: Callable[[float, float], float]) -> None:
    def evaluate(self: XPathToken, context: Context) -> float:
        zone = context.env.zone
        if len(self) == 1:
            number = to_number(value_of(self[0], context), zone)
            return -number if symbol == "-" else number
        left = to_number(value_of(self[0], context), zone)
        return calculate(left, to_number(value_of(self[1], context), zone))

    _operator(symbol, evaluate)


def divide(dividend: float, divisor: float) -> float:
    """IEEE 754 division: infinite or NaN instead of an error."""
    if divisor:
        return dividend / divisor
    if not dividend or math.isnan(dividend) or math.isnan(divisor):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1, divisor)


def remainder(dividend: float, divisor: float) -> float:
    """The remainder of a truncating division, with the sign of the dividend."""
    if math.isinf(dividend) or divisor == 0:
        return math.nan
    return math.fmod(dividend, divisor)


_arithmetic("+", lambda left, right: left + right)
_arithmetic("-", lambda left, right: left - right)
_arithmetic("div", divide)
_arithmetic("mod", remainder)


def _multiply() -> None:
    asterisk = _table["*"]

    def led(self: XPathToken, left: XPathToken) -> XPathToken:
        token = asterisk.led(self, left)
        self.is_scalar = True
        return token

    def evaluate(self: XPathToken, context: Context) -> Any:
        if len(self) != 2:
            return list(self.select(context))
        left, right = value_of(self[0], context), value_of(self[1], context)
        zone = context.env.zone
        return to_number(left, zone) * to_number(right, zone)

    def select(self: XPathToken, context: Context) -> Iterator[Any]:
        if len(self) == 2:
            yield self.evaluate(context)
        else:
            yield from asterisk.select(self, context)

    _replace("*", led=led, evaluate=evaluate, select=select)


_multiply()


def _path_led(self: XPathToken, left: XPathToken) -> XPathToken:
    """A step after any node-set, a parenthesis or a function too (XPath 1.0, FilterExpr)."""
    if getattr(left, "is_scalar", False) and not isinstance(left, XPathFunction):
        raise self.wrong_syntax()
    if self.parser.next_token.label not in self.parser.PATH_STEP_LABELS:
        self.parser.expected_next(*self.parser.PATH_STEP_SYMBOLS)
    self[:] = left, self.parser.expression(75)
    return self


_child_path = _table["/"]


def _select_child_path(self: XPathToken, context: Context) -> Iterator[Any]:
    plain = self.__dict__.get("plain")
    if plain is not None:
        found = context.env.absolute(plain, context.current)
        if found is not None:
            yield from found
            return
    yield from _child_path.select(self, context)


_replace("/", led=_path_led, select=_select_child_path)
_replace("//", led=_path_led)


def _select_predicate(self: XPathToken, context: Context) -> Iterator[Any]:
    """Filter by a predicate; what does not depend on the node is evaluated once."""
    left: XPathToken = self[0]
    while left.symbol == "[":
        left = left[0]
    reverse = isinstance(left, XPathAxis) and left.reverse_axis
    outer, context.memo = context.memo, {}
    try:
        for _ in self[0].select_with_focus(context, reverse):
            value = value_of(self[1], context)
            if isinstance(value, float):
                keep = context.position == value
            else:
                keep = to_boolean(value)
            if keep:
                yield context.item
    finally:
        context.memo = outer


_replace("[", select=_select_predicate)


def register(
    name: str, least: int, most: int | None, call: Callable[..., Any], *, lazy: bool = False
) -> None:
    """Make `call(context, *values)` the function `name`; a lazy one gets unevaluated tokens."""

    def evaluate(self: XPathToken, context: Context) -> Any:
        if lazy:
            return call(context, *self)
        return call(context, *[value_of(token, context) for token in self])

    members = {
        "__module__": __name__,
        "symbol": name,
        "lookup_name": name,
        "label": "function",
        "lbp": 90,
        "rbp": 90,
        "nargs": (least, most) if least != most else least,
        "evaluate": evaluate,
        "is_scalar": True,
    }
    _table[name] = type(f"_{name}Function", (XPathFunction,), members)


def known_functions() -> dict[str, tuple[int, int | None]]:
    """Every function an expression may call, with the least and most arguments it takes."""
    found = {}
    for name, token in _table.items():
        if issubclass(token, XPathFunction) and token.label == "function":
            nargs = token.nargs
            least, most = nargs if isinstance(nargs, tuple) else (nargs or 0, nargs)
            found[name.replace("jr-", "jr:")] = (least, most)
    return found


class Expression:
    """A parsed expression, kept with the form and evaluated as often as need be."""

    __slots__ = ("source", "token")

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            self.token = OpenRosaParser().parse(
                _JR.sub(lambda found: found.group(1) or "jr-", source)
            )
        except (ElementPathError, SyntaxError, ValueError, TypeError, RecursionError) as error:
            raise ExpressionError(str(error)) from error
        _mark(self.token)

    def evaluate(self, context: Context) -> Value:
        """The value where `context` stands; raises ExpressionError when there is none."""
        try:
            value: Value = value_of(self.token, context)
        except ExpressionError:
            raise
        except (ElementPathError, ArithmeticError, ValueError, TypeError) as error:
            raise ExpressionError(f"{self.source}: {error}") from error
        return value


@lru_cache(maxsize=8192)
def expression(source: str) -> Expression:
    """The parsed form of `source`, parsed once; raises ExpressionError on bad syntax."""
    return Expression(source)


_VARYING = frozenset(("position", "last", "random", "once", "uuid", ".", "..", "(name)", "*", ":"))


def _mark(token: XPathToken) -> bool:
    """Note plain absolute paths, and what has the same value for every node of a predicate."""
    if token.symbol == "/" and (path := _plain_path(token)):
        token.plain = path
        token.fixed = True
        return True
    fixed = [_mark(child) for child in token]
    if token.symbol in ("/", "//"):
        token.fixed = len(token) == 1 or (fixed[0] if fixed else True)
    elif token.symbol == "[":
        token.fixed = fixed[0]
    elif token.symbol == "current":
        token.fixed = True
    elif token.symbol in _VARYING and not (token.symbol == "*" and len(token) == 2):
        token.fixed = False
    elif isinstance(token, XPathAxis) or token.label == "kind test":
        token.fixed = False
    elif isinstance(token, XPathFunction) and not len(token):
        token.fixed = token.symbol in ("today", "now", "true", "false", "pi")
    else:
        token.fixed = all(fixed)
    return bool(token.fixed)


def _plain_path(token: XPathToken) -> str | None:
    """`/a/b/c` as a string, if the path is just that."""
    names: list[str] = []
    while token.symbol == "/":
        if not len(token) or token[-1].symbol != "(name)":
            return None
        names.append(str(token[-1].value))
        if len(token) == 1:
            return "/" + "/".join(reversed(names))
        token = token[0]
    return None


def nodes_of(value: Any, function: str) -> list[XPathNode]:
    """`value` if it is a node-set; raises ExpressionError naming `function` otherwise."""
    if isinstance(value, list):
        return value
    raise ExpressionError(f"{function}() needs a reference to questions, not a value")


def is_element(node: Any) -> bool:
    """Whether a node is an element."""
    return isinstance(node, ElementNode)


__all__ = [
    "Context",
    "Environment",
    "Expression",
    "Moment",
    "expression",
    "known_functions",
    "register",
    "value_of",
]
