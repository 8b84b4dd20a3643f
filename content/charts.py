"""What a chart shows; `content.drawing` draws it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures, in ₮; None where not known."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw: `kind` is "bars" (lying, one series), "groups" (standing) or "line".

    `note` is the source under the picture; `warning` is printed across it (demonstration).
    """

    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    locale: str = "mn"
    note: str = ""
    warning: str = ""
