"""A report as a page (HTML, whole in itself) and as PDF."""

from __future__ import annotations

import base64
import io
from html import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from analytics.report import Grid, Report, Section
from content.fonts import BOLD, REGULAR

STYLE = """body{font:16px/1.5 'DejaVu Sans',sans-serif;color:#1b1b1b;margin:0}
main{max-width:48rem;margin:auto;padding:1rem}h1{font-size:1.6rem}h2{margin-top:2rem}
div{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;min-width:60%}
th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}
td+td,th+th{text-align:right}figure{margin:1rem 0}img{max-width:100%}
@media print{h2{break-after:avoid}table,figure{break-inside:avoid}}"""


def as_html(report: Report) -> str:
    """One page with everything in it."""
    parts = [
        f'<!doctype html><html lang="{escape(report.locale)}"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(report.title)}</title><style>{STYLE}</style>",
        f"<main><h1>{escape(report.title)}</h1>",
    ]
    for section in report.sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [f"<p>{escape(words)}</p>" for words in section.words]
        for title, picture in section.pictures:
            data = base64.b64encode(picture).decode()
            words = escape(title)
            parts.append(
                f'<figure><img alt="{words}" src="data:image/png;base64,{data}">'
                f"<figcaption>{words}</figcaption></figure>"
            )
        parts += [_html_grid(grid) for grid in section.grids]
    return "".join([*parts, "</main></html>\n"])


def _html_grid(grid: Grid) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in grid.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in grid.rows
    )
    return f"<div><table><tr>{head}</tr>{rows}</table></div>"


def as_pdf(report: Report) -> bytes:
    """The same on A4; the same report always gives the same bytes."""
    pdfmetrics.registerFont(TTFont("OnooSans", str(REGULAR)))
    pdfmetrics.registerFont(TTFont("OnooSans-Bold", str(BOLD)))
    plain = ParagraphStyle("plain", fontName="OnooSans", fontSize=9.5, leading=14, spaceAfter=5)
    heading = ParagraphStyle(
        "heading", parent=plain, fontName="OnooSans-Bold", fontSize=13, leading=18, spaceBefore=10
    )
    title = ParagraphStyle("title", parent=heading, fontSize=17, leading=23)
    story = [Paragraph(escape(report.title), title)]
    for section in report.sections:
        story += _pdf_section(section, plain, heading)
    target = io.BytesIO()
    margin = 18 * mm
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=margin, rightMargin=margin, topMargin=margin,
        bottomMargin=margin, title=report.title, lang=report.locale, invariant=1,
    )  # fmt: skip
    document.build(story)
    return target.getvalue()


def _pdf_section(section: Section, plain: ParagraphStyle, heading: ParagraphStyle) -> list[object]:
    width = A4[0] - 36 * mm
    small = ParagraphStyle("small", parent=plain, fontSize=8, leading=10.5, spaceAfter=0)
    story: list[object] = [Paragraph(escape(section.title), heading)]
    story += [Paragraph(escape(words), plain) for words in section.words]
    for words, picture in section.pictures:
        wide, high = ImageReader(io.BytesIO(picture)).getSize()
        shown = min(width, wide * 0.48)
        height = min(shown * high / wide, 225 * mm)
        story.append(Image(io.BytesIO(picture), height * wide / high, height))
        story.append(Paragraph(escape(words), small))
    for grid in section.grids:
        cells = [
            [Paragraph(escape(cell), small) for cell in row] for row in (grid.head, *grid.rows)
        ]
        first = 0.4 if len(grid.head) > 2 else 0.6
        rest = (1 - first) / (len(grid.head) - 1)
        table = Table(cells, [width * first, *[width * rest] * (len(grid.head) - 1)], repeatRows=1)
        table.setStyle(
            TableStyle(
                [
                    ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey),
                    ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            )
        )
        story += [Spacer(1, 3 * mm), table, Spacer(1, 3 * mm)]
    return story
