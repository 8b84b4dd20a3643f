"""Everything a citizen reads that is not content: gettext catalogues in mn, en and kk.

Message ids are keys ("menu.title"); `en` says what each means. Kazakh falls back to
Mongolian, Mongolian to English, so nobody ever reads a key.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("mn", "en", "kk")
FALLBACK = {"kk": "mn", "mn": "en"}


@cache
def catalogue(locale: str) -> gettext.GNUTranslations:
    """The compiled catalogue of `locale`, read from its `.po` file once."""
    path = Path(__file__).parent / locale / "LC_MESSAGES" / "onoo.po"
    with path.open("rb") as source:
        messages = read_po(source, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def text(locale: str, key: str, **values: Any) -> str:
    """The words for `key` in `locale`, with `{name}` replaced by `values`.

    Raises KeyError when no language knows the key: a defect that the tests catch.
    """
    language: str | None = locale if locale in LOCALES else "mn"
    while language:
        words = catalogue(language).gettext(key)
        if words != key:
            return words.format_map(values) if values else words
        language = FALLBACK.get(language)
    raise KeyError(key)
