"""XPath 1.0's grammar with OpenRosa's operators and functions, on elementpath's parser.

elementpath brings the grammar, the tree and the location paths; the operators and functions
are ours, since OpenRosa's values (dates, numbers in strings) are not those of the W3C.
Token classes are subclassed, never changed in place: XPath1Parser shares them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from elementpath.tdop import Parser
from elementpath.xpath1 import XPath1Parser
from elementpath.xpath_tokens import XPathAxis, XPathFunction, XPathToken

from conversations.survey.context import Context, value_of
from conversations.survey.values import ExpressionError, compare, to_boolean, to_number

NAMESPACES = {
    "jr": "http://openrosa.org/javarosa",
    "orx": "http://openrosa.org/xforms",
    "odk": "http://www.opendatakit.org/xforms",
    "h": "http://www.w3.org/1999/xhtml",
    "entities": "http://www.opendatakit.org/xforms/entities",
}


class OpenRosaParser(XPath1Parser):
    """The parser: make a new one for each expression, since parsing changes it."""

    symbol_table = dict(XPath1Parser.symbol_table)  # noqa: RUF012
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

    def led(self: Any, left: XPathToken) -> Any:
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
        test = _child_test(self[1], context)
        for _ in self[0].select_with_focus(context, reverse):
            value = value_of(self[1], context) if test is None else test(context.item)
            if context.position == value if isinstance(value, float) else to_boolean(value):
                yield context.item
    finally:
        context.memo = outer


def _child_test(predicate: XPathToken, context: Context) -> Callable[[Any], bool] | None:
    """A quick test for `child = what is the same for all`, as choice filters are, or None."""
    if predicate.symbol == "and":
        tests = [_child_test(part, context) for part in predicate]
        left, right = tests
        if left is None or right is None:
            return None
        return lambda node: left(node) and right(node)
    if predicate.symbol not in ("=", "!="):
        return None
    for name, other in ((predicate[0], predicate[1]), (predicate[1], predicate[0])):
        if name.symbol == "(name)" and other.__dict__.get("fixed"):
            return _compared(str(name.value), predicate.symbol, value_of(other, context), context)
    return None


def _compared(name: str, operator: str, value: Any, context: Context) -> Callable[[Any], bool]:
    zone = context.env.zone

    def test(node: Any) -> bool:
        children = [child for child in node.children or () if child.name == name]
        return compare(operator, children, value, zone)

    return test


_replace("[", select=_select_predicate)


class Function(XPathFunction):
    """A call of a function; a wrong number of arguments, or a name that is unknown, parses.

    `conversations.survey.checks` tells authors about them; evaluating such a call fails.
    """

    label = "function"
    lbp = 90
    rbp = 90
    nargs = (0, None)
    is_scalar = True
    least = 0
    most: int | None = None
    call: Callable[..., Any] | None = None
    is_lazy = False

    @property
    def fits(self) -> bool:
        """Whether the function is known and gets a number of arguments that it takes."""
        known = self.call is not None and self.least <= len(self)
        return known and (self.most is None or len(self) <= self.most)

    def evaluate(self, context: Any = None) -> Any:
        """The function's value; raises ExpressionError for a call that does not fit."""
        if not self.fits or self.call is None:
            name = public_name(str(self.symbol))
            raise ExpressionError(f"{name}() with {len(self)} arguments is no known function")
        if self.is_lazy:
            return self.call(context, *self)
        return self.call(context, *[value_of(token, context) for token in self])


def public_name(symbol: str) -> str:
    """A function's name as authors write it."""
    return symbol.replace("jr-", "jr:", 1) if symbol.startswith("jr-") else symbol


def register(
    name: str, least: int, most: int | None, call: Callable[..., Any], *, lazy: bool = False
) -> None:
    """Make `call(context, *values)` the function `name`; a lazy one gets unevaluated tokens."""
    members = {
        "__module__": __name__,
        "symbol": name,
        "lookup_name": name,
        "least": least,
        "most": most,
        "call": staticmethod(call),
        "is_lazy": lazy,
    }
    _table[name] = type(f"_{name}Function", (Function,), members)


def _name_nud(self: Any) -> Any:
    """A name before a parenthesis is a function that nobody knows."""
    if self.parser.next_token.symbol != "(" or self.namespace:
        return _name.nud(self)
    members = {"__module__": __name__, "symbol": self.value, "lookup_name": self.value}
    unknown = type("_UnknownFunction", (Function,), members)(self.parser)
    unknown.span = self.span
    return unknown.nud()


_name = _table["(name)"]
_replace("(name)", nud=_name_nud)
for _symbol in [
    name
    for name, token in _table.items()
    if issubclass(token, XPathFunction) and token.label == "function"
]:
    del _table[_symbol]


def known_functions() -> dict[str, tuple[int, int | None]]:
    """Every function an expression may call, with the least and most arguments it takes."""
    return {
        public_name(name): (token.least, token.most)
        for name, token in _table.items()
        if issubclass(token, Function)
    }
