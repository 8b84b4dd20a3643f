"""Charts: PNG, readable, the same each time, and soon there."""

from __future__ import annotations

import struct
import time
import warnings
import zlib

import pytest

from content.charts import Chart, Series
from content.drawing import draw

NAMES = ("Үерийн далан, ус зайлуулах суваг", "Гэрэлтүүлэг", "Өргөө худаг")
BARS = Chart(
    "bars",
    "Багахангай дүүрэг: ОНХС юунд зарцуулсан бэ, 2014 онд",
    NAMES,
    (Series("", (510_000_000, 49_745_085, 12_000_000)),),
    note="Эх сурвалж: The Asia Foundation, mongolia-budgeting (MIT)",
)
GROUPS = Chart(
    "groups",
    "Хэрлэн сумын сургуулийн төсөв",
    ("2022", "2023", "2024"),
    (
        Series("Төлөвлөгөө", (1_200_000_000, 1_350_000_000, 1_500_000_000)),
        Series("Гүйцэтгэл", (1_190_000_000, 1_300_000_000, None)),
    ),
    warning="ЖИШЭЭ",
)
LINE = Chart("line", "Төсөв", ("2022", "2023"), (Series("Төлөвлөгөө", (5, 7)),))


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def pixels(png: bytes) -> bytes:
    """The raw image data, to tell whether anything was drawn."""
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    return zlib.decompress(data)


@pytest.mark.parametrize("chart", [BARS, GROUPS, LINE], ids=lambda chart: str(chart.kind))
def test_a_picture_for_a_small_phone(chart: Chart) -> None:
    draw.cache_clear()
    with warnings.catch_warnings():
        # A letter that the typeface lacks is a warning in matplotlib and a box to the reader.
        warnings.simplefilter("error")
        png = draw(chart)
    assert size(png)[0] == 720
    assert 300 < size(png)[1] <= 720
    assert len(png) < 60_000
    assert len(set(pixels(png))) > 20


def test_the_same_chart_gives_the_same_bytes() -> None:
    draw.cache_clear()
    first = draw(BARS)
    draw.cache_clear()
    assert draw(BARS) == first


def test_a_chart_drawn_before_costs_nothing() -> None:
    draw(GROUPS)
    began = time.perf_counter()
    draw(GROUPS)
    assert time.perf_counter() - began < 0.3


def test_charts_that_can_t_be_drawn() -> None:
    with pytest.raises(ValueError, match="one value a label"):
        draw(Chart("bars", "x", ("a",), (Series("", (1, 2)),)))
    with pytest.raises(ValueError, match="no chart of kind 'pie'"):
        draw(Chart("pie", "x", ("a",), (Series("", (1,)),)))


def test_zeros_and_unknown_values_are_drawn() -> None:
    assert size(draw(Chart("bars", "x", ("a", "b"), (Series("", (0, None)),))))
    assert size(draw(Chart("groups", "x", ("a",), (Series("y", (None,)),))))
