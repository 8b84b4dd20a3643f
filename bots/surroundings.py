"""What the machine must give: a folder, room on the disk, a right clock, letters to draw."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

from bots.channel import Finding
from content import fonts

LETTERS = "ӨөҮүЁёӘәҒғҚқҢңҰұҺһІі₮"
"""Beyond Russian: what Mongolian and Kazakh need, and the sign of the tögrög."""
LITTLE_ROOM = 1 << 30
NO_ROOM = 200 << 20
"""Bytes: below, the database may stop in the middle of a day."""

Judged = tuple[Finding, bool]
"""A finding, and whether Onoo can't do its work while it stands."""


def data_folder(folder: Path) -> list[Judged]:
    """Whether Onoo may write in its data folder and others may not read it."""
    if not folder.exists():
        parent = next(above for above in folder.absolute().parents if above.exists())
        if not os.access(parent, os.W_OK):
            mend = f"Make {folder} and give it to the user Onoo runs as, or set ONOO_DATA_DIR"
            return [(Finding(False, f"The data folder can't be made in {parent}", mend), True)]
        return [(Finding(True, f"The data folder {folder} will be made"), False)]
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        mend = f"chown {folder} to the user Onoo runs as, or set ONOO_DATA_DIR"
        return [(Finding(False, f"{folder} is no folder Onoo may write in", mend), True)]
    judged = [(Finding(True, f"Onoo may write in {folder}"), False)]
    for path, mode in ((folder, 0o700), (folder / "secret.key", 0o600)):
        if path.exists() and (found := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            what = f"Other users of this machine may read {path} (mode {found:04o})"
            judged.append((Finding(False, what, f"chmod {mode:o} {path}"), False))
    return judged


def disk(folder: Path) -> list[Judged]:
    """Room where the data is."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    what = f"{free / (1 << 30):.1f} GiB are free in {there}"
    mend = "Make room, or point ONOO_DATA_DIR to a larger disk"
    return [(Finding(free >= LITTLE_ROOM, what, mend), free < NO_ROOM)]


def clock(now: datetime | None = None) -> list[Judged]:
    """Whether the machine's clock can be right: not before this very file was written."""
    now = now or datetime.now(UTC)
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    right = now > written.replace(microsecond=0)
    what = f"The clock says {now:%Y-%m-%d %H:%M} UTC"
    if not right:
        what += f", which is before Onoo was installed ({written:%Y-%m-%d %H:%M})"
    return [
        (Finding(right, what, "Set the clock; let NTP keep it (timedatectl set-ntp true)"), True)
    ]


def letters() -> list[Judged]:
    """Whether charts and letters can show Mongolian and Kazakh. Slow: run it in a thread."""
    from matplotlib.ft2font import FT2Font

    for path in (fonts.REGULAR, fonts.BOLD):
        mend = "Install the Python packages again: ./onoo does it"
        if not path.exists():
            return [(Finding(False, f"The typeface {path.name} is missing", mend), False)]
        charmap = FT2Font(str(path)).get_charmap()
        if lacking := [letter for letter in LETTERS if ord(letter) not in charmap]:
            what = f"The typeface {path.name} lacks {' '.join(lacking)}"
            return [(Finding(False, what, mend), False)]
    return [(Finding(True, f"Pictures can show {LETTERS}"), False)]
