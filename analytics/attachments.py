"""The files that citizens sent as answers, beside the table that names them."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path

from analytics.columns import Sensitivity, Table
from analytics.questions import MEDIA
from analytics.spool import Spool
from storage.media import Media

FOLDER = "media"
_ID = re.compile(r"[\w-]{8,64}")


async def fetch_media(media: Media, spool: Spool, tables: Sequence[Table], folder: Path) -> int:
    """Write every file that an exported answer names to `media/`; the number written.

    One that is gone (its sender was forgotten meanwhile) is left out.
    """
    places = [
        [
            place
            for place, column in enumerate(table.columns)
            if column.sensitivity is Sensitivity.IDENTITY and column.note in MEDIA
        ]
        for table in tables
    ]
    target = folder / FOLDER
    count = 0
    for bucket in spool.buckets():
        for _, number, _, row in bucket:
            for place in places[number]:
                name = row[place]
                if isinstance(name, str) and _ID.fullmatch(name):
                    count += await _fetch(media, name, target)
    return count


async def _fetch(media: Media, name: str, target: Path) -> int:
    try:
        data, mime, _ = await media.get(name)
    except KeyError:
        return 0
    ending = mimetypes.guess_extension(mime) or ""
    await asyncio.to_thread(_write, target / f"{name}{ending}", data)
    return 1


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
