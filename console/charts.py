"""Charts as inline SVG: bars, distributions and lines, each meant to stand beside its table.

Colours and letters come from the style sheet, so nothing here needs a style attribute, which
the pages' content policy would not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from content.wording import number

WIDTH = 640
ROW, BAR, LABELS = 38, 18, 230
SHORT = 32
"""Characters of a label that fit beside the bars; the table has the whole of it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` None where there is too little to show; `note` stands behind it."""

    label: str
    value: float | None
    note: str = ""
    mark: float | None = None


def _shape(name: str, content: str = "", **attributes: object) -> Markup:
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{given}>{content}</{name}>")  # noqa: S704 - all parts are escaped


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
        """Horizontal bars from nought to `top`; a bar's `mark` is drawn as a line across."""
        values = [row.value for row in rows if row.value is not None]
        most = top or max([*values, 1])
        room = WIDTH - LABELS - 90
        shapes: list[Markup] = []
        for index, row in enumerate(rows):
            y = index * ROW + 8
            shapes.append(_text(_short(row.label), LABELS - 10, y + 14, "chart-label", "end"))
            length = 0.0 if row.value is None else max(1.5, room * min(row.value, most) / most)
            shapes.append(
                _shape("rect", x=LABELS, y=y, width=room, height=BAR, rx=3, class_="chart-bed")
            )
            if row.value is not None:
                shapes.append(
                    _shape(
                        *("rect",), x=LABELS, y=y, width=round(length, 1), height=BAR, rx=3,
                        class_="chart-bar",
                    )
                )  # fmt: skip
            if row.mark is not None:
                x = LABELS + room * min(row.mark, most) / most
                shapes.append(
                    _shape("line", x1=x, x2=x, y1=y - 4, y2=y + BAR + 4, class_="chart-mark")
                )
            figure = "–" if row.value is None else self._figure(row.value)
            shapes.append(_text(figure, LABELS + room + 8, y + 14, "chart-figure"))
            if row.note:
                shapes.append(_text(row.note, WIDTH, y + 14, "chart-note", "end"))
        return _drawing(title, WIDTH, len(rows) * ROW + 6, shapes)

    def distribution(self, title: str, counts: Sequence[int]) -> Markup:
        """One bar split by how many chose each of the ordered answers, the lowest first."""
        total = sum(counts)
        shapes: list[Markup] = []
        x = 0.0
        for index, count in enumerate(counts):
            width = WIDTH * count / total if total else 0
            if width > 0:
                level = round(index * 4 / max(1, len(counts) - 1))
                shapes.append(
                    _shape("rect", x=round(x, 1), y=0, width=round(width, 1), height=34,
                           class_=f"chart-level-{level}")
                )  # fmt: skip
                if width > 46:
                    shapes.append(
                        _text(f"{100 * count / total:.0f}%", x + width / 2, 22,
                              f"chart-on-{level}", "middle")
                    )  # fmt: skip
            x += width
        return _drawing(title, WIDTH, 34, shapes)

    def line(self, title: str, points: Sequence[tuple[str, float]], top: float) -> Markup:
        """Values over rounds, from nought to `top`."""
        height, left, right, foot = 220, 40, 24, 34
        room = WIDTH - left - right
        shapes: list[Markup] = []
        steps = 5 if top == 5 else 4
        for step in range(steps + 1):
            y = 14 + (height - 14 - foot) * (1 - step / steps)
            shapes.append(
                _shape("line", x1=left, x2=WIDTH - right, y1=y, y2=y, class_="chart-grid")
            )
            shapes.append(
                _text(self._figure(top * step / steps), left - 8, y + 4, "chart-note", "end")
            )
        places = []
        for index, (name, value) in enumerate(points):
            x = left + (room * index / (len(points) - 1) if len(points) > 1 else room / 2)
            y = 14 + (height - 14 - foot) * (1 - min(value, top) / top)
            places.append((x, y))
            # A label at the edge would be cut in half; in the middle it stands below its point.
            anchor = "middle" if 0 < index < len(points) - 1 or len(points) == 1 else (
                "start" if index == 0 else "end"
            )  # fmt: skip
            shapes.append(_text(name, x, height - 10, "chart-note", anchor))
            shapes.append(_text(self._figure(value), x, y - 10, "chart-figure", anchor))
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        shapes.append(_shape("polyline", points=way, class_="chart-line"))
        shapes += [_shape("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=5, class_="chart-dot")
                   for x, y in places]  # fmt: skip
        return _drawing(title, WIDTH, height, shapes)

    def progress(self, title: str, done: int, of: int) -> Markup:
        """How much of a whole is done."""
        width = WIDTH * min(1.0, done / of) if of else 0
        shapes = [_shape("rect", x=0, y=0, width=WIDTH, height=14, rx=7, class_="chart-bed")]
        if width:
            shapes.append(
                _shape("rect", x=0, y=0, width=f"{max(width, 14):.1f}", height=14, rx=7,
                       class_="chart-bar")
            )  # fmt: skip
        return _drawing(title, WIDTH, 14, shapes)


def drawings(locale: str) -> Drawings:
    """What draws for readers of `locale`."""
    return Drawings(locale)
