"""Codes in words, for people who read a report: dispositions, channels, places, questions."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.questions import place_of
from content.wording import place_name
from locales import text

LONGEST = 60
"""Letters of a question beside its bar."""


class Naming:
    """Names in the reader's language; a code that has none stays as it is."""

    def __init__(
        self, locale: str, facilities: Mapping[str, str], questions: Mapping[str, str]
    ) -> None:
        self._locale = locale
        self._facilities = facilities
        self._questions = questions

    def disposition(self, code: str) -> str:
        """What became of an invitation."""
        return self._said(f"console.disposition.{code}", code)

    def value(self, column: str, code: str) -> str:
        """A value of a column that Onoo notes about each case."""
        match column:
            case "channel":
                return self._said(f"console.channel.{code}", code)
            case "locale":
                return self._said(f"console.language.{code}", code)
            case "facility":
                return self._facilities.get(code, code)
            case "place":
                return self._place(code)
        return code

    def question(self, node: str) -> str:
        """The question at a place of the form, shortened."""
        words = self._questions.get(place_of(node.rstrip("+"))[0], node)
        return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"

    def _said(self, key: str, code: str) -> str:
        try:
            return text(self._locale, key)
        except KeyError:
            return code

    def _place(self, code: str) -> str:
        try:
            return place_name(code, self._locale)
        except KeyError:
            return code
