"""OpenRosa's functions on strings."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from functools import lru_cache
from typing import Any

from conversations.survey.context import Context
from conversations.survey.functions.arguments import integer, texts
from conversations.survey.grammar import register
from conversations.survey.values import ExpressionError, node_text, to_number, to_string

MAX_SUBJECT = 2000
"""Characters of an answer that regex() looks at, so that a careless pattern stays cheap."""


@lru_cache(maxsize=512)
def _pattern(source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        raise ExpressionError(f"not a regular expression: {source!r} ({error})") from None


def _regex(context: Context, text: Any, pattern: Any) -> bool:
    subject = to_string(text)
    compiled = _pattern(to_string(pattern))
    return len(subject) <= MAX_SUBJECT and compiled.fullmatch(subject) is not None


def _subject(context: Context, values: tuple[Any, ...]) -> str:
    return to_string(values[0]) if values else node_text(context.item)  # type: ignore[arg-type]


def _substring(context: Context, text: Any, start: Any, length: Any = None) -> str:
    begin = _half_up(to_number(start, context.env.zone))
    end = math.inf
    if length is not None:
        end = begin + _half_up(to_number(length, context.env.zone))
    return "".join(
        character for place, character in enumerate(to_string(text), 1) if begin <= place < end
    )


def _half_up(number: float) -> float:
    return number if math.isnan(number) or math.isinf(number) else math.floor(number + 0.5)


def _substr(context: Context, text: Any, start: Any, end: Any = None) -> str:
    stop = None if end is None else integer(context, end)
    return to_string(text)[integer(context, start) : stop]


def _before(context: Context, text: Any, mark: Any) -> str:
    head, found, _ = to_string(text).partition(to_string(mark)) if to_string(mark) else ("", "", "")
    return head if found else ""


def _after(context: Context, text: Any, mark: Any) -> str:
    if not to_string(mark):
        return to_string(text)
    return to_string(text).partition(to_string(mark))[2]


def _translate(context: Context, text: Any, old: Any, new: Any) -> str:
    olds, news = to_string(old), to_string(new)
    table: dict[int, str | None] = {}
    for place, character in enumerate(olds):
        table.setdefault(ord(character), news[place] if place < len(news) else None)
    return to_string(text).translate(table)


def _digest(context: Context, text: Any, algorithm: Any, encoding: Any = "base64") -> str:
    name = to_string(algorithm).lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512"):
        raise ExpressionError("digest() knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512")
    digest = hashlib.new(name, to_string(text).encode(), usedforsecurity=False).digest()
    return digest.hex() if to_string(encoding) == "hex" else base64.b64encode(digest).decode()


def _base64_decode(context: Context, text: Any) -> str:
    try:
        return base64.b64decode(to_string(text), validate=False).decode("utf-8", "replace")
    except ValueError:
        return ""


def _normalize_space(context: Context, *values: Any) -> str:
    return re.sub(r"[ \t\r\n]+", " ", _subject(context, values)).strip(" ")


register("string", 0, 1, lambda context, *values: _subject(context, values))
register("concat", 0, None, lambda context, *values: "".join(texts(values)))
register("join", 1, None, lambda context, mark, *values: to_string(mark).join(texts(values)))
register("string-length", 0, 1, lambda context, *values: float(len(_subject(context, values))))
register("normalize-space", 0, 1, _normalize_space)
register("contains", 2, 2, lambda context, text, part: to_string(part) in to_string(text))
register(
    "starts-with", 2, 2, lambda context, text, part: to_string(text).startswith(to_string(part))
)
register("ends-with", 2, 2, lambda context, text, part: to_string(text).endswith(to_string(part)))
register("substring", 2, 3, _substring)
register("substr", 2, 3, _substr)
register("substring-before", 2, 2, _before)
register("substring-after", 2, 2, _after)
register("translate", 3, 3, _translate)
register("regex", 2, 2, _regex)
register("digest", 2, 3, _digest)
register("base64-decode", 1, 1, _base64_decode)
register("uuid", 0, 1, lambda context, *length: _uuid(context, *length))


def _uuid(context: Context, length: Any = None) -> str:
    if length is None:
        digits = f"{context.env.random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    count = max(0, min(integer(context, length), 256))
    return "".join(context.env.random.choice(alphabet) for _ in range(count))
