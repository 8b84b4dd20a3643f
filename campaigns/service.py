"""Campaigns as facilitators handle them: made, tried, approved, started, stopped, watched."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from campaigns.audience import Audience, Counts, select
from campaigns.campaign import (
    APPROVED,
    CHANGEABLE,
    CLOSED,
    DRAFT,
    PAUSED,
    QUEUED,
    RUNNING,
    SCHEDULED,
    TESTED,
    Campaign,
)
from campaigns.links import Link, make_link
from campaigns.planning import give_times
from campaigns.population import Population
from campaigns.refusal import Refusal, status_word
from content.response_rates import Rates, response_rates
from settings import Settings
from storage.store import Document, Store

Clock = Callable[[], datetime]
SLOW, REST = 0.3, 10
"""Seconds from which counting is slow; it then rests so many times as long."""
SENDING = ("invite", "remind")
"""Kinds of push that a pause stops; results and promises still go out."""


def utc_now() -> datetime:
    """The time as stored: UTC, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a campaign stands: invitations by disposition, messages by status, and why not.

    `messages` and `reasons` are by kind of push (invite, remind1, …).
    """

    campaign: Campaign
    dispositions: dict[str, int]
    rates: Rates
    messages: dict[str, dict[str, int]]
    reasons: dict[str, dict[str, int]]


class Campaigns:
    """All that pages and commands do with campaigns; raises `Refusal` with what would help."""

    def __init__(self, store: Store, settings: Settings, clock: Clock = utc_now) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._population = Population(store, gently=True)
        self._counted: dict[str, tuple[float, Progress | None]] = {}

    # -- making -------------------------------------------------------------------------

    async def create(self, author: str, **fields: Any) -> Campaign:
        """A new draft of `title`, `form`, `audience`, `hours` and the other fields.

        Raises Refusal where a field can't be, or the form was never published.
        """
        campaign = Campaign(id=secrets.token_hex(5), author=author, created=self._clock(), **fields)
        await self._check(campaign)
        await self._store.campaigns.add(campaign.to_document())
        return campaign

    async def change(self, campaign: str, by: str, **fields: Any) -> Campaign:
        """Change a draft; one that was tested must be tested anew.

        Raises Refusal from its approval on: its form, audience and words stay as they are.
        """
        found = await self.get(campaign)
        if found.status not in CHANGEABLE:
            raise Refusal("refusal.unchangeable", status=status_word(found.status))
        changed = replace(found, **fields, status=DRAFT, tested_at=None)
        await self._check(changed)
        document = changed.to_document()
        for name in ("_id", "version", "history", "author", "created"):
            document.pop(name)
        return await self._write(found, {**document, "tested_at": None}, by, "changed")

    async def copy(self, campaign: str, by: str, **fields: Any) -> Campaign:
        """A new draft like another campaign, for the next round."""
        found = await self.get(campaign)
        kept = (
            *("title", "form", "audience", "hours", "facility", "per_minute", "reminders"),
            *("quotas", "two_people", "cap", "words"),
        )
        return await self.create(by, **{**{name: getattr(found, name) for name in kept}, **fields})

    async def get(self, campaign: str) -> Campaign:
        """The campaign; raises Refusal when there is none."""
        found = await self._store.campaigns.find(campaign)
        if found is None:
            raise Refusal("refusal.no_campaign", campaign=campaign)
        return Campaign.from_document(found)

    async def all(self, *statuses: str) -> list[Campaign]:
        """Campaigns of these statuses (all where none is named), the latest first."""
        return [Campaign.from_document(each) for each in await self._store.campaigns.all(statuses)]

    async def count(self, audience: Audience, campaign: str = "") -> Counts:
        """Who would be asked now, and who would not and why.

        Where reading everybody takes long, as of a moment ago.
        """
        found = await self._store.campaigns.find(campaign) if campaign else None
        cap = Campaign.from_document(found).cap if found else None
        chosen = await select(
            self._store,
            audience,
            self._clock(),
            cap=cap,
            campaign=campaign,
            template=bool(self._settings.messenger_utility_template),
            population=self._population,
        )
        return chosen.counts

    # -- from draft to closed -----------------------------------------------------------

    async def test(self, campaign: str, by: str) -> Campaign:
        """Note that it was tried; raises Refusal before anyone followed its test link."""
        found = await self.get(campaign)
        if found.tested_at is None:
            raise Refusal("refusal.untested")
        return await self._turn(found, TESTED, by)

    async def approve(self, campaign: str, by: str) -> Campaign:
        """Release it; where two people are set, not by its author."""
        found = await self.get(campaign)
        if found.two_people and by == found.author:
            raise Refusal("refusal.second_person")
        return await self._turn(found, APPROVED, by, approved_by=by)

    async def schedule(self, campaign: str, by: str) -> Campaign:
        """Let it start when its window opens."""
        found = await self.get(campaign)
        if found.hours.end <= self._clock():
            raise Refusal("refusal.window_over")
        return await self._turn(found, SCHEDULED, by)

    async def start(self, campaign: str, by: str) -> Campaign:
        """Let it start now; its window then begins now."""
        found = await self.get(campaign)
        now = self._clock()
        if found.hours.end <= now:
            raise Refusal("refusal.window_over")
        if found.status == APPROVED:
            found = await self._turn(found, SCHEDULED, by)
        if found.status != SCHEDULED:
            found.may_become(SCHEDULED)
        hours = replace(found.hours, start=min(found.hours.start, now))
        return await self._write(found, {"hours": hours.to_document()}, by, "starts now")

    async def back_to_draft(self, campaign: str, by: str) -> Campaign:
        """Take it back to be changed, while nothing was sent."""
        found = await self.get(campaign)
        if found.status == SCHEDULED:
            found = await self._turn(found, APPROVED, by)
        return await self._turn(found, DRAFT, by, tested_at=None, approved_by="")

    async def pause(self, campaign: str, by: str) -> Campaign:
        """Let nothing more leave; answers still come in. Takes effect within a second."""
        found = await self._turn(await self.get(campaign), PAUSED, by)
        await self._stop_sending(found, "paused")
        return found

    async def resume(self, campaign: str, by: str) -> Campaign:
        """Go on after a pause: what is left is spread over what is left of the window."""
        found = await self.get(campaign)
        if found.status != PAUSED:
            raise Refusal("refusal.not_paused", status=status_word(found.status))
        now = self._clock()
        if found.hours.end <= now:
            raise Refusal("refusal.window_over")
        if not found.plan:
            return await self._turn(found, SCHEDULED, by)
        found = await self._turn(found, RUNNING, by)
        if found.plan != QUEUED:
            return found  # the runner goes on with its plan, and opens it
        for push in await self._store.outbox.pushes_of(campaign):
            if push["kind"].startswith(SENDING) and push["state"] == "paused":
                hours = found.sending_hours(now)
                await self._store.outbox.turn_push(push["_id"], ("paused",), "open")
                await give_times(self._store, push["_id"], hours, now, found.per_minute)
        return found

    async def close(self, campaign: str, by: str) -> Campaign:
        """End it for good: nothing more leaves, no more answers are taken."""
        found = await self._turn(await self.get(campaign), CLOSED, by)
        await self._stop_sending(found, "done")
        return found

    async def stop_everything(self, by: str) -> list[str]:
        """Pause every campaign that is sending or about to, and every announcement."""
        pushes = await self._store.outbox.open_pushes()
        await self._store.outbox.stop(pushes, "paused")
        stopped = []
        for campaign in await self.all(RUNNING, SCHEDULED):
            await self.pause(campaign.id, by)
            stopped.append(campaign.id)
        return stopped

    # -- watching -----------------------------------------------------------------------

    async def progress(self, campaign: str) -> Progress:
        """How it stands: now, or as of a moment ago where counting takes long."""
        found = await self.get(campaign)
        until, known = self._counted.get(campaign, (0.0, None))
        if known is not None and time.monotonic() < until:
            return replace(known, campaign=found)
        began = time.monotonic()
        dispositions = await self._store.invitations.counts(campaign)
        messages: dict[str, dict[str, int]] = {}
        reasons: dict[str, dict[str, int]] = {}
        for push in await self._store.outbox.pushes_of(campaign):
            messages[push["kind"]] = await self._store.outbox.counts(push["_id"])
            reasons[push["kind"]] = await self._store.outbox.reasons(push["_id"])
        counted = Progress(found, dispositions, response_rates(dispositions), messages, reasons)
        took = time.monotonic() - began
        self._counted[campaign] = (began + took * (1 + REST) if took > SLOW else 0.0), counted
        return counted

    async def link(
        self, campaign: str, facility: str = "", *, is_test: bool = False, telegram_name: str = ""
    ) -> Link:
        """A link into it; with `is_test` answers don't count."""
        found = await self.get(campaign)
        name = telegram_name or await self._store.campaigns.public_name("telegram")
        return await make_link(
            self._store,
            self._settings,
            campaign,
            facility or found.facility,
            is_test=is_test,
            telegram_name=name,
        )

    # -- inside -------------------------------------------------------------------------

    async def _check(self, campaign: Campaign) -> None:
        campaign.check()
        try:
            await self._store.forms.get(campaign.form)
        except KeyError:
            raise Refusal("refusal.no_form", form=campaign.form) from None

    async def _turn(self, found: Campaign, status: str, by: str, **fields: Any) -> Campaign:
        found.may_become(status)
        return await self._write(found, {"status": status, **fields}, by, status)

    async def _write(self, found: Campaign, fields: Document, by: str, what: str) -> Campaign:
        entry = {"at": self._clock(), "by": by, "was": found.status, "what": what}
        if not await self._store.campaigns.change(found.id, found.version, fields, entry):
            raise Refusal("refusal.meanwhile")
        return await self.get(found.id)

    async def _stop_sending(self, campaign: Campaign, state: str) -> None:
        pushes = [
            push["_id"]
            for push in await self._store.outbox.pushes_of(campaign.id)
            if push["kind"].startswith(SENDING)
        ]
        await self._store.outbox.stop(pushes, state)
