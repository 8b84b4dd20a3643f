"""The history of web conversations, as the web chat needs it from storage."""

from __future__ import annotations

from typing import Protocol

from bots.web.frames import Entry


class WebHistory(Protocol):
    """What was said in each web conversation, for as long as it may be kept."""

    async def append(self, address: str, entry: Entry) -> None:
        """Keep `entry` (a small JSON object) durably, unless one with its `id` is kept already.

        Entries of an address are numbered from 1 in the order in which they can be read, and
        the numbers go on growing when the history was forgotten in between (the larger of
        "last + 1" and the milliseconds since 1970 does). May raise any storage error.
        """
        ...

    async def read(self, address: str, after: int) -> list[Entry]:
        """The entries numbered above `after`, in order, each with its number as `seq`."""
        ...

    async def erase(self, address: str) -> None:
        """Forget all entries of `address`."""
        ...
