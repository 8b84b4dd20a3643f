"""Personal data hidden from those who read what citizens typed."""

from __future__ import annotations

import re

_HIDDEN = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[mail]"),
    (re.compile(r"(?:https?://|www\.|t\.me/|m\.me/)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"(?<!\w)@\w{4,}"), "[name]"),
    # Civil registration number: two letters and eight digits, with or without spaces.
    (re.compile(r"(?<!\w)[а-яёөүa-z]{2}\s?\d{8}(?!\d)", re.IGNORECASE), "[register]"),
    # Eight-digit telephone numbers, grouped in any way, with or without +976.
    (re.compile(r"(?<!\d)(?:\+?976[\s-]?)?(?:\d[\s-]?){8}(?!\d)"), "[phone] "),
    (re.compile(r"\d{5,}"), "[number]"),
    (
        re.compile(
            r"(намайг|намаиг|namaig|миний нэр|minii ner|нэр минь|ner min)\s+"
            r"[\w.-]+(?:\s+[\w.-]+)??(?=\s+(?:гэдэг|гэдг|gedeg|gdg|бол|bol)\b|[.,!?]|$)",
            re.IGNORECASE,
        ),
        r"\1 [name]",
    ),
)

_DIGITS = re.compile(r"(?:\d[\s-]?){5}")


def may_name(text: str) -> bool:
    """Whether any of the patterns can match at all: a quick look that spares most texts them."""
    if "@" in text or "/" in text or _DIGITS.search(text):
        return True
    low = text.lower()
    return any(mark in low for mark in ("www.", "нама", "nama", "нэр", "ner"))


def mask(text: str) -> str:
    """`text` without mail addresses, links, handles, register and telephone numbers, names.

    Names are only seen where people introduce themselves: no list of names is complete,
    so whoever reads masked text is still bound to secrecy.
    """
    if may_name(text):
        for pattern, shown in _HIDDEN:
            text = pattern.sub(shown, text)
    return " ".join(text.split())
