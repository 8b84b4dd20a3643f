"""The typeface of pictures and letters: DejaVu Sans, which has Ө and Ү, out of matplotlib.

Bundled with matplotlib, so that nothing depends on what the machine has installed.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib import get_data_path

FOLDER = Path(get_data_path()) / "fonts" / "ttf"
REGULAR = FOLDER / "DejaVuSans.ttf"
BOLD = FOLDER / "DejaVuSans-Bold.ttf"
