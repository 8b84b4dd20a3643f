"""A poster with the QR codes that lead into a campaign, to hang where a service is given."""

from __future__ import annotations

import io
from functools import cache

import segno
from reportlab.lib.pagesizes import A4, A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from campaigns.links import Link
from content.fonts import BOLD, REGULAR
from locales import text

SIZES = {"A4": A4, "A5": A5}
NAMES = {"telegram": "Telegram", "messenger": "Messenger"}
"""What channels call themselves, in every language."""
INK, BRAND = (0.1, 0.1, 0.12), (0.12, 0.35, 0.65)


@cache
def _fonts() -> tuple[str, str]:
    pdfmetrics.registerFont(TTFont("OnooSans", str(REGULAR)))
    pdfmetrics.registerFont(TTFont("OnooSans-Bold", str(BOLD)))
    return "OnooSans", "OnooSans-Bold"


def poster(link: Link, title: str, facility: str, locale: str, size: str = "A4") -> bytes:
    """One page as PDF: the survey's title, the facility, a code a channel, the address below.

    Raises ValueError for a size other than A4 or A5. The same poster gives the same bytes.
    """
    if size not in SIZES:
        raise ValueError(f"{size!r} is no size of a poster; use A4 or A5")
    width, height = SIZES[size]
    unit = width / 100
    regular, bold = _fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width, height), invariant=1)
    canvas.setTitle(f"{title}: {facility}" if facility else title)
    canvas.setFillColorRGB(*BRAND)
    canvas.rect(0, height - 26 * unit, width, 26 * unit, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    _centred(canvas, text(locale, "poster.title"), width, height - 13 * unit, bold, 7 * unit)
    _centred(canvas, facility or title, width, height - 21 * unit, regular, 4 * unit)
    canvas.setFillColorRGB(*INK)
    below = height - 35 * unit
    if facility:
        _centred(canvas, title, width, below, bold, 4 * unit)
    _centred(canvas, text(locale, "poster.scan"), width, below - 7 * unit, regular, 4 * unit)
    _codes(canvas, link, locale, width, below - 12 * unit)
    _centred(canvas, text(locale, "poster.small"), width, 6 * unit, regular, 2.3 * unit)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _codes(canvas: Canvas, link: Link, locale: str, width: float, top: float) -> None:
    """The channels' codes: one large, or side by side."""
    regular, bold = _fonts()
    unit = width / 100
    shown = list(link.addresses.items())
    side = min(46.0, 84.0 / len(shown) - 3) * unit
    gap = (width - side * len(shown)) / (len(shown) + 1)
    for number, (channel, address) in enumerate(shown):
        left = gap + number * (side + gap)
        _code(canvas, address, left, top - side, side)
        name = NAMES.get(channel) or text(locale, "poster.web")
        middle = left + side / 2
        canvas.setFont(bold, 3.4 * unit)
        canvas.drawCentredString(middle, top - side - 5 * unit, name)
        words = address.removeprefix("https://").removeprefix("http://")
        fitting = min(2.1 * unit, (side + gap * 0.8) / max(1, len(words)) * 1.6)
        canvas.setFont(regular, fitting)
        canvas.drawCentredString(middle, top - side - 8.5 * unit, words)
        canvas.linkURL(address, (left, top - side, left + side, top))


def _code(canvas: Canvas, address: str, left: float, bottom: float, side: float) -> None:
    """The QR code, its error correction M, as squares that stay sharp at any size."""
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    cell = side / len(rows)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                y = bottom + side - (down + 1) * cell
                canvas.rect(left + across * cell, y, cell * 1.02, cell * 1.02, stroke=0, fill=1)


def _centred(canvas: Canvas, words: str, width: float, y: float, font: str, size: float) -> None:
    """Words in the middle of the page, made smaller until they fit."""
    while pdfmetrics.stringWidth(words, font, size) > width * 0.92 and size > 4:
        size *= 0.95
    canvas.setFont(font, size)
    canvas.drawCentredString(width / 2, y, words)
