"""What happens to campaigns by themselves: they start, are planned, remind, and close.

Runs beside the workers of any process; one at a time does the work, by a lease.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from campaigns.audience import select
from campaigns.campaign import DRAWN, QUEUED, RUNNING, SCHEDULED, Campaign
from campaigns.messages import invitation, template
from campaigns.planning import Recipient, enqueue, give_times, until
from campaigns.service import Campaigns, utc_now
from content.hours import ZONES
from locales import LOCALES
from settings import Settings
from storage.invitations import RANK
from storage.store import Document, StorageError, Store

log = structlog.get_logger()

EVERY = 1.0
LEASE = timedelta(seconds=15)
REMIND_EVERY = timedelta(minutes=10)
UNFINISHED = ("invited", "delivered", "opened", "started", "partial")
SYSTEM = "onoo"
"""Who a campaign's history names where nobody decided."""


class Runner:
    """Moves campaigns along; `step` does what is due now."""

    def __init__(
        self, store: Store, settings: Settings, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self._store = store
        self._clock = clock
        self._campaigns = Campaigns(store, settings, clock)
        self._template = bool(settings.messenger_utility_template)

    async def run(self) -> None:
        """Step after step until cancelled."""
        while True:
            try:
                await self.step()
            except StorageError as error:
                log.warning("database away", error=type(error).__name__)
            except Exception:
                log.exception("campaigns not moved along")
            await asyncio.sleep(EVERY)

    async def step(self) -> None:
        """Look at every campaign that is scheduled or running, if it is this process's turn."""
        if not await self._store.pacing.take_turn("campaigns", self.id, self._clock(), LEASE):
            return
        alive = asyncio.create_task(self._stay_alive())
        try:
            for campaign in await self._campaigns.all(SCHEDULED, RUNNING):
                await self._move(campaign)
        finally:
            alive.cancel()

    async def _move(self, campaign: Campaign) -> None:
        now = self._clock()
        if campaign.hours.end <= now:
            await self._campaigns.close(campaign.id, SYSTEM)
            return
        if campaign.status == SCHEDULED:
            if campaign.hours.start > now:
                return
            campaign = await self._begin(campaign)
            if campaign.status != RUNNING:
                return  # somebody changed it at the same moment: it is looked at again
        if campaign.plan != QUEUED:
            await self._plan(campaign, now)
        await self._look_at_quotas(campaign)
        await self._remind(campaign, now)

    async def _begin(self, campaign: Campaign) -> Campaign:
        campaign.may_become(RUNNING)
        entry = {"at": self._clock(), "by": SYSTEM, "was": campaign.status, "what": RUNNING}
        fields = {"status": RUNNING}
        await self._store.campaigns.change(campaign.id, campaign.version, fields, entry)
        return await self._campaigns.get(campaign.id)

    # -- invitations --------------------------------------------------------------------

    async def _plan(self, campaign: Campaign, now: datetime) -> None:
        """Draw the audience, put its invitations into the outbox, give them their times."""
        if campaign.plan != DRAWN:
            await self._draw(campaign, now)
        push = await self._push(campaign, "invite")
        # All, whatever became of them since: the same people make the same batches.
        recipients = [
            _recipient(invitation)
            async for invitation in self._store.invitations.of_campaign(campaign.id)
            if invitation["via"] == "push"
        ]
        await self._store.outbox.put_push(push)
        await self._store.outbox.turn_push(push["_id"], ("new", "paused"), "open")
        hours = campaign.sending_hours(now)
        await enqueue(
            self._store, push, recipients, now, spread=hours, per_minute=campaign.per_minute
        )
        await self._store.campaigns.set(campaign.id, plan=QUEUED)
        if (await self._campaigns.get(campaign.id)).status != RUNNING:
            # Somebody paused it in the midst of this.
            await self._store.outbox.stop([push["_id"]], "paused")
        elif await self._store.outbox.turn_push(push["_id"], ("paused",), "open"):
            # Somebody paused it and let it go on, both in the midst of this.
            await give_times(self._store, push["_id"], hours, now, campaign.per_minute)

    async def _draw(self, campaign: Campaign, now: datetime) -> None:
        await self._store.invitations.clear_waiting(campaign.id)
        chosen = await select(
            self._store,
            campaign.audience,
            now,
            cap=campaign.cap,
            campaign=campaign.id,
            template=self._template,
        )
        await self._store.invitations.add(
            [
                {
                    "_id": f"{campaign.id}:{member.citizen}",
                    "campaign": campaign.id,
                    "citizen": member.citizen,
                    "channel": member.channel,
                    "locale": member.locale,
                    "place": member.place,
                    "facility": campaign.facility,
                    "reach": member.reach,
                    "via": "push",
                    "disposition": "waiting",
                    "rank": RANK["waiting"],
                    "at": now,
                }
                for member in chosen.members
            ]
        )
        await self._store.campaigns.set(campaign.id, plan=DRAWN)

    async def _stay_alive(self) -> None:
        """Signs of life in a long step, so that no other process begins the same."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._store.pacing.take_turn("campaigns", self.id, self._clock(), LEASE)

    async def _push(self, campaign: Campaign, kind: str) -> Document:
        form = await self._store.forms.get(campaign.form)
        titles = form.get("titles", {})
        return {
            "_id": f"{campaign.id}:{kind}",
            "campaign": campaign.id,
            "kind": kind,
            "state": "new",
            "hours": campaign.hours.to_document(),
            "messages": invitation(campaign, titles, kind.rstrip("0123456789")),
            "templates": {each: template(campaign, titles, each) for each in LOCALES},
            "full": list(campaign.full),
        }

    # -- quotas and reminders -----------------------------------------------------------

    async def _look_at_quotas(self, campaign: Campaign) -> None:
        if not campaign.quotas:
            return
        answers = await self._store.cases.completes(campaign.id)
        full = tuple(
            quota.name
            for quota in campaign.quotas
            if sum(quota.counts(a.get("place", ""), a.get("facility", "")) for a in answers)
            >= quota.limit
        )
        if full != campaign.full:
            await self._store.campaigns.set(campaign.id, full=list(full))
            await self._store.outbox.set_full(campaign.id, full)

    async def _remind(self, campaign: Campaign, now: datetime) -> None:
        """Remind those whose time has come, every ten minutes a few."""
        if not campaign.reminders:
            return
        if not await self._store.pacing.take_turn(
            f"remind:{campaign.id}", now.isoformat(), now, REMIND_EVERY
        ):
            return
        due: dict[int, list[Recipient]] = {}
        async for one in self._store.invitations.of_campaign(campaign.id, UNFINISHED):
            number = one.get("reminded", 0)
            sent = one.get("moments", {}).get("delivered") or one.get("moments", {}).get("invited")
            if one["via"] != "push" or sent is None or number >= len(campaign.reminders):
                continue
            if now - sent >= timedelta(days=campaign.reminders[number]):
                due.setdefault(number, []).append(_recipient(one))
        for number, recipients in due.items():
            await self._send_reminder(campaign, number + 1, recipients, now)

    async def _send_reminder(
        self, campaign: Campaign, number: int, recipients: list[Recipient], now: datetime
    ) -> None:
        push = await self._push(campaign, f"remind{number}")
        await enqueue(self._store, push, recipients, now, f"{now:%m%d%H%M}:")
        for one in recipients:
            await self._store.invitations.note_reminder(campaign.id, one.citizen, number)
        hours = replace(campaign.hours, start=min(campaign.hours.start, now))
        soon = [hours.after(REMIND_EVERY.total_seconds(), now, zone) for zone in ZONES]
        spread = until(hours, max(moment or hours.end for moment in soon))
        await self._store.outbox.turn_push(push["_id"], ("new",), "open")
        await give_times(self._store, push["_id"], spread, now, campaign.per_minute)


def _recipient(invitation: Document) -> Recipient:
    return Recipient(
        citizen=invitation["citizen"],
        channel=invitation.get("channel", ""),
        locale=invitation.get("locale", "mn"),
        place=invitation.get("place", ""),
        facility=invitation.get("facility", ""),
        reach=invitation.get("reach", "now"),
    )


@asynccontextmanager
async def running(store: Store, settings: Settings) -> AsyncIterator[None]:
    """Keep campaigns moving while a process runs."""
    task = asyncio.create_task(Runner(store, settings).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
