"""From a platform's events to durable deliveries: in order per citizen, none lost for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bots.channel import Deliver, StoreMedia
from bots.media import MAX_BYTES, kind_of
from conversations.messages import Attachment, Incoming

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file the citizen sent, still at the platform: `source` is its id or address there."""

    source: str
    mime: str
    size: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event of one citizen, ready to be delivered but for its file."""

    address: str
    incoming: Incoming
    file: RemoteFile | None = None


Download = Callable[[RemoteFile], Awaitable[bytes]]
"""Fetches a file from the platform; whatever it raises means that it could not be had."""


class Intake:
    """Delivers arrivals of one channel durably, and says which could not be."""

    def __init__(
        self,
        channel: str,
        deliver: Deliver,
        store_media: StoreMedia,
        download: Download,
        patience: float,
    ) -> None:
        """`patience` is how many seconds all downloads of one batch may take together."""
        self._channel = channel
        self._deliver = deliver
        self._store_media = store_media
        self._download = download
        self._patience = patience

    async def take(self, arrivals: Sequence[Arrival]) -> set[int]:
        """Deliver all; returns the positions of those that were not stored.

        Each citizen's events go in order and stop at the first that fails, so that a repeat
        by the platform keeps the order; citizens don't wait for each other.
        """
        until = asyncio.get_running_loop().time() + self._patience
        by_citizen: dict[str, list[int]] = {}
        for position, arrival in enumerate(arrivals):
            by_citizen.setdefault(arrival.address, []).append(position)
        failed: set[int] = set()

        async def take_one_citizen(positions: list[int]) -> None:
            for index, position in enumerate(positions):
                if not await self._take_one(arrivals[position], until):
                    failed.update(positions[index:])
                    return

        await asyncio.gather(*map(take_one_citizen, by_citizen.values()))
        return failed

    async def _take_one(self, arrival: Arrival, until: float) -> bool:
        try:
            incoming = arrival.incoming
            if arrival.file is not None:
                attachment = await self._fetch(arrival.file, until)
                incoming = replace(incoming, attachment=attachment)
            await self._deliver(self._channel, arrival.address, incoming)
        except Exception as fault:
            # Whatever kept it from being stored, the platform must bring it again.
            log.error("delivery_failed", channel=self._channel, fault=type(fault).__name__)
            return False
        return True

    async def _fetch(self, file: RemoteFile, until: float) -> Attachment:
        """The stored file, or an attachment without media where it could not be had."""
        missing = Attachment(media="", mime=file.mime, size=file.size, name=file.name)
        if file.size > MAX_BYTES:
            return missing
        try:
            async with asyncio.timeout_at(until):
                data = await self._download(file)
        except Exception as fault:
            log.warning("download_failed", channel=self._channel, fault=type(fault).__name__)
            return missing
        mime = kind_of(data)
        if not mime or len(data) > MAX_BYTES:
            return missing
        media = await self._store_media(data, mime, file.name)
        return Attachment(media=media, mime=mime, size=len(data), name=file.name)
