"""The `.po` files on disk: reading, and writing so that unchanged words give unchanged bytes."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

FOLDER = Path(__file__).parent
SOURCE = "en"
"""The language that says what each key means; translators see it beside theirs."""

KEYWORD = r"(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?"
LINE = re.compile(rf'#.*|{KEYWORD}"(?:[^"\\]|\\.)*"')
"""A line of a `.po` file, as Babel does not insist on: it drops letters in silence instead."""


class BadCatalogue(Exception):
    """A `.po` file that can't be read; the message says which, where and why."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `said` maps each translated key to its words, `keys` holds all keys.

    A translation marked fuzzy (unsure) counts as none: it is not shown to citizens either.
    """

    locale: str
    said: dict[str, str]
    keys: frozenset[str]
    fuzzy: frozenset[str]
    doubled: tuple[str, ...]


def path_of(locale: str, folder: Path = FOLDER) -> Path:
    """Where the words of `locale` are."""
    return folder / locale / "LC_MESSAGES" / "onoo.po"


def read(locale: str, folder: Path = FOLDER) -> Catalog:
    """The catalogue of `locale`; raises BadCatalogue where it is not well-formed."""
    path = path_of(locale, folder)
    try:
        content = path.read_bytes()
        for number, line in enumerate(content.decode().splitlines(), 1):
            if line.strip() and not LINE.fullmatch(line.strip()):
                raise BadCatalogue(f"{path}:{number}: not a line of a .po file: {line[:60]}")
        return read_po(io.BytesIO(content), locale=locale, abort_invalid=True)
    except PoFileError as error:
        raise BadCatalogue(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise BadCatalogue(f"{path}: byte {error.start} is no UTF-8: save it as UTF-8") from error
    except FileNotFoundError as error:
        raise BadCatalogue(f"{path} is missing") from error


def words(locale: str, folder: Path = FOLDER) -> Words:
    """What `locale` says, as citizens would read it; raises BadCatalogue."""
    catalogue = read(locale, folder)
    messages = {str(message.id): message for message in catalogue if message.id}
    fuzzy = frozenset(key for key, message in messages.items() if message.fuzzy)
    said = {
        key: str(message.string)
        for key, message in messages.items()
        if message.string and key not in fuzzy
    }
    return Words(locale, said, frozenset(messages), fuzzy, _doubled(path_of(locale, folder)))


def _doubled(path: Path) -> tuple[str, ...]:
    """Keys written twice: readers of `.po` files take one of them and drop the other."""
    written = re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)
    return tuple(sorted(key for key, times in Counter(written).items() if times > 1))


def written(catalogue: Catalog) -> bytes:
    """The bytes of the `.po` file: sorted by key, long lines whole."""
    target = io.BytesIO()
    write_po(target, catalogue, width=0, sort_output=True)
    return target.getvalue().rstrip(b"\n") + b"\n"


def replace(path: Path, content: bytes) -> bool:
    """Put `content` in place of the file at once; False if that changes nothing."""
    if path.exists() and path.read_bytes() == content:
        return False
    beside = path.with_suffix(".po.new")
    beside.write_bytes(content)
    os.replace(beside, path)
    return True
