"""The scorecard of a facility and round on one page, to print for the meeting: PDF and PNG.

Citizens, provider and meeting stand side by side; what is withheld is a dash. The same result
always gives the same bytes.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from campaigns.commitments import Commitment
from campaigns.outline import SCALE, Labels
from campaigns.results import FacilityResult, Group, Indicator
from content.fonts import small_family
from content.suppression import MINIMUM
from content.wording import day
from locales import text

WIDTH, HEIGHT, DPI = 8.27, 11.69, 110
COLOURS = ("#C0392B", "#E08A1E", "#C9C9C9", "#7FB07F", "#2E7D4F")
INK, GREY, BRAND = "#1A1A1E", "#666666", "#1B5B8E"
DASH = "–"
UNTOLD = "refused"
"""The choice of those who would rather not say: no group to compare."""
MOST_COMMITMENTS = 5
COLUMNS = {"citizens": 0.655, "change": 0.735, "provider": 0.83, "meeting": 0.93}


def scorecard_pdf(
    result: FacilityResult, facility: str, commitments: Sequence[Commitment], locale: str
) -> bytes:
    """The page as PDF; slow, so run it in a thread."""
    return _drawn(result, facility, commitments, locale, "pdf")


def scorecard_png(
    result: FacilityResult, facility: str, commitments: Sequence[Commitment], locale: str
) -> bytes:
    """The page as PNG, 910 pixels across; slow, so run it in a thread."""
    return _drawn(result, facility, commitments, locale, "png")


def _drawn(
    result: FacilityResult,
    facility: str,
    commitments: Sequence[Commitment],
    locale: str,
    kind: str,
) -> bytes:
    target = io.BytesIO()
    metadata = {"CreationDate": None, "ModDate": None} if kind == "pdf" else {"Software": None}
    how: dict[Any, Any] = {
        "pdf.fonttype": 42,
        "svg.hashsalt": "onoo",
        "font.family": small_family(),
    }
    with rc_context(how):
        page = _page(result, facility, commitments, locale)
        page.savefig(target, format=kind, metadata=metadata)
    return target.getvalue()


def _page(
    result: FacilityResult, facility: str, commitments: Sequence[Commitment], locale: str
) -> Figure:
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.axis("off")
    y = _heading(axes, result, facility, locale)
    y = _indicators(axes, result, locale, y)
    y = _groups(axes, result, locale, y)
    y = _themes(axes, result, locale, y)
    _commitments(axes, commitments, locale, y)
    few = text(locale, "scorecard.few", least=MINIMUM)
    axes.text(0.06, 0.025, few, fontsize=7, color=GREY)
    return figure


def _heading(axes: Axes, result: FacilityResult, facility: str, locale: str) -> float:
    title = text(locale, "scorecard.title")
    axes.text(0.06, 0.955, title, fontsize=11, color=BRAND, fontweight="bold")
    name = "\n".join(textwrap.wrap(facility, 46)[:2])
    axes.text(0.06, 0.943, name, fontsize=17, color=INK, fontweight="bold", va="top")
    shown = DASH if result.n is None else str(result.n)
    facts = f"{_in(result.title, locale)}  ·  {day(result.at.date(), locale)}  ·  " + text(
        locale, "scorecard.answered", n=shown
    )
    below = 0.905 if "\n" not in name else 0.88
    axes.text(0.06, below, facts, fontsize=9, color=GREY, va="top")
    return below - 0.035


def _indicators(axes: Axes, result: FacilityResult, locale: str, y: float) -> float:
    for name, x in COLUMNS.items():
        heading = text(locale, f"scorecard.{name}")
        axes.text(x, y, heading, fontsize=7.5, color=GREY, ha="center")
    axes.text(0.45, y, text(locale, "scorecard.scale"), fontsize=7, color=GREY, ha="center")
    step = min(0.034, 0.5 / max(1, len(result.indicators)))
    y -= 0.024
    for each in result.indicators:
        _indicator(axes, each, locale, y, step)
        y -= step
    return y - 0.012


def _indicator(axes: Axes, each: Indicator, locale: str, y: float, step: float) -> None:
    label = "\n".join(textwrap.wrap(_in(each.label, locale), 36)[:2])
    axes.text(0.06, y, label, fontsize=8, color=INK, va="center", linespacing=0.95)
    _distribution(axes, each, y, step)
    bold: dict[str, Any] = {"fontsize": 11, "fontweight": "bold", "color": INK}
    axes.text(COLUMNS["citizens"], y, _number(each.mean), ha="center", va="center", **bold)
    change = DASH if each.change is None else f"{each.change:+.1f}"
    colour = GREY if each.change is None else COLOURS[0] if each.change < 0 else COLOURS[4]
    small: dict[str, Any] = {"fontsize": 8.5, "ha": "center", "va": "center"}
    axes.text(COLUMNS["change"], y, change, color=colour, **small)
    axes.text(COLUMNS["provider"], y, _number(each.provider), color=INK, **small)
    axes.text(COLUMNS["meeting"], y, _number(each.meeting), color=INK, **small)
    axes.plot([0.06, 0.96], [y - step / 2, y - step / 2], color="#E6E6E6", linewidth=0.6)


def _distribution(axes: Axes, each: Indicator, y: float, step: float) -> None:
    """A bar of how many gave each score; with any of it withheld, only where the mean lies."""
    left, width, tall = 0.36, 0.24, step * 0.42
    counts = [each.distribution.get(score) for score in SCALE]
    if each.n and all(count is not None for count in counts):
        at = left
        for count, colour in zip(counts, COLOURS, strict=True):
            part = width * (count or 0) / each.n
            axes.barh(y, part, tall, left=at, color=colour)
            at += part
        return
    axes.barh(y, width, tall, left=left, color="#EEEEEE")
    if each.mean is not None:
        axes.plot([left + width * (each.mean - 1) / 4], [y], marker="o", color=BRAND, markersize=5)


def _groups(axes: Axes, result: FacilityResult, locale: str, y: float) -> float:
    shown = [g for g in result.groups if g.mean is not None and g.value != UNTOLD]
    if not shown:
        return y
    axes.text(0.06, y, text(locale, "scorecard.groups"), fontsize=9, fontweight="bold")
    words = []
    for name in dict.fromkeys(group.dimension for group in shown):
        parts = [_group(group, locale) for group in shown if group.dimension == name]
        words.append(f"{text(locale, f'results.group.{name}')}: {', '.join(parts)}")
    lines = [textwrap.shorten(line, 120, placeholder="…") for line in words]
    axes.text(0.06, y - 0.012, "\n".join(lines), fontsize=7.5, color=INK, va="top")
    return y - 0.03 - 0.013 * len(lines)


def _group(group: Group, locale: str) -> str:
    return f"{_in(group.label, locale)} {_number(group.mean)} ({group.n})"


def _themes(axes: Axes, result: FacilityResult, locale: str, y: float) -> float:
    if not result.themes:
        return y
    axes.text(0.06, y, text(locale, "scorecard.themes"), fontsize=9, fontweight="bold")
    lines = [line for theme in result.themes for line in textwrap.wrap(f"• {theme}", 105)[:2]]
    axes.text(0.06, y - 0.012, "\n".join(lines), fontsize=8, color=INK, va="top")
    return y - 0.03 - 0.0135 * len(lines)


def _commitments(axes: Axes, commitments: Sequence[Commitment], locale: str, y: float) -> None:
    if not commitments:
        return
    axes.text(0.06, y, text(locale, "scorecard.commitments"), fontsize=9, fontweight="bold")
    y += 0.006
    for each in commitments[:MOST_COMMITMENTS]:
        y -= 0.034
        if y < 0.06:
            return
        status = text(locale, f"commitments.status.{each.status}")
        due = day(each.due, locale) if each.due else DASH
        words = textwrap.shorten(f"• {each.action}", 95, placeholder="…")
        axes.text(0.06, y, words, fontsize=8, color=INK)
        whose = textwrap.shorten(f"{each.who} · {due}", 110, placeholder="…")
        axes.text(0.068, y - 0.013, whose, fontsize=7.5, color=GREY)
        axes.text(0.96, y, status, fontsize=8, color=BRAND, ha="right")


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.1f}"


def _in(labels: Labels, locale: str) -> str:
    return labels.get(locale) or labels.get("mn") or next(iter(labels.values()), "")
