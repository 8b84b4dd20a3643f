"""A whole process (`start`) takes up at once what the one before it left unfinished.

Without this a citizen whom it was attending to waits until its lease ends. That the one before is
dead is certain, not guessed: it held a lock on a file, and the system lets go of it with the
process.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACE = "worker"


@contextmanager
def succession(folder: Path, worker: str) -> Iterator[str]:
    """Take the place of this folder's whole process; yields the worker that had it before.

    That is "" where there was none, or where another process still has the place.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / PLACE).open("a+", encoding="ascii") as place:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield ""
            return
        place.seek(0)
        before = place.read().strip()
        place.truncate(0)
        place.write(worker)
        place.flush()
        yield before
