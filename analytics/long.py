"""Answers in long form: one row a case and question that has an answer."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.about import ABOUT, about_of
from analytics.answers import Answers
from analytics.columns import Column, Kind, Sensitivity, Table
from analytics.masking import masked
from analytics.questions import column_names, place_of
from analytics.spool import Placed
from analytics.values import Cell, is_plain_number
from storage.database import Document

_KEPT = ("case", "form_version", "status", "place", "facility", "campaign", "is_test")


class LongAnswers(Answers):
    """The same cases as `Answers`, melted; several answers to one question are several rows."""

    def _build_tables(self) -> None:
        about = tuple(column for column in ABOUT if column.name in _KEPT)
        self._about = [place for place, one in enumerate(ABOUT) if one.name in _KEPT]
        columns = (
            *about,
            Column("question", label="Question"),
            Column("row", label="Where in repeats", note="2.1: first in the second"),
            Column("choice", label="The choice, of questions with several answers"),
            Column("value", label="Answer as stored", sensitivity=Sensitivity.FREE),
            Column("number", Kind.DECIMAL, "Answer as a number, where it is one"),
            Column("label", label="Label of the answer", sensitivity=Sensitivity.FREE),
        )
        self.tables = (Table("answers", "Answers", columns, ("case", "question", "row", "choice")),)
        self._by_path = {question.path: question for question in self.questions}
        self._names = column_names(self.questions, self.request)
        self._order = {question.path: at for at, question in enumerate(self.questions)}

    def rows_of(self, case: Document) -> Iterator[Placed]:
        identity = self.pseudonyms.of("case", case["_id"])
        whole = about_of(case, identity, self.pseudonyms)
        about = tuple(whole[place] for place in self._about)
        for ref, value in case.get("values", {}).items():
            path, turns = place_of(ref)
            question = self._by_path.get(path)
            if question is None:
                self.unknown[path] += 1
                continue
            if value == "":
                continue
            row = ".".join(map(str, turns))
            labels = dict(question.choices)
            chosen = value.split() if question.node_kind == "select_multiple" else [value]
            for one in chosen:
                shown = one
                if self.request.mask and question.sensitivity is Sensitivity.FREE:
                    shown = masked(one)
                cells: tuple[Cell, ...] = (
                    *about,
                    self._names[path],
                    row or None,
                    one if question.node_kind == "select_multiple" else None,
                    shown,
                    float(shown) if is_plain_number(shown) else None,
                    labels.get(one),
                )
                yield identity, 0, (self._order[path], row, one), cells
