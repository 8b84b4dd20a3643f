"""What a file of an export holds: tables, their columns, and what is known of each column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are, whatever the format of the file."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    """Always UTC."""
    CHOICE = "choice"
    """One of `choices`; formats with value labels store a number."""
    CHOICES = "choices"
    """Several of `choices`, with spaces between."""


class Sensitivity(StrEnum):
    """What a column can give away about who answered."""

    NONE = "none"
    TRAIT = "trait"
    """Says something about the person that others may know: place, age, sex."""
    TIME = "time"
    """An exact moment: who saw somebody use their phone then knows the row."""
    FREE = "free"
    """Words people typed: they may name anybody."""
    POSITION = "position"
    IDENTITY = "identity"
    """A pseudonym of a person, an id of a platform or of a file they sent."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` is the question as it was asked; `choices` are (name, label).

    `source` says what it was made of: a question's path in the form, or "" for what Onoo
    notes by itself. `note` is for the codebook alone.
    """

    name: str
    kind: Kind = Kind.TEXT
    label: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    sensitivity: Sensitivity = Sensitivity.NONE
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `key` are the columns that name a row, `parent` is (columns, table)."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parent: tuple[tuple[str, ...], str] | None = None

    def index(self, name: str) -> int:
        """Where the column `name` stands; raises KeyError."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return place
        raise KeyError(name)

    def with_columns(self, columns: tuple[Column, ...]) -> Table:
        """The same table with other columns; a key that is gone is a key no longer."""
        names = {column.name for column in columns}
        key = self.key if set(self.key) <= names else ()
        parent = self.parent if self.parent and set(self.parent[0]) <= names else None
        return replace(self, columns=columns, key=key, parent=parent)
