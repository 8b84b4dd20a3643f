"""All of storage in one hand: what a process opens once and passes around."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.addresses import Addresses
from storage.campaigns import CampaignStore
from storage.cases import Cases
from storage.citizens import Citizens
from storage.database import Database, Document, StorageError
from storage.erasure import erase, known_about
from storage.filing import Filing
from storage.forms import Forms
from storage.invitations import Invitations
from storage.media import Media
from storage.outbox import Outbox
from storage.outcomes import Outcomes
from storage.pacing import Pacing
from storage.schema import prepare
from storage.sessions import LEASE, InboxFull, Session, Sessions
from storage.webhistory import WebHistory

__all__ = ["Document", "InboxFull", "Session", "StorageError", "Store"]


class Store:
    """The collections behind one database; `key` is the secret behind pseudonyms."""

    def __init__(self, database: Database, key: bytes, lease: timedelta = LEASE) -> None:
        self.database = database
        self.key = key
        self.sessions = Sessions(database, lease)
        self.addresses = Addresses(database, key)
        self.filing = Filing(database)
        self.cases = Cases(database)
        self.forms = Forms(database)
        self.media = Media(database)
        self.webhistory = WebHistory(database)
        self.citizens = Citizens(database)
        self.campaigns = CampaignStore(database)
        self.invitations = Invitations(database)
        self.outbox = Outbox(database)
        self.outcomes = Outcomes(database)
        self.pacing = Pacing(database)

    async def prepare(self) -> None:
        """Create collections and indexes and migrate; raises SchemaTooNew."""
        await prepare(self.database)

    async def ping(self) -> bool:
        """Whether the database answers; raises the driver's error if not."""
        return bool((await self.database.command("ping"))["ok"])

    async def waiting(self) -> dict[str, int]:
        """How much work waits, by kind, for the metrics."""
        return {
            "sessions": await self.sessions.waiting(),
            "set aside": await self.database.poisoned.estimated_document_count(),
        }

    async def known_about(self, citizen: str) -> Document:
        """The citizen's profile, and in `counts` how many documents of each kind are kept."""
        profile = await self.database.citizens.find_one({"_id": citizen}) or {}
        return {**profile, "counts": await known_about(self.database, citizen)}

    async def erase(self, citizen: str, worker: str, now: datetime) -> None:
        """Forget a citizen everywhere, safely repeatable."""
        await erase(self.database, citizen)
        await self.sessions.forget(citizen, worker, now)
        await self.addresses.forget(citizen)

    def close(self) -> None:
        """Let go of the connections."""
        self.database.client.close()
