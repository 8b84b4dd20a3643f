"""A survey form, compiled: its questions, lists, words and rules, ready to be walked.

A question's path leaves the root out ("visit/wait"); a repeat's place in a case is written
into it ("child[2]/age"). A form never changes once compiled, and may be shared by threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from elementpath.xpath_nodes import XPathNode

from conversations.survey.values import ExpressionError
from conversations.survey.xpath import Expression
from conversations.world import Query

Part = str | Expression
Words = dict[str, tuple[Part, ...]]
"""What is said in each language ("" where the form has none): text and expressions in it."""


ASPECTS = ("relevant", "calculate", "constraint", "required", "readonly", "count")
WORDED = ("label", "hint", "guidance", "constraint_message", "required_message")


_INSTANCE = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")


class FormError(ValueError):
    """A form that can't be used in chat; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice as an author wrote it; `node` is its place in the list, for filters."""

    name: str
    label: Words
    node: XPathNode | None = None
    picture: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChoiceSource:
    """Where a question's choices come from.

    Either `fixed`, or the nodes `nodeset` selects: `value` and `label` say which child of
    each is the name and which the label; `text_of` gives the words of a label kept as itext.
    """

    fixed: tuple[Choice, ...] = ()
    nodeset: Expression | None = None
    value: str = "name"
    label: str = "label"
    is_itext: bool = False

    @property
    def table(self) -> str:
        """The list (secondary instance) the choices come from, "" if it is none."""
        match = _INSTANCE.search(self.nodeset.source) if self.nodeset is not None else None
        return match.group(1) if match else ""


@dataclass(frozen=True, slots=True)
class Action:
    """A value set once by an event: form start, new repeat, or the change of a question."""

    event: str
    target: str
    value: Part


@dataclass(eq=False, slots=True)
class Node:
    """A node of the form: a question, a calculation, a group or a repeat."""

    name: str
    path: str
    kind: str
    """select_one, select_multiple, rank, range, integer, decimal, text, date, time, datetime,
    geopoint, image, audio, video, file, note, acknowledge, group, repeat or hidden."""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    default: str = ""
    relevant: Expression | None = None
    calculate: Expression | None = None
    constraint: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    count: Expression | None = None
    label: Words = field(default_factory=dict)
    hint: Words = field(default_factory=dict)
    guidance: Words = field(default_factory=dict)
    constraint_message: Words = field(default_factory=dict)
    required_message: Words = field(default_factory=dict)
    picture: Words = field(default_factory=dict)
    choices: ChoiceSource | None = None
    bounds: tuple[float, float, float] | None = None
    appearance: str = ""
    preload: tuple[str, str] = ("", "")
    actions: list[Action] = field(default_factory=list)
    number: int = 0

    @property
    def is_group(self) -> bool:
        """Whether the node holds others rather than a value."""
        return self.kind in ("group", "repeat")

    @property
    def is_asked(self) -> bool:
        """Whether the node waits for an answer."""
        return self.kind not in ("group", "repeat", "hidden", "note")

    def ancestors(self) -> Iterator[Node]:
        """The groups and repeats around this node, from the inside out; not the root."""
        node = self.parent
        while node is not None and node.path:
            yield node
            node = node.parent


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """An expression that decides something of `node`: relevant, calculate or count."""

    rank: int
    node: Node
    aspect: str
    expression: Expression


@dataclass(eq=False)
class Form:
    """A compiled form version; see `conversations.survey.xform.compile_form`."""

    version: str
    form_id: str
    title: str
    root: Node
    order: tuple[Node, ...]
    """Questions, notes, groups and repeats as the body has them, depth first."""
    nodes: dict[str, Node]
    languages: tuple[str, ...]
    default_language: str
    tables: Mapping[str, XPathNode]
    itext: Mapping[str, Words]
    rules: tuple[Rule, ...] = ()
    triggers: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    """The rules to apply again when the value at a path changes."""
    structure_triggers: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    """The rules to apply again when a path comes, goes or is repeated."""
    filters: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    """The questions whose choices depend on the value at a path."""
    root_name: str = "data"
    titles: Mapping[str, str] = field(default_factory=dict)
    """The title by language code, where the author gave more than one."""

    entries: dict[tuple[XPathNode, str, str], tuple[int, str, str]] = field(default_factory=dict)
    """What was read of the lists' items so far: their number, name and label."""

    missing: tuple[str, ...] = ()
    """Files the form uses that were not there."""

    def title_in(self, locale: str) -> str:
        """The title in a citizen's language, if the form has it."""
        return self.titles.get(locale, self.title)

    @cached_property
    def questions(self) -> tuple[Node, ...]:
        """What waits for an answer, in order."""
        return tuple(node for node in self.order if node.is_asked)

    @cached_property
    def body_children(self) -> dict[str, tuple[Node, ...]]:
        """The nodes of the body under each group's path ("" for the top), in its order."""
        found: dict[str, list[Node]] = {}
        for node in self.order:
            found.setdefault(node.parent.path if node.parent else "", []).append(node)
        return {path: tuple(children) for path, children in found.items()}

    def expressions(self) -> Iterator[tuple[Node, str, Expression]]:
        """Every expression of the form: its node, what it decides, and itself."""
        for node in self.nodes.values():
            for aspect in ASPECTS:
                expression = getattr(node, aspect)
                if expression is not None:
                    yield node, aspect, expression
            for aspect in WORDED:
                words: Words = getattr(node, aspect)
                for part in {part for parts in words.values() for part in parts}:
                    if isinstance(part, Expression):
                        yield node, aspect, part
            if node.choices is not None and node.choices.nodeset is not None:
                yield node, "choice_filter", node.choices.nodeset
            for action in node.actions:
                if isinstance(action.value, Expression):
                    yield node, "default", action.value

    def parse_all(self) -> None:
        """Parse every expression; raises FormError naming the question of a bad one."""
        for node, aspect, expression in self.expressions():
            try:
                expression.token  # noqa: B018  (parses it)
            except ExpressionError as error:
                message = f"{node.name}, {aspect}: {expression.source}: {error}"
                raise FormError(message) from error

    def language(self, locale: str) -> str:
        """The form's language for a citizen's: "mn" finds "Mongolian (mn)"."""
        for language in self.languages:
            if language == locale or language_code(language) == locale:
                return language
        return self.default_language


_CODE = re.compile(r"\(([A-Za-z]{2,3})[^)]*\)\s*$")
_NAMES = {"mongolian": "mn", "монгол": "mn", "english": "en", "kazakh": "kk", "қазақ": "kk"}


def language_code(language: str) -> str:
    """The code an author gave a language: "mn" for "Mongolian (mn)"; else its known name's."""
    match = _CODE.search(language)
    if match:
        return match.group(1).lower()
    return _NAMES.get(language.strip().lower(), language.strip().lower())


@dataclass(frozen=True)
class FormVersion(Query[Form]):
    """Asks the world for a published form; `version` is `FormSource.version`."""

    steady = True

    version: str
