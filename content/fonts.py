"""The typeface of pictures and letters: DejaVu Sans, which has Ө and Ү, out of matplotlib.

Bundled with matplotlib, so that nothing depends on what the machine has installed.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from matplotlib import font_manager, get_data_path

FOLDER = Path(get_data_path()) / "fonts" / "ttf"
REGULAR = FOLDER / "DejaVuSans.ttf"
BOLD = FOLDER / "DejaVuSans-Bold.ttf"

SMALL = "Onoo Sans"
LETTERS = (
    *range(0x20, 0x180),
    *range(0x400, 0x530),
    *range(0x2010, 0x2060),
    *(0x20AE, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2264, 0x2265),
)
"""Latin, Cyrillic, punctuation, ₮, arrows and signs of comparison."""
FAMILY, STYLE, UNIQUE, FULL, POSTSCRIPT = 1, 2, 3, 4, 6


@cache
def small_family() -> list[str]:
    """Families for a page that carries its letters with it (PDF).

    First DejaVu Sans without the letters and tables that no page of ours needs: taking a page's
    letters out of the whole font takes a second, and a quarter of it out of this one.
    """
    for path, weight in ((REGULAR, "Regular"), (BOLD, "Bold")):
        smaller = Path(_smaller().name) / f"{weight}.ttf"
        _shrink(path, smaller, weight)
        font_manager.fontManager.addfont(smaller)
    return [SMALL, "DejaVu Sans"]


@cache
def _smaller() -> TemporaryDirectory[str]:
    """A folder that is there for as long as the process lives."""
    return TemporaryDirectory(prefix="onoo-fonts-")


def _shrink(path: Path, target: Path, weight: str) -> None:
    # Slow to import, and told of every table it leaves out.
    from fontTools import subset

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    options = subset.Options(
        layout_features=[],
        drop_tables=["GSUB", "GPOS", "GDEF", "FFTM"],
        glyph_names=True,
        name_IDs=["*"],
        notdef_outline=True,
    )
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    # A changed font of this licence has another name.
    names = {FAMILY: SMALL, STYLE: weight, UNIQUE: f"{SMALL} {weight}", FULL: f"{SMALL} {weight}"}
    names[POSTSCRIPT] = f"OnooSans-{weight}"
    table = font["name"]
    for each in table.names:
        if each.nameID in names:
            what = names[each.nameID], each.nameID
            table.setName(*what, each.platformID, each.platEncID, each.langID)
    subset.save_font(font, str(target), options)
