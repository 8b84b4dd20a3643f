"""From the versions of a form to tables: its questions as columns, its repeats as tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analytics.columns import Column, Kind, Sensitivity, Table
from analytics.request import Multiple, Request
from analytics.versions import Version
from conversations.survey.comparison import shown
from conversations.survey.form import Form, Node, Part, Words
from conversations.survey.values import node_text

_KINDS = {
    "select_one": Kind.CHOICE,
    "select_multiple": Kind.CHOICES,
    "rank": Kind.CHOICES,
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "datetime": Kind.DATETIME,
}
MEDIA = ("image", "audio", "video", "file")
POSITION = ("latitude", "longitude", "altitude", "precision")
TRAITS = frozenset(
    (
        *("sex", "gender", "age", "age_group", "birth_year", "disability", "herder"),
        *("low_income", "education", "occupation", "ethnicity", "language", "household_size"),
        *("place", "facility"),
    )
)
"""Names of questions whose answers neighbours know; authors use them in our own forms."""
_TURN = re.compile(r"\[(\d+)\]")
_MADE_BY_PYXFORM = ("generated_table_list_label_", "reserved_name_for_field_list_labels_")


@dataclass(frozen=True, slots=True)
class Question:
    """One question over all versions: `path` in the form, `repeat` the repeat it stands in."""

    path: str
    repeat: str
    node_kind: str
    kind: Kind
    label: str
    choices: tuple[tuple[str, str], ...]
    sensitivity: Sensitivity
    is_calculated: bool
    versions: tuple[str, ...]


def questions_of(versions: tuple[Version, ...], language: str) -> list[Question]:
    """Every question and calculation, in the order of the latest version, then older ones."""
    found: dict[str, list[tuple[Version, Node]]] = {}
    for version in versions:
        for node in version.form.nodes.values():
            if _is_column(node):
                found.setdefault(node.path, []).append((version, node))
    return [_question(path, nodes, language) for path, nodes in found.items()]


def _is_column(node: Node) -> bool:
    if node.is_group or node.path.startswith("meta/") or node.name.startswith(_MADE_BY_PYXFORM):
        return False
    return node.kind != "note" or node.calculate is not None


def _question(path: str, nodes: list[tuple[Version, Node]], language: str) -> Question:
    version, node = nodes[0]
    kinds = {_kind(one) for _, one in nodes}
    kind = kinds.pop() if len(kinds) == 1 else Kind.TEXT
    choices: dict[str, str] = {}
    for other, one in nodes:
        for name, label in choices_in(other.form, one, language):
            choices.setdefault(name, label)
    return Question(
        path=path,
        repeat=_repeat_around(node),
        node_kind=node.kind,
        kind=kind,
        label=words_in(version.form, node.label, language) or node.name,
        choices=tuple(choices.items()) if kind in (Kind.CHOICE, Kind.CHOICES) else (),
        sensitivity=_sensitivity(node, kind),
        is_calculated=node.kind in ("hidden", "note"),
        versions=tuple(sorted(one.source.version for one, _ in nodes)),
    )


def _kind(node: Node) -> Kind:
    if node.kind == "range" and node.bounds is not None:
        whole = all(float(bound).is_integer() for bound in node.bounds)
        return Kind.INTEGER if whole else Kind.DECIMAL
    return _KINDS.get(node.kind, Kind.TEXT)


def _sensitivity(node: Node, kind: Kind) -> Sensitivity:
    if node.name in TRAITS:
        return Sensitivity.TRAIT
    if node.kind == "geopoint":
        return Sensitivity.POSITION
    if node.kind in MEDIA:
        return Sensitivity.IDENTITY
    if kind in (Kind.TIME, Kind.DATETIME):
        return Sensitivity.TIME
    # What is calculated may repeat what was typed.
    if node.kind != "acknowledge" and kind is Kind.TEXT:
        return Sensitivity.FREE
    return Sensitivity.NONE


def _repeat_around(node: Node) -> str:
    return next((group.path for group in node.ancestors() if group.kind == "repeat"), "")


def words_in(form: Form, words: Words, language: str) -> str:
    """Words in the language asked for, else in the form's own; expressions as written."""
    parts: tuple[Part, ...] = words.get(form.language(language), ()) if language else ()
    parts = parts or words.get(form.default_language, ()) or next(iter(words.values()), ())
    return " ".join(shown(parts).split())


