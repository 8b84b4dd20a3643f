"""Charts of reports: PNG that reads in print and on a phone, with Mongolian letters."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, BAR, LINE = "#1b1b1b", "#2f6f9f", "#b04a1f"
WIDTH, LETTERS = 6.4, 30


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    low: Sequence[float | None] = (),
    high: Sequence[float | None] = (),
    limits: tuple[float, float] | None = None,
    pattern: str = "{:.2f}",
) -> bytes:
    """Lying bars, the first on top, with 95 % intervals where given; a PNG."""
    figure = Figure(figsize=(WIDTH, 0.9 + 0.42 * len(labels)), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(labels))
    axes.barh(places, values, color=BAR, height=0.6)
    for place, value in enumerate(values):
        below = low[place] if low else None
        above = high[place] if high else None
        end = value
        if below is not None and above is not None:
            axes.plot([below, above], [place, place], color=LINE, linewidth=2.5)
            end = max(value, above)
        axes.annotate(
            pattern.format(value), (end, place), (5, 0), textcoords="offset points",
            va="center", fontsize=9, color=INK,
        )  # fmt: skip
    axes.set_yticks(places, [textwrap.fill(label, LETTERS) for label in labels], fontsize=9)
    axes.invert_yaxis()
    if limits is not None:
        axes.set_xlim(*limits)
    axes.margins(x=0.14)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    target = io.BytesIO()
    # Without the moment and the version, the same figures give the same picture.
    figure.savefig(target, format="png", bbox_inches="tight", metadata={"Software": None})
    return target.getvalue()
