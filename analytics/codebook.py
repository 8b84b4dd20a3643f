"""The codebook: what each column is, in full, as a table and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics.columns import Kind, Table
from analytics.formats.writer import Sheets

HEAD = ("table", "column", "in_file", "type", "label", "source", "answered", "choices", "note")
CHOICES_HEAD = ("table", "column", "name", "code", "label")


@dataclass(frozen=True, slots=True)
class Described:
    """A table with what was counted while it was written.

    `renamed` and `codes` say how columns and choices are called in formats with limits.
    """

    table: Table
    rows: int
    answered: Sequence[int]
    renamed: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def columns_sheet(tables: Sequence[Described]) -> list[list[str]]:
    """One row a column."""
    rows = [list(HEAD)]
    for one in tables:
        for column, answered in zip(one.table.columns, one.answered, strict=True):
            choices = "; ".join(f"{name} = {label}" for name, label in column.choices)
            rows.append(
                [
                    one.table.name,
                    column.name,
                    one.renamed.get(column.name, column.name),
                    str(column.kind),
                    column.label,
                    column.source,
                    str(answered),
                    choices,
                    column.note,
                ]
            )
    return rows


def choices_sheet(tables: Sequence[Described]) -> list[list[str]]:
    """One row a choice, with the number that stands for it in .sav and .dta."""
    rows = [list(CHOICES_HEAD)]
    for one in tables:
        for column in one.table.columns:
            codes = one.codes.get(column.name, {})
            labels = dict(column.choices)
            for name in {**labels, **codes}:
                code = str(codes[name]) if name in codes else ""
                rows.append([one.table.name, column.name, name, code, labels.get(name, name)])
    return rows


def sheets(tables: Sequence[Described], versions: Sequence[str]) -> Sheets:
    """What stands beside the data in a workbook."""
    found: list[tuple[str, list[list[str]]]] = [
        ("Codebook", columns_sheet(tables)),
        ("Choices", choices_sheet(tables)),
    ]
    if versions:
        found.append(("Versions", [[line] for line in versions if line]))
    return found


def markdown(
    title: str, tables: Sequence[Described], versions: Sequence[str], remarks: Sequence[str]
) -> str:
    """The codebook for people to read."""
    lines = [f"# {_escaped(title)}", ""]
    for remark in remarks:
        lines.append(f"- {_escaped(remark)}")
    lines += [""] * bool(remarks)
    for one in tables:
        lines += [f"## {one.table.name}", "", f"{one.table.title}. {one.rows} rows.", ""]
        if one.table.key:
            lines += [f"A row is named by: {', '.join(one.table.key)}.", ""]
        if one.table.parent:
            columns, parent = one.table.parent
            lines += [f"Belongs to `{parent}` by: {', '.join(columns)}.", ""]
        for column, answered in zip(one.table.columns, one.answered, strict=True):
            lines += _column(one, column.name, answered)
    if versions:
        lines += ["## Versions of the form", "", *versions]
    return "\n".join(lines).rstrip() + "\n"


def _column(one: Described, name: str, answered: int) -> list[str]:
    column = one.table.columns[one.table.index(name)]
    renamed = one.renamed.get(name, name)
    called = f" (`{renamed}` in the file)" if renamed != name else ""
    lines = [f"### `{name}`{called}", "", f"{_escaped(column.label)}", ""]
    told = [f"type {column.kind}", f"{answered} of {one.rows} filled"]
    if column.source:
        told.insert(0, f"question `{column.source}`")
    if column.note:
        told.append(_escaped(column.note))
    lines += ["; ".join(told) + ".", ""]
    codes = one.codes.get(name, {})
    if column.choices and column.kind in (Kind.CHOICE, Kind.CHOICES):
        coded = bool(codes)
        lines += ["| name | code | label |" if coded else "| name | label |"]
        lines += ["|---|---|---|" if coded else "|---|---|"]
        for choice, label in column.choices:
            code = f" {codes[choice]} |" if coded else ""
            lines.append(f"| {_escaped(choice)} |{code} {_escaped(label)} |")
        lines.append("")
    return lines


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
