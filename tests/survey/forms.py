"""Small forms for the tests, written as pyxform reads Markdown."""

from __future__ import annotations

from datetime import UTC, datetime

from pyxform.xls2xform import convert

from conversations.survey.case import Case
from conversations.survey.form import Form
from conversations.survey.interpreter import Spot, Walk
from conversations.survey.xform import compile_form

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def form(markdown: str, files: dict[str, bytes] | None = None) -> Form:
    """The compiled form of Markdown tables."""
    text = "\n".join(line.strip() for line in markdown.splitlines())
    if "| settings |" not in text:
        text += "\n| settings |\n| | form_id |\n| | test |\n"
    return compile_form(convert(text, file_type=".md", form_name="data").xform, files, "test-1")


class Walker:
    """Answers questions by their place, each step from the case's document."""

    def __init__(self, form: Form, locale: str = "en") -> None:
        self.form = form
        self.locale = locale
        self.document = Walk.start(form, "case-1", NOW, locale=locale).case.to_document()

    @property
    def walk(self) -> Walk:
        """A fresh step."""
        return Walk(self.form, Case.from_document(self.document), NOW, locale=self.locale)

    @property
    def at(self) -> str:
        """The mark of the question to answer, "" at the end."""
        spot = self.walk.current()
        return spot.mark if spot is not None else ""

    @property
    def values(self) -> dict[str, str]:
        """What the case says."""
        return self.walk.values()

    def spot(self, mark: str) -> Spot:
        """The place with this mark."""
        found = self.walk.find(mark)
        assert found is not None, f"{mark} is not there"
        return found

    def answer(self, mark: str, value: str) -> None:
        """Answer (or change) one question."""
        walk = self.walk
        found = walk.find(mark)
        assert found is not None, f"{mark} is not there"
        walk.answer(found, value)
        self.document = walk.case.to_document()

    def answers(self, **values: str) -> None:
        """Answer several top questions."""
        for name, value in values.items():
            self.answer(name, value)

    def skip(self, mark: str) -> None:
        """Skip one question."""
        walk = self.walk
        walk.skip(self.spot(mark))
        self.document = walk.case.to_document()

    def label(self, mark: str) -> str:
        """The words of a question."""
        return self.walk.label(self.spot(mark))

    def names(self, mark: str) -> list[str]:
        """The names of its choices."""
        return [option.name for option in self.walk.options(self.spot(mark))]
