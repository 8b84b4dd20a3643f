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
