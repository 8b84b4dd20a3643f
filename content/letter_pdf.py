"""Letters as PDF, to print and sign."""

from __future__ import annotations

import io
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from content.fonts import BOLD, REGULAR
from content.letters import Letter, body, foot, head, title


@cache
def _fonts() -> tuple[str, str]:
    """The names of the registered regular and bold face."""
    pdfmetrics.registerFont(TTFont("OnooSans", str(REGULAR)))
    pdfmetrics.registerFont(TTFont("OnooSans-Bold", str(BOLD)))
    return "OnooSans", "OnooSans-Bold"


def as_pdf(letter: Letter) -> bytes:
    """The letter on A4, to print and sign; the same letter always gives the same bytes."""
    regular, bold = _fonts()
    plain = ParagraphStyle("plain", fontName=regular, fontSize=11, leading=16, spaceAfter=8)
    narrow = ParagraphStyle("head", parent=plain, spaceAfter=2)
    heading = ParagraphStyle(
        "title",
        parent=plain,
        fontName=bold,
        fontSize=14,
        leading=20,
        alignment=TA_CENTER,
        spaceAfter=14,
    )
    story = [Paragraph(escape(title(letter)), heading)]
    story += [Paragraph(escape(line), narrow) for line in head(letter)]
    story.append(Spacer(1, 6 * mm))
    story += [Paragraph(escape(line), plain) for line in body(letter)]
    story.append(Spacer(1, 8 * mm))
    story += [Paragraph(escape(line), plain) for line in foot(letter).splitlines()]
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=30 * mm,
        rightMargin=15 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title=title(letter),
        invariant=1,
    )
    document.build(story)
    return target.getvalue()
