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
INK, BRAND = (0.1, 0.1, 0.12), (0.106, 0.357, 0.557)
FOOT = 11
"""Hundredths of the width kept free below the codes."""


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
    _codes(canvas, link, locale, width, below - 10 * unit)
    _centred(canvas, text(locale, "poster.small"), width, 6 * unit, regular, 2.3 * unit)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _codes(canvas: Canvas, link: Link, locale: str, width: float, top: float) -> None:
    """A code a channel as large as the page allows: one in the middle, several in rows."""
    unit = width / 100
    shown = list(link.addresses.items())
    room = top - FOOT * unit
    if len(shown) == 1:
        _single(canvas, *shown[0], locale, width, room)
        return
    row = room / len(shown)
    side = min(row - 5 * unit, 46 * unit)
    for number, (channel, address) in enumerate(shown):
        bottom = top - number * row - (row + side) / 2
        _code(canvas, address, 8 * unit, bottom, side)
        left, middle = 8 * unit + side + 5 * unit, bottom + side / 2
        _beside(canvas, channel, address, locale, (left, middle, width - left - 6 * unit))


def _single(
    canvas: Canvas, channel: str, address: str, locale: str, width: float, room: float
) -> None:
    regular, bold = _fonts()
    unit = width / 100
    side = min(68 * unit, room - 14 * unit)
    bottom = FOOT * unit + (room + 12 * unit - side) / 2
    _code(canvas, address, (width - side) / 2, bottom, side)
    _centred(canvas, _name(channel, locale), width, bottom - 6 * unit, bold, 5 * unit)
    _centred(canvas, _typed(address), width, bottom - 10.5 * unit, regular, 2.8 * unit)


def _beside(
    canvas: Canvas, channel: str, address: str, locale: str, place: tuple[float, float, float]
) -> None:
    """What a code is for, and what to type without a camera; `place` is left, middle, width."""
    regular, bold = _fonts()
    left, middle, room = place
    size = room / 8
    canvas.setFont(bold, size)
    canvas.drawString(left, middle + size * 0.15, _name(channel, locale))
    words, small = _typed(address), size * 0.5
    while pdfmetrics.stringWidth(words, regular, small) > room and small > 4:
        small *= 0.95
    canvas.setFont(regular, small)
    canvas.drawString(left, middle - size * 0.75, words)


def _name(channel: str, locale: str) -> str:
    return NAMES.get(channel) or text(locale, "poster.web")


def _typed(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://")


def _code(canvas: Canvas, address: str, left: float, bottom: float, side: float) -> None:
    """The QR code, its error correction M, as squares that stay sharp at any size."""
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    cell = side / len(rows)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                y = bottom + side - (down + 1) * cell
                canvas.rect(left + across * cell, y, cell * 1.02, cell * 1.02, stroke=0, fill=1)
    canvas.linkURL(address, (left, bottom, left + side, bottom + side))


def _centred(canvas: Canvas, words: str, width: float, y: float, font: str, size: float) -> None:
    """Words in the middle of the page, made smaller until they fit."""
    while pdfmetrics.stringWidth(words, font, size) > width * 0.92 and size > 4:
        size *= 0.95
    canvas.setFont(font, size)
    canvas.drawCentredString(width / 2, y, words)
