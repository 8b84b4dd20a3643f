"""What a check or an import found: one line for people, with where and what."""

from __future__ import annotations

from dataclasses import dataclass

from locales.told import Told


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend: `where` names file, row and column; `severe` ones stop the import.

    Both are English, and may be `Told`: then `in_words` says them in the reader's language.
    """

    where: str
    what: str
    severe: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Refused(Exception):
    """A file that can't be taken as it is; nothing was changed. `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings[:5]))
        self.findings = findings

    @classmethod
    def because(cls, where: str, what: str) -> Refused:
        """A refusal for one reason."""
        return cls([Finding(where, what)])


def in_row(file: str, row: int) -> Told:
    """Where in a file: the row, as a spreadsheet counts."""
    return Told("finding.row", file=file, row=row)


def in_cell(file: str, row: int, column: str) -> Told:
    """Where in a file: row and column."""
    return Told("finding.cell", file=file, row=row, column=column)
