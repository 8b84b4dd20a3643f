"""What a check of a survey found: where, what is wrong, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from locales import text


class Severity(StrEnum):
    """Whether a form can be published with it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `code` names its words in the catalogues (`survey.check.<code>`).

    `row` is as a spreadsheet counts, 0 where the whole sheet or file is meant.
    """

    code: str
    severity: Severity = Severity.ERROR
    sheet: str = ""
    row: int = 0
    column: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def where(self, locale: str) -> str:
        """The place, in words: sheet, row, column."""
        parts = [self.sheet]
        if self.row:
            parts.append(text(locale, "survey.check.row", row=self.row))
        if self.column:
            parts.append(self.column)
        return " · ".join(filter(None, parts))

    def message(self, locale: str) -> str:
        """What is wrong and what would be right."""
        return text(locale, f"survey.check.{self.code}", **self.values)


def error(code: str, sheet: str = "", row: int = 0, column: str = "", **values: str) -> Finding:
    """A finding that keeps a form from being published."""
    return Finding(code, Severity.ERROR, sheet, row, column, values)


def warning(code: str, sheet: str = "", row: int = 0, column: str = "", **values: str) -> Finding:
    """A finding that an author may leave as it is."""
    return Finding(code, Severity.WARNING, sheet, row, column, values)
