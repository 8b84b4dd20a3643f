"""Which questions an expression looks at: read off its tokens, without evaluating it."""

from __future__ import annotations

from elementpath.xpath_tokens import XPathAxis, XPathFunction, XPathToken

from conversations.survey.xpath import Expression

EVERYTHING = ""
"""The path that stands for the whole form: the expression may look anywhere."""
STRUCTURE = "#"
"""Ends a path of which only the number of its places matters, as in count() and position()."""


def references(expression: Expression, path: str, root_name: str) -> frozenset[str]:
    """The paths an expression at `path` depends on.

    Paths leave the root out; a group's or repeat's path stands for all that lies in it, and
    one that ends in `#` for how often it is there. A look from one repeat at the same
    question in another is no dependency on oneself.
    """
    reader = _Reader(path, root_name)
    reader.look(expression.token, [path])
    return frozenset(reader.found)


class _Reader:
    def __init__(self, owner: str, root_name: str) -> None:
        self.owner = owner
        self.root_name = root_name
        self.found: set[str] = set()

    def look(self, token: XPathToken, base: list[str]) -> None:
        """Note what the value of `token` depends on, at each place in `base`."""
        if _is_location(token):
            self.found.update(self._elsewhere(token, self.locate(token, base)))
        elif token.symbol in ("position", "count") and len(token) and _is_location(token[0]):
            self.found.update(path + STRUCTURE for path in self.locate(token[0], base))
        elif token.symbol == "indexed-repeat":
            self._look_indexed(token, base)
        else:
            for child in token:
                self.look(child, base)

    def _elsewhere(self, token: XPathToken, paths: list[str]) -> list[str]:
        """Without the owner itself, if the path chooses another repeat by a predicate."""
        chooses = any(part.symbol == "[" for part in token.iter("["))
        return [path for path in paths if not (chooses and path == self.owner)]

    def _look_indexed(self, token: XPathToken, base: list[str]) -> None:
        self.found.update(path for path in self.locate(token[0], base) if path != self.owner)
        for place, child in enumerate(list(token)[1:]):
            if place % 2:
                self.look(child, base)
            else:
                self.found.update(path + STRUCTURE for path in self.locate(child, base))

    def locate(self, token: XPathToken, base: list[str]) -> list[str]:
        """The paths a location leads to from `base`; predicates are noted on the way."""
        symbol = token.symbol
        if symbol == "(name)":
            return [_join(path, str(token.value)) for path in base]
        if symbol == ":":
            return [_join(path, str(token[1].value)) for path in base]
        if symbol == ".":
            return base
        if symbol == "..":
            return [path.rpartition("/")[0] for path in base]
        if symbol == "*" or getattr(token, "label", "") == "kind test":
            return base
        if symbol == "/":
            return self._step(token, base)
        if symbol == "[":
            places = self.locate(token[0], base)
            self.look(token[1], places)
            return places
        if symbol in ("(", "|"):
            return [path for child in token for path in self.locate(child, base)]
        if symbol == "current":
            return [self.owner]
        if isinstance(token, XPathFunction):
            for child in token:
                self.look(child, base)
            return [] if symbol in ("instance", "pulldata") else base
        if isinstance(token, XPathAxis) and symbol in ("child", "self"):
            return self.locate(token[0], base) if symbol == "child" else base
        if isinstance(token, XPathAxis) and symbol == "parent":
            return [path.rpartition("/")[0] for path in base]
        return [EVERYTHING] if base else []

    def _step(self, token: XPathToken, base: list[str]) -> list[str]:
        if len(token) == 2:
            return self.locate(token[1], self.locate(token[0], base))
        if not len(token):
            return [EVERYTHING]
        heads = [path.partition("/") for path in self.locate(token[0], [EVERYTHING])]
        return [tail for head, _, tail in heads if head in (self.root_name, EVERYTHING)]


def _is_location(token: XPathToken) -> bool:
    if token.symbol in ("(name)", ":", ".", "..", "/", "//", "[", "|", "current"):
        return True
    if token.symbol == "*":
        return len(token) != 2
    return isinstance(token, XPathAxis) or token.label == "kind test"


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
