"""Bar and line charts for the chat: PNG, readable on a small phone, Mongolian letters right.

The same chart always gives the same bytes, and the last ones drawn are kept.
"""

from __future__ import annotations

import io
import textwrap
from functools import lru_cache

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from content.charts import Chart
from content.wording import money_about, money_in, money_unit

WIDTH, DPI = 4.0, 180
"""720 pixels across: sharp on a phone, and light enough for a slow link (under 60 kB). In a
chat bubble a point of type is then about a CSS pixel: nothing to be read is under 9."""
PLAN, DONE, OTHER = "#9DB8D9", "#1F5AA6", "#E08A1E"
COLOURS = (PLAN, DONE, OTHER)
KEPT = 64
"""Pictures kept in memory, about 30 kB each."""
WRAP = 18
TITLE = 38

rcParams["font.family"] = "DejaVu Sans"


@lru_cache(maxsize=KEPT)
def draw(chart: Chart) -> bytes:
    """The chart as PNG; raises ValueError for an unknown kind or series of unequal length."""
    if any(len(series.values) != len(chart.labels) for series in chart.series):
        raise ValueError("every series must have one value a label")
    height = 1.2 + 0.45 * len(chart.labels) if chart.kind == "bars" else 3.3
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes(_box(chart, height))
    match chart.kind:
        case "bars":
            _bars(axes, chart)
        case "groups":
            _groups(axes, chart)
        case "line":
            _line(axes, chart)
        case other:
            raise ValueError(f"no chart of kind {other!r}; use bars, groups or line")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    title = "\n".join(textwrap.wrap(chart.title, TITLE)[:2])
    figure.text(0.03, 1 - 0.1 / height, title, fontsize=10.5, fontweight="bold", va="top")
    figure.text(0.03, 0.1 / height, textwrap.shorten(chart.note, 58), fontsize=8, color="#555555")
    if chart.warning:
        figure.text(
            *(0.5, 0.5, chart.warning),
            fontsize=22,
            color="#C00000",
            alpha=0.35,
            rotation=20,
            ha="center",
            va="center",
        )
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _box(chart: Chart, height: float) -> tuple[float, float, float, float]:
    """Where the axes stand, in parts of the figure: room for title, labels and note."""
    left = 0.4 if chart.kind == "bars" else 0.05
    bottom = (0.32 if chart.kind == "bars" else 0.58) / height
    top = 0.6 / height
    return left, bottom, 0.95 - left, 1 - bottom - top


def _bars(axes: Axes, chart: Chart) -> None:
    values = [value or 0 for value in chart.series[0].values]
    places = range(len(values))
    axes.barh(list(places), values, color=DONE, height=0.6)
    axes.invert_yaxis()
    labels = ["\n".join(textwrap.wrap(label, WRAP)[:2]) for label in chart.labels]
    axes.set_yticks(list(places), labels, fontsize=9)
    axes.set_xlim(0, max([*values, 1]) * 1.7)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for at, value in zip(places, values, strict=True):
        axes.text(value, at, f" {money_about(value, chart.locale)}", va="center", fontsize=9.5)


def _groups(axes: Axes, chart: Chart) -> None:
    width = 0.8 / len(chart.series)
    highest = max([value or 0 for series in chart.series for value in series.values] + [1])
    for number, series in enumerate(chart.series):
        at = [place + (number - (len(chart.series) - 1) / 2) * width for place in _range(chart)]
        heights = [value or 0 for value in series.values]
        axes.bar(at, heights, width * 0.94, color=COLOURS[number % 3], label=series.name)
        for x, value in zip(at, series.values, strict=True):
            if value is not None:
                words = money_in(value, highest)
                axes.text(x, value + highest * 0.01, words, ha="center", va="bottom", fontsize=10)
    axes.set_ylim(0, highest * 1.35)
    _finish(axes, chart, highest)


def _line(axes: Axes, chart: Chart) -> None:
    highest = max([value or 0 for series in chart.series for value in series.values] + [1])
    for number, series in enumerate(chart.series):
        points = [
            (x, y) for x, y in zip(_range(chart), series.values, strict=True) if y is not None
        ]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        colour = COLOURS[(number + 1) % 3]
        axes.plot(xs, ys, marker="o", linewidth=2.5, color=colour, label=series.name)
        for x, y in points:
            axes.text(x, y + highest * 0.04, money_in(y, highest), ha="center", fontsize=10)
    axes.set_ylim(0, highest * 1.35)
    axes.set_xlim(-0.5, len(chart.labels) - 0.5)
    _finish(axes, chart, highest)


def _range(chart: Chart) -> list[int]:
    return list(range(len(chart.labels)))


def _finish(axes: Axes, chart: Chart, highest: int) -> None:
    """Years below, the unit of all figures and what the colours mean above."""
    axes.set_xticks(_range(chart), list(chart.labels), fontsize=10)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0)
    unit = money_unit(highest, chart.locale)
    axes.text(1, 0.97, unit, transform=axes.transAxes, ha="right", va="top", fontsize=9)
    if len(chart.series) > 1:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(-0.03, 1.03),
            fontsize=9,
            frameon=False,
            ncols=2,
            columnspacing=1,
            handlelength=1.2,
        )