def choices_in(form: Form, node: Node, language: str) -> Iterator[tuple[str, str]]:
    """The names and labels of all choices a question has, unfiltered."""
    source = node.choices
    if source is None:
        return
    for choice in source.fixed:
        yield choice.name, words_in(form, choice.label, language) or choice.name
    table = form.tables.get(source.table) if source.nodeset is not None else None
    for root in (table.children if table is not None else None) or ():
        for item in root.children or ():
            cells = {child.name: node_text(child) for child in item.children or ()}
            label = cells.get(source.label, "")
            words: Words = form.itext.get(f"{label}#", {}) if source.is_itext else {"": (label,)}
            if name := cells.get(source.value, ""):
                yield name, words_in(form, words, language) or name


def place_of(ref: str) -> tuple[str, tuple[int, ...]]:
    """Where an answer belongs: the question's path, and which turn of each repeat around it."""
    if "[" not in ref:
        return ref, ()
    return _TURN.sub("", ref), tuple(int(turn) for turn in _TURN.findall(ref))


# -- columns -------------------------------------------------------------------------------


def column_names(questions: Iterable[Question], request: Request) -> dict[str, str]:
    """The column name of each path, as the request wants groups in it."""
    paths = [question.path for question in questions]
    last = Counter(path.rpartition("/")[2] for path in paths)
    names = {}
    for path in paths:
        short = path.rpartition("/")[2]
        alone = not request.hierarchy and last[short] == 1
        names[path] = short if alone else path.replace("/", request.separator)
    return names


def columns_of(question: Question, name: str, request: Request) -> Iterator[Column]:
    """The columns a question becomes: one, a position's four, or one a choice."""
    note = "calculated" if question.is_calculated else question.node_kind
    if question.node_kind == "geopoint":
        for part in POSITION:
            yield Column(
                f"{name}{request.separator}{part}", Kind.DECIMAL, f"{question.label}: {part}",
                sensitivity=Sensitivity.POSITION, source=question.path, note=note,
            )  # fmt: skip
        return
    many = question.node_kind == "select_multiple"
    if not many or request.multiple is not Multiple.DUMMIES:
        yield Column(
            name, question.kind, question.label, question.choices, question.sensitivity,
            question.path, note,
        )  # fmt: skip
    if many and request.multiple is not Multiple.SINGLE:
        for choice, label in question.choices:
            yield Column(
                f"{name}{request.separator}{choice}", Kind.INTEGER, f"{question.label}: {label}",
                sensitivity=question.sensitivity, source=question.path, note="1 chosen, 0 not",
            )  # fmt: skip


def repeat_tables(versions: tuple[Version, ...], questions: list[Question]) -> list[str]:
    """The paths of repeats that hold questions, or other repeats that do; outer ones first."""
    paths: dict[str, None] = {}
    for version in versions:
        for node in version.form.nodes.values():
            inside = f"{node.path}/"
            if node.kind == "repeat" and any(q.path.startswith(inside) for q in questions):
                paths.setdefault(node.path)
    return sorted(paths, key=lambda path: path.count("/"))


def table_name(path: str, taken: Iterable[str]) -> str:
    """A repeat's table: its last name, or the whole path where that is taken."""
    short = path.rpartition("/")[2]
    return short if short not in taken else path.replace("/", "_")


def outer_repeat(path: str, repeats: Iterable[str]) -> str:
    """The nearest repeat around a repeat, "" if there is none."""
    around = [one for one in repeats if path.startswith(f"{one}/")]
    return max(around, key=len, default="")


def repeat_table(path: str, name: str, outer: str, columns: Iterable[Column], main: str) -> Table:
    """The table of a repeat: `row` counts from 1, with the outer repeat's before a dot."""
    about = [
        Column("case", label="Case", note="as in the table of cases"),
        Column("row", label="Number of the repeat", note="from 1; 2.1 is the first in the second"),
    ]
    if outer:
        about.append(Column("parent_row", label="Row of the repeat around it"))
        parent: tuple[tuple[str, ...], str] = (("case", "parent_row"), outer)
    else:
        parent = (("case",), main)
    return Table(name, path, (*about, *columns), ("case", "row"), parent)
