"""What can't be done with a campaign, said in the language of whoever asked for it."""

from __future__ import annotations

from typing import Any

from locales import text


class Word(str):
    """A value that is itself a key: a status, say, in the reader's language."""

    __slots__ = ()


class Refusal(Exception):
    """What was asked of a campaign can't be done; its words say why and what would help.

    `key` names the words in `locales`; `str` gives them in English, for logs and commands.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self._values = values
        super().__init__(self.words("en"))

    def words(self, locale: str) -> str:
        """Why, and what would help, in `locale`."""
        return text(locale, self.key, **{n: _said(locale, v) for n, v in self._values.items()})


def _said(locale: str, value: Any) -> Any:
    if isinstance(value, Word):
        return text(locale, str(value))
    if isinstance(value, list | tuple):
        return ", ".join(str(_said(locale, each)) for each in value)
    return value


def status_word(status: str) -> Word:
    """A campaign's status, for a refusal's words."""
    return Word(f"console.campaign.{status}")


def commitment_word(status: str) -> Word:
    """A commitment's status, for a refusal's words."""
    return Word(f"commitments.status.{status}")
