"""What changed between two versions of a form, and what that does to comparing their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from conversations.survey.form import Form, Node, Part, Words
from conversations.survey.values import node_text
from locales import text


class Effect(StrEnum):
    """What a change does to answers that are put side by side."""

    NONE = "none"  # compare as before
    CARE = "care"  # compare with care: people may have understood something else
    BREAK = "break"  # not comparable


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `kind` names its words in the catalogues (`survey.diff.<kind>`)."""

    kind: str
    effect: Effect
    path: str
    old: str = ""
    new: str = ""

    def message(self, locale: str) -> str:
        """The change in words, with its effect."""
        what = text(locale, f"survey.diff.{self.kind}", path=self.path, old=self.old, new=self.new)
        return f"{what} — {text(locale, f'survey.diff.effect.{self.effect}')}"


def compare_forms(old: Form, new: Form) -> list[Change]:
    """Every change from `old` to `new`, in the order of the new form; gone questions last."""
    changes: list[Change] = []
    before = {node.path: node for node in old.order if not node.is_group}
    after = {node.path: node for node in new.order if not node.is_group}
    for path, node in after.items():
        if path not in before:
            if node.is_asked:
                changes.append(Change("added", Effect.NONE, path, new=spoken(new, node.label)))
            continue
        changes += _node_changes(old, new, before[path], node)
    changes += [
        Change("removed", Effect.BREAK, path, old=spoken(old, node.label))
        for path, node in before.items()
        if path not in after and node.is_asked
    ]
    if _order(before, after) != _order(after, before):
        changes.append(Change("reordered", Effect.CARE, ""))
    for language in set(old.languages) - set(new.languages):
        changes.append(Change("language_removed", Effect.CARE, language))
    for language in set(new.languages) - set(old.languages):
        changes.append(Change("language_added", Effect.NONE, language))
    return changes


def _order(these: dict[str, Node], others: dict[str, Node]) -> list[str]:
    return [path for path in these if path in others]


def _node_changes(old: Form, new: Form, one: Node, other: Node) -> Iterator[Change]:
    path = other.path
    if one.kind != other.kind:
        yield Change("type", Effect.BREAK, path, one.kind, other.kind)
        return
    for language in sorted({*one.label, *other.label}):
        before, after = shown(one.label.get(language, ())), shown(other.label.get(language, ()))
        if before and after and before != after:
            yield Change("label", Effect.CARE, path, before, after)
    yield from _choice_changes(old, new, one, other)
    for aspect in ("relevant", "constraint", "required", "calculate"):
        was, now = getattr(one, aspect), getattr(other, aspect)
        sources = [expression.source if expression is not None else "" for expression in (was, now)]
        if sources[0] != sources[1]:
            effect = Effect.BREAK if aspect == "calculate" else Effect.CARE
            yield Change(aspect, effect, path, *sources)


def _choice_changes(old: Form, new: Form, one: Node, other: Node) -> Iterator[Change]:
    before, after = choices_of(old, one), choices_of(new, other)
    for name, label in before.items():
        if name not in after:
            yield Change("choice_removed", Effect.BREAK, other.path, f"{name} ({label})")
        elif after[name] != label:
            yield Change("choice_label", Effect.CARE, other.path, label, after[name])
    for name, label in after.items():
        if name not in before:
            yield Change("choice_added", Effect.CARE, other.path, new=f"{name} ({label})")
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change("choices_reordered", Effect.CARE, other.path)


def choices_of(form: Form, node: Node) -> dict[str, str]:
    """The names and labels, in the form's first language, of all a question's choices."""
    source = node.choices
    if source is None:
        return {}
    if source.nodeset is None:
        return {choice.name: spoken(form, choice.label) for choice in source.fixed}
    found: dict[str, str] = {}
    table = form.tables.get(source.table)
    for root in (table.children if table is not None else None) or ():
        for item in root.children or ():
            cells = {child.name: node_text(child) for child in item.children or ()}
            label = cells.get(source.label, "")
            words: Words = {"": (label,)}
            if source.is_itext:
                words = form.itext.get(f"{label}#", {})
            found[cells.get(source.value, "")] = spoken(form, words)
    return found


def spoken(form: Form, words: Words) -> str:
    """Words in the form's first language."""
    parts = words.get(form.default_language) or next(iter(words.values()), ())
    return shown(parts)


def shown(parts: tuple[Part, ...]) -> str:
    """A text with its expressions as they were written."""
    return "".join(
        part if isinstance(part, str) else "{" + part.source.strip() + "}" for part in parts
    )
