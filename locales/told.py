"""Words that travel: said in English where nobody asks, and in a reader's language later."""

from __future__ import annotations

from typing import Any

from locales import text


class Told(str):
    """The words for `key`; as a string they are English, for logs and the command line.

    Raises KeyError for a key that no language knows.
    """

    __slots__ = ("key", "values")

    def __new__(cls, key: str, **values: Any) -> Told:
        """Say `key` with its `values`, which may be `Told` themselves."""
        made = super().__new__(cls, text("en", key, **values))
        made.key, made.values = key, values
        return made

    key: str
    values: dict[str, Any]

    def words(self, locale: str) -> str:
        """The same in `locale`."""
        return text(locale, self.key, **{n: in_words(v, locale) for n, v in self.values.items()})


def in_words(value: Any, locale: str) -> Any:
    """`value` in `locale`, where it is words that travel; else as it is."""
    return value.words(locale) if isinstance(value, Told) else value


def on_its_way(words: str) -> str | dict[str, Any]:
    """Words as a document, so that whoever reads them may choose the language."""
    if not isinstance(words, Told):
        return words
    return {"key": words.key, "values": {n: _packed(v) for n, v in words.values.items()}}


def arrived(document: str | dict[str, Any]) -> str:
    """The words that `on_its_way` made a document of."""
    if isinstance(document, str):
        return document
    values = {n: arrived(v) if isinstance(v, dict) else v for n, v in document["values"].items()}
    return Told(document["key"], **values)


def _packed(value: Any) -> Any:
    return on_its_way(value) if isinstance(value, Told) else value
