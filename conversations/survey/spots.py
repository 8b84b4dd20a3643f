"""Places of a form to stop at, and answers that are not accepted there."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.survey.form import Node

LISTED = ("select_one", "select_multiple", "rank", "range")
"""Kinds of question that are answered from a list."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the form to stop at: a question, a note, or "add another?" of a repeat.

    For the last, `is_more` is true and `ref` is the place that would be added ("child[3]").
    """

    node: Node
    ref: str
    is_more: bool = False

    @property
    def mark(self) -> str:
        """How the place is kept in `Case.done` and `Case.at`."""
        return f"{self.ref}+" if self.is_more else self.ref

    @property
    def is_asked(self) -> bool:
        """Whether it waits for an answer."""
        return self.is_more or self.node.is_asked


class Rejected(Exception):
    """An answer that the form does not accept.

    `reason` is "constraint", "required" or "choice"; `message` the form's own words, or "".
    """

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = message
