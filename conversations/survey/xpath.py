"""Expressions of a form: parsed once, kept with it, evaluated as often as need be."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from elementpath.exceptions import ElementPathError
from elementpath.xpath_tokens import XPathAxis, XPathFunction, XPathToken

from conversations.survey.context import Context, value_of
from conversations.survey.grammar import OpenRosaParser
from conversations.survey.values import ExpressionError, Value

_STRINGS = re.compile(r"""("[^"]*"|'[^']*')""")
_JR = re.compile(r"\bjr:(?=[\w-]+\s*\()")
_GLUED = re.compile(r"(?<![\w.\-])(\d+(?:\.\d*)?|\.\d+)\s*(and|or|div|mod)(?=[\d\s(])")


class Expression:
    """An expression, parsed when first needed and then kept with the form."""

    __slots__ = ("_namespaces", "_token", "source")

    def __init__(self, source: str, namespaces: dict[str, str] | None = None) -> None:
        self.source = source
        self._namespaces = namespaces
        self._token: XPathToken | None = None

    @property
    def token(self) -> XPathToken:
        """The tree of its tokens; raises ExpressionError when it can't be parsed."""
        if self._token is None:
            try:
                token = OpenRosaParser(self._namespaces).parse(_spelled(self.source))
            except (ElementPathError, SyntaxError, ValueError, TypeError, RecursionError) as error:
                raise ExpressionError(str(error)) from error
            _mark(token)
            self._token = token
        return self._token

    def evaluate(self, context: Context) -> Value:
        """The value where `context` stands; raises ExpressionError when there is none."""
        try:
            value: Value = value_of(self.token, context)
        except ExpressionError:
            raise
        except (ElementPathError, ArithmeticError, ValueError, TypeError) as error:
            raise ExpressionError(f"{self.source}: {error}") from error
        return value


def _spelled(source: str) -> str:
    """The expression as elementpath can read it: `jr:` functions renamed, "1and 2" apart."""
    parts = _STRINGS.split(source)
    for place in range(0, len(parts), 2):
        parts[place] = _GLUED.sub(r"\1 \2 ", _JR.sub("jr-", parts[place]))
    return "".join(parts)


@lru_cache(maxsize=8192)
def expression(source: str) -> Expression:
    """The expression `source`, the same object each time, so that it is parsed once."""
    return Expression(source)


_VARYING = frozenset(("position", "last", "random", "once", "uuid", ".", "..", "(name)", "*", ":"))


def _mark(token: Any) -> bool:
    """Note plain absolute paths, and what has the same value for every node of a predicate."""
    if token.symbol == "/" and (path := _plain_path(token)):
        token.plain = path
        token.fixed = True
    else:
        token.fixed = _is_fixed(token, [_mark(child) for child in token])
    return bool(token.fixed)


def _is_fixed(token: Any, children: list[bool]) -> bool:
    """Whether a token has one value, wherever in a predicate it is evaluated."""
    if token.symbol in ("/", "//"):
        return len(children) < 2 or children[0]
    if token.symbol == "[":
        return children[0]
    if token.symbol == "*" and len(children) == 2:
        return all(children)
    if token.symbol in _VARYING or isinstance(token, XPathAxis) or token.label == "kind test":
        return False
    if isinstance(token, XPathFunction) and not children:
        return token.symbol in ("today", "now", "true", "false", "pi", "current")
    return all(children)


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
