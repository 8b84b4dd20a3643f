"""Where each question of a form stands in its workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conversations.survey.workbook import Row, Sheet, Sheets

BEGINS = ("begin group", "begin repeat", "begin_group", "begin_repeat", "begin loop")
ENDS = ("end group", "end repeat", "end_group", "end_repeat", "end loop")

COLUMNS = {
    "relevant": ("relevant", "relevance"),
    "calculate": ("calculation", "calculate"),
    "constraint": ("constraint",),
    "required": ("required",),
    "readonly": ("read_only", "readonly", "read only"),
    "count": ("repeat_count", "count", "jr:count"),
    "choice_filter": ("choice_filter", "choice filter"),
    "default": ("default",),
    "label": ("label", "caption"),
    "hint": ("hint",),
    "guidance": ("guidance_hint",),
    "constraint_message": ("constraint_message", "constraining message"),
    "required_message": ("required_message",),
}
"""The columns in which what a form's node has was written."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of the survey sheet with the path of its question."""

    row: Row
    path: str

    @property
    def kind(self) -> str:
        """The first word of its type, with one spelling for begin and end."""
        written = " ".join(self.row.get("type").split()).lower()
        for known in (*BEGINS, *ENDS):
            if written == known or written.startswith(known + " "):
                return known.replace(" ", "_")
        return written.split(" ")[0] if written else ""


class Layout:
    """The rows of the survey sheet, by the path of their questions."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheet = sheets.get("survey", Sheet("survey"))
        self.rows: list[Placed] = list(self._place())
        self.by_path = {placed.path: placed for placed in self.rows if placed.path}

    def _place(self) -> Iterator[Placed]:
        groups: list[str] = []
        for row in self.sheet.rows:
            kind = Placed(row, "").kind
            if kind.startswith("end_"):
                if groups:
                    groups.pop()
                yield Placed(row, "")
                continue
            name = row.get("name")
            yield Placed(row, "/".join([*groups, name]) if name else "")
            if kind.startswith("begin_"):
                groups.append(name)

    def column(self, aspect: str) -> str:
        """The heading under which an aspect of a question is written in this workbook."""
        names = COLUMNS.get(aspect, (aspect,))
        for column in self.sheet.columns:
            if column.lower().split("::")[0].split(":")[0].strip() in names:
                return column
        return names[0]

    def find(self, path: str) -> Placed | None:
        """The row a path comes from; for "q_other" the row of q."""
        return self.by_path.get(path) or self.by_path.get(path.removesuffix("_other"))


def translated(columns: list[str], name: str) -> list[str]:
    """The columns that hold `name` in a language: "label::English (en)"."""
    return [column for column in columns if column.lower().split("::")[0].strip() == name]
