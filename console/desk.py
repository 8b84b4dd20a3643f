"""What every page works with: storage, settings, the clock, in one hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from campaigns.announcing import Announcer
from campaigns.commitments import Commitments
from campaigns.results import Results
from campaigns.service import Campaigns
from console.access import ACCESS, Access
from console.credentials import Doorkeeper
from console.sealing import Seal
from settings import Settings
from storage.attempts import Attempts
from storage.audit import Audit
from storage.drafts import Drafts
from storage.exports import Exports
from storage.facilities import Facilities
from storage.reports import Reports
from storage.setaside import SetAside
from storage.signins import SignIns
from storage.store import Store
from storage.tags import Tags
from storage.tallies import Tallies
from storage.tokens import Tokens
from storage.users import User, Users

if TYPE_CHECKING:
    from bots.platform import Platform

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time as stored: UTC, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Desk:
    """The console's parts; one a process."""

    settings: Settings
    store: Store
    platform: Platform | None
    users: Users
    signins: SignIns
    audit: Audit
    tokens: Tokens
    drafts: Drafts
    facilities: Facilities
    reports: Reports
    doorkeeper: Doorkeeper
    seal: Seal
    campaigns: Campaigns
    results: Results
    commitments: Commitments
    announcer: Announcer
    tallies: Tallies
    exports: Exports
    tags: Tags
    aside: SetAside
    now: Clock = utc_now

    @classmethod
    def build(
        cls,
        settings: Settings,
        store: Store,
        platform: Platform | None = None,
        now: Clock = utc_now,
    ) -> Desk:
        """All parts over one store."""
        database = store.database
        users, seal = Users(database), Seal(store.key)
        return cls(
            settings,
            store,
            platform,
            users,
            SignIns(database),
            Audit(database),
            Tokens(database),
            Drafts(database),
            Facilities(database),
            Reports(database),
            Doorkeeper(users, Attempts(database), seal),
            seal,
            Campaigns(store, settings, now),
            Results(store, now),
            Commitments(store, now),
            Announcer(store, now),
            Tallies(database),
            Exports(database),
            Tags(database),
            SetAside(database, store.sessions),
            now,
        )


DESK = web.AppKey("desk", Desk)


def desk(request: web.Request) -> Desk:
    """The desk that serves this request."""
    found: Desk = request.config_dict[DESK]
    return found


def user_of(request: web.Request) -> User:
    """Who is signed in; only where the handler needs somebody to be."""
    return access_of(request).user


def access_of(request: web.Request) -> Access:
    """What the one who is signed in may do."""
    found: Access = request[ACCESS]
    return found


async def note(
    request: web.Request,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write to the audit log what the one who is signed in did."""
    here = desk(request)
    await here.audit.note(
        here.now(), user_of(request).name, action, subject, before=before, after=after
    )
