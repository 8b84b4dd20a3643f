"""Charts as inline SVG: bars, distributions and lines, each meant to stand beside its table.

Colours and letters come from the style sheet, so nothing here needs a style attribute, which
the pages' content policy would not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from content.wording import number

WIDTH = 440
ROW, BAR, FIGURES = 48, 14, 60
SHORT = 42
"""Characters of a label that fit above its bar; the table has the whole of it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` None where there is too little to show; `note` stands behind it."""

    label: str
    value: float | None
    note: str = ""
    mark: float | None = None


def _shape(name: str, content: str = "", /, **attributes: object) -> Markup:
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{given}>{content}</{name}>")  # noqa: S704 - all escaped  # nosec B704


def _text(words: str, x: float, y: float, kind: str, anchor: str = "start") -> Markup:
    return _shape("text", escape(words), x=x, y=y, class_=kind, text_anchor=anchor)


def _drawing(title: str, width: float, height: float, shapes: Sequence[Markup]) -> Markup:
    inside = Markup("").join([_shape("title", escape(title)), *shapes])
    return _shape(
        "svg",
        inside,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=title,
        class_="chart",
    )


def _short(label: str) -> str:
    return label if len(label) <= SHORT else label[: SHORT - 1].rstrip() + "…"


class Drawings:
    """Draws for readers of one language."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def _figure(self, value: float) -> str:
        if float(value).is_integer():
            return number(int(value), self._locale)
        return f"{value:.1f}"

    def bars(self, title: str, rows: Sequence[Bar], top: float | None = None) -> Markup:
        """Bars from nought to `top`, each under its label; a `mark` is a line across its bar."""
        values = [row.value for row in rows if row.value is not None]
        most = top or max([*values, 1])
        shapes: list[Markup] = []
        for index, row in enumerate(rows):
            shapes += self._bar(row, index * ROW, most)
        return _drawing(title, WIDTH, len(rows) * ROW, shapes)

    def _bar(self, row: Bar, y: float, most: float) -> list[Markup]:
        room, top = WIDTH - FIGURES, y + 22
        shapes = [
            _text(_short(row.label), 0, y + 15, "chart-label"),
            _shape("rect", x=0, y=top, width=room, height=BAR, rx=4, class_="chart-bed"),
        ]
        if row.value is not None:
            length = max(2.0, room * min(row.value, most) / most)
            bar = {"x": 0, "y": top, "width": f"{length:.1f}", "height": BAR, "rx": 4}
            shapes.append(_shape("rect", **bar, class_="chart-bar"))
        if row.mark is not None:
            x = f"{room * min(row.mark, most) / most:.1f}"
            shapes.append(
                _shape("line", x1=x, x2=x, y1=top - 2, y2=top + BAR + 4, class_="chart-mark")
            )
        figure = "–" if row.value is None else self._figure(row.value)
        shapes.append(_text(figure, room + 10, top + 12, "chart-figure"))
        if row.note:
            shapes.append(_text(row.note, WIDTH, y + 15, "chart-note", "end"))
        return shapes

    def distribution(self, title: str, counts: Sequence[int]) -> Markup:
        """One bar split by how many chose each of the ordered answers, the lowest first."""
        total, x, height = sum(counts), 0.0, 26
        shapes: list[Markup] = []
        for index, count in enumerate(counts):
            width = WIDTH * count / total if total else 0.0
            level = round(index * 4 / max(1, len(counts) - 1))
            if width:
                part = {"x": f"{x:.1f}", "y": 0, "width": f"{width:.1f}", "height": height}
                shapes.append(_shape("rect", **part, class_=f"chart-level-{level}"))
            if width > 40:
                share = f"{100 * count / total:.0f}%"
                shapes.append(_text(share, x + width / 2, 18, f"chart-on-{level}", "middle"))
            x += width
        return _drawing(title, WIDTH, height, shapes)

    def line(self, title: str, points: Sequence[tuple[str, float]], top: float) -> Markup:
        """Values over rounds, from nought to `top`."""
        left, right, head, foot, height = 30, 24, 24, 30, 200
        room, depth = WIDTH - left - right, height - head - foot
        shapes: list[Markup] = []
        for step in range(5 + 1):
            level = head + depth * (1 - step / 5)
            grid = {"x1": left, "x2": WIDTH - right, "y1": level, "y2": level}
            shapes.append(_shape("line", **grid, class_="chart-grid"))
            shapes.append(
                _text(self._figure(top * step / 5), left - 8, level + 4, "chart-note", "end")
            )
        last = len(points) - 1
        spots = []
        for index, (name, value) in enumerate(points):
            x = left + (room * index / last if last else room / 2)
            y_at = head + depth * (1 - min(value, top) / top)
            spots.append((x, y_at))
            # A label in the middle of the edge would be cut in half.
            anchor = "middle" if 0 < index < last or not last else ("end" if index else "start")
            shapes.append(_text(name, x, height - 8, "chart-note", anchor))
            shapes.append(_text(self._figure(value), x, y_at - 11, "chart-figure", anchor))
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        shapes.append(_shape("polyline", points=way, class_="chart-line"))
        for across, down in spots:
            dot = {"cx": f"{across:.1f}", "cy": f"{down:.1f}"}
            shapes.append(_shape("circle", **dot, r=5, class_="chart-dot"))
        return _drawing(title, WIDTH, height, shapes)


def drawings(locale: str) -> Drawings:
    """What draws for readers of `locale`."""
    return Drawings(locale)
