"""A case with its tree: what expressions say there, and what follows from a change.

Only what depends on a change is evaluated again, each rule once, in the order of the
dependencies; what a case stores about relevance and calculations is otherwise trusted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import cached_property
from heapq import heappop, heappush
from random import Random

from elementpath.xpath_nodes import XPathNode

from conversations.survey.case import Case, lies_under, path_of
from conversations.survey.choices import Option, choice_label
from conversations.survey.context import Context
from conversations.survey.form import Action, Form, Node, Rule
from conversations.survey.rules import changed_by
from conversations.survey.tree import Tree
from conversations.survey.values import (
    ExpressionError,
    Moment,
    Value,
    to_boolean,
    to_number,
    to_string,
)
from conversations.survey.xpath import Expression

MAX_REPEATS = 100
"""Times a group may be repeated: more is a mistyped number, not a survey."""
_PLACE = re.compile(r"\[\d+\]$")


class Surroundings:
    """What expressions see besides the tree (`xpath.Environment`)."""

    def __init__(self, owner: Recalculation, now: datetime, zone: tzinfo, locale: str) -> None:
        self.owner = owner
        self.now = now
        self.zone = zone
        self.locale = locale
        self.seed = ""

    @property
    def random(self) -> Random:
        """Chance that is the same whenever the same place of the same case is evaluated."""
        if self._random is None:
            self._random = Random(f"{self.owner.case.id}/{self.seed}")  # noqa: S311
        return self._random

    def start(self, seed: str) -> None:
        """A new evaluation, at the place `seed`, begins."""
        self.seed, self._random = seed, None

    _random: Random | None = None

    def instance(self, name: str) -> XPathNode | None:
        return self.owner.form.tables.get(name)

    def absolute(self, path: str, current: XPathNode) -> list[XPathNode] | None:
        return self.owner.tree.nearest(path, current)

    def itext(self, key: str) -> str:
        return self.owner.words(self.owner.form.itext.get(f"{key}#", {}), "")

    def choice_name(self, value: str, path: str) -> str:
        name = path.strip().strip("/").rpartition("/")[2]
        for node in self.owner.form.questions:
            if node.name == name and node.choices is not None:
                words = choice_label(self.owner.form, node.choices, value)
                if words is not None:
                    return self.owner.words(words, "")
        return value


class Recalculation:
    """One case in one step."""

    def __init__(self, form: Form, case: Case, now: datetime, zone: tzinfo, locale: str) -> None:
        self.form = form
        self.case = case
        self.env = Surroundings(self, now, zone, locale)
        self.changed: set[str] = set()
        self.options: dict[str, list[Option]] = {}
        """Choices as they stand, by place, until something changes."""
        self.faults: list[str] = []
        """Expressions that gave an error, for authors; citizens go on as if empty."""

    @cached_property
    def tree(self) -> Tree:
        """The case as XPath walks it, built when an expression first needs it."""
        return Tree(self.form, self.case)

    @cached_property
    def _context(self) -> Context:
        context = Context(self.tree.root)
        context.env = self.env
        return context

    def _restructure(self) -> None:
        self.options.clear()
        self.__dict__.pop("tree", None)
        self.__dict__.pop("_context", None)

    # -- evaluating ------------------------------------------------------------------------

    def evaluate(self, expression: Expression, ref: str) -> Value:
        """The value of an expression at a place of the case; raises ExpressionError."""
        node = self.tree.by_ref.get(ref)
        if node is None:
            node = self.tree.root
        self.env.start(f"{ref}/{expression.source}")
        return expression.evaluate(self._context.at(node))

    def holds(self, expression: Expression | None, ref: str, *, otherwise: bool) -> bool:
        """Whether a condition is true at a place; `otherwise` where it is none or fails."""
        if expression is None:
            return otherwise
        try:
            return to_boolean(self.evaluate(expression, ref))
        except ExpressionError as error:
            self.faults.append(f"{ref}: {error}")
            return otherwise

    def text(self, expression: Expression, ref: str) -> str:
        """The value of an expression as text; "" for what is no number, and for errors."""
        try:
            value = self.evaluate(expression, ref)
        except ExpressionError as error:
            self.faults.append(f"{ref}: {error}")
            return ""
        if isinstance(value, float) and not math.isfinite(value):
            return ""
        return to_string(value)

    def words(self, words: dict[str, tuple[str | Expression, ...]], ref: str) -> str:
        """Words of the form in the citizen's language, or another the form has them in."""
        for language in (self.form.language(self.env.locale), self.form.default_language, *words):
            if parts := words.get(language):
                return "".join(
                    part if isinstance(part, str) else self._shown(part, ref) for part in parts
                ).strip()
        return ""

    def _shown(self, expression: Expression, ref: str) -> str:
        return self.text(expression, ref)

    # -- changing --------------------------------------------------------------------------

    def put(self, ref: str, value: str) -> None:
        """Write a value at a place and apply what follows from it."""
        if self.case.values.get(ref, "") == value:
            return
        self.write(ref, value)
        self.follow(self._triggers([path_of(ref)]))

    def write(self, ref: str, value: str) -> None:
        """Write a value, without applying what follows."""
        if value:
            self.case.values[ref] = value
        else:
            self.case.values.pop(ref, None)
        self.changed.add(path_of(ref))
        self.options.clear()
        if "tree" in self.__dict__:
            self.tree.refresh(ref)

    def _triggers(self, paths: Iterable[str], *, structure: bool = False) -> list[Rule]:
        found: list[Rule] = []
        for path in paths:
            found.extend(self.form.triggers.get(path, ()))
            if structure:
                found.extend(self.form.structure_triggers.get(path, ()))
        return found

    def follow(self, rules: Iterable[Rule], scope: str = "") -> None:
        """Apply rules, and those that follow from what they change, within `scope`."""
        waiting: list[tuple[int, str]] = []
        queued: set[tuple[int, str]] = set()

        def queue(more: Iterable[Rule], where: str) -> None:
            for rule in more:
                if (rule.rank, where) not in queued:
                    queued.add((rule.rank, where))
                    heappush(waiting, (rule.rank, where))

        queue(rules, scope)
        while waiting:
            rank, where = heappop(waiting)
            rule = self.form.rules[rank]
            for ref in self._places(rule, where):
                for more, place in self._apply(rule, ref):
                    queue(more, place)

    def _places(self, rule: Rule, scope: str) -> list[str]:
        node = rule.node.parent if rule.aspect == "count" else rule.node
        path = node.path if node is not None else ""
        if "/" not in path and not scope and self._is_single(path):
            refs = [path]
        else:
            absolute = f"/{self.form.root_name}/{path}".rstrip("/")
            refs = [self.tree.refs[found] for found in self.tree.by_path.get(absolute, ())]
        if rule.aspect == "count":
            return [f"{ref}/{rule.node.name}" if ref else rule.node.name for ref in refs]
        return [ref for ref in refs if lies_under(ref, scope)]

    def _is_single(self, path: str) -> bool:
        return not path or self.form.nodes[path].kind != "repeat"

    def _apply(self, rule: Rule, ref: str) -> list[tuple[Iterable[Rule], str]]:
        if rule.aspect == "calculate":
            value = self.text(rule.expression, ref)
            if self.case.values.get(ref, "") == value:
                return []
            self.write(ref, value)
            return [(self._triggers([rule.node.path]), "")]
        if rule.aspect == "relevant":
            return self._switch(rule, ref)
        number = self._count(rule, ref)
        if number == self.case.counts.get(ref, 0):
            return []
        return self.repeat(rule.node, ref, number)

    def _switch(self, rule: Rule, ref: str) -> list[tuple[Iterable[Rule], str]]:
        on = self.holds(rule.expression, ref, otherwise=True)
        if on == (ref not in self.case.off):
            return []
        if on:
            self.case.off.discard(ref)
        else:
            self.case.off.add(ref)
        self.options.clear()
        self.tree.refresh(ref)
        paths = changed_by(rule.node)
        self.changed.update(paths)
        return [(self._triggers(paths, structure=True), "")]

    def _count(self, rule: Rule, ref: str) -> int:
        try:
            number = to_number(self.evaluate(rule.expression, self._beside(ref)), self.env.zone)
        except ExpressionError as error:
            self.faults.append(f"{ref}: {error}")
            return 0
        return max(0, min(MAX_REPEATS, int(number))) if math.isfinite(number) else 0

    def _beside(self, ref: str) -> str:
        """A place beside the repeat `ref`, which may not be there a single time yet."""
        around = ref.rpartition("/")[0]
        places = (place for place in self.tree.by_ref if place and place != ref)
        return next((place for place in places if place.rpartition("/")[0] == around), ref)

    def repeat(self, node: Node, ref: str, number: int) -> list[tuple[Iterable[Rule], str]]:
        """Have the repeat at `ref` `number` times; gives the rules to apply, and where."""
        before = self.case.counts.get(ref, 0)
        self.case.counts[ref] = number
        fresh = [f"{ref}[{place}]" for place in range(before + 1, number + 1)]
        for place in fresh:
            self._plant(node, place, ())
        self._restructure()
        paths = changed_by(node)
        self.changed.update(paths)
        inside = set(paths)
        own = [rule for rule in self.form.rules if rule.node.path in inside]
        own = [rule for rule in own if not (rule.aspect == "count" and rule.node is node)]
        for place in fresh:
            self._act(node, place, ("odk-new-repeat",))
        return [
            *((own, place) for place in fresh),
            (self._triggers(paths, structure=True), ""),
        ]

    def _plant(self, node: Node, ref: str, events: tuple[str, ...]) -> None:
        """Give what lies in a new place its defaults, and inner repeats their first time."""
        for child in node.children:
            place = f"{ref}/{child.name}" if ref else child.name
            if child.kind == "repeat":
                self.case.counts.setdefault(place, 0 if child.count is not None else 1)
                for time in range(1, self.case.counts[place] + 1):
                    self._plant(child, f"{place}[{time}]", events)
            elif child.children:
                self._plant(child, place, events)
            else:
                value = self._preloaded(child) or child.default
                if value:
                    self.case.values.setdefault(place, value)

    def _preloaded(self, node: Node) -> str:
        kind, detail = node.preload
        if kind == "uid":
            self.env.start(node.path)
            return f"uuid:{self.case.id}"
        moment = Moment.at(self.env.now, self.env.zone)
        if kind == "timestamp" and detail == "start":
            return str(moment)
        if kind == "date" and detail == "today":
            return moment.local.date().isoformat()
        return ""

    def begin(self) -> None:
        """The first step: defaults, dynamic defaults, and every rule once."""
        self._plant(self.form.root, "", ())
        for node in self.form.nodes.values():
            for place in self._refs(node):
                self._act_at(node, place, ("odk-instance-first-load",))
        self.follow(self.form.rules)

    def _refs(self, node: Node) -> list[str]:
        absolute = f"/{self.form.root_name}/{node.path}"
        return [self.tree.refs[found] for found in self.tree.by_path.get(absolute, ())]

    def _act(self, node: Node, ref: str, events: tuple[str, ...]) -> None:
        for inner in changed_by(node):
            owner = self.form.nodes[inner]
            if owner.actions:
                for place in self._refs(owner):
                    if lies_under(place, ref):
                        self._act_at(owner, place, events)

    def _act_at(self, node: Node, ref: str, events: tuple[str, ...]) -> None:
        for action in node.actions:
            if action.event in events:
                self._set(action, ref)

    def _set(self, action: Action, ref: str) -> None:
        target = self.near(action.target, ref)
        value = action.value
        self.put(target, value if isinstance(value, str) else self.text(value, target))

    def value_changed(self, node: Node, ref: str) -> None:
        """Do what the form wants done when the answer at a question changes."""
        self._act_at(node, ref, ("xforms-value-changed",))

    def near(self, path: str, ref: str) -> str:
        """The place of `path` in the same repeats as `ref`, and in the first of others."""
        places: list[str] = []
        here = ref.split("/")
        same = True
        for depth, name in enumerate(path.split("/")):
            same = same and depth < len(here) and _PLACE.sub("", here[depth]) == name
            if same:
                places.append(here[depth])
            else:
                node = self.form.nodes["/".join(path.split("/")[: depth + 1])]
                places.append(f"{name}[1]" if node.kind == "repeat" else name)
        return "/".join(places)
