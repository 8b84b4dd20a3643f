"""Telling everyone who answered what came of it: the result, and each commitment's progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from campaigns.commitments import Commitment
from campaigns.planning import Recipient, enqueue, give_times
from campaigns.refusal import Refusal
from campaigns.service import SENDING, utc_now
from content.hours import ZONES, Hours
from conversations.messages import Choice, Outgoing
from locales import LOCALES, text
from storage.facilities import Facilities
from storage.store import Document, Store

FOR_DAYS = timedelta(days=7)
SPREAD = timedelta(hours=1)
TOOK_PART = ("complete", "partial", "break-off")


class Announcer:
    """Sends news to a round's participants, in their language, once each piece of news."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._facilities = Facilities(store.database)

    async def result(self, campaign: str, facility: str) -> int:
        """Tell of a published result; how many people are told. Safe to repeat."""
        name = await self._name(facility)
        messages = {
            locale: Outgoing(
                f"{text(locale, 'results.news')}\n\n📊 {name}",
                (
                    Choice(text(locale, "results.button.results"), f"rs:f:{facility}"),
                    Choice(text(locale, "settings.stop"), "go:stop"),
                ),
                locale=locale,
            ).to_document()
            for locale in LOCALES
        }
        return await self._tell(campaign, facility, f"result:{facility}", messages)

    async def commitment(self, commitment: Commitment) -> int:
        """Tell of how a commitment stands now; how many people are told. Safe to repeat."""
        if not commitment.campaign:
            raise Refusal("refusal.commitment_alone")
        name = await self._name(commitment.facility)
        kind = f"promise:{commitment.id}:{commitment.version}"
        messages: dict[str, Document] = {}
        for locale in LOCALES:
            head = text(locale, "commitments.news", facility=name)
            status = text(locale, f"commitments.status.{commitment.status}")
            messages[locale] = Outgoing(
                f"{head}\n\n{commitment.action}: {status}",
                (
                    Choice(
                        text(locale, "results.button.commitments"), f"cm:f:{commitment.facility}"
                    ),
                    Choice(text(locale, "settings.stop"), "go:stop"),
                ),
                locale=locale,
            ).to_document()
        return await self._tell(commitment.campaign, commitment.facility, kind, messages)

    async def resume(self, campaign: str = "") -> list[str]:
        """Go on with the announcements that were stopped (of one campaign, or all); their ids.

        They have as many days left as new ones have. Invitations and reminders go on with
        their campaign (`Campaigns.resume`).
        """
        now = self._clock()
        resumed = []
        for push in await self._store.outbox.paused_pushes(campaign):
            if push["kind"].startswith(SENDING):
                continue
            hours = replace(Hours.from_document(push["hours"]), start=now, end=now + FOR_DAYS)
            fields = {"hours": hours.to_document()}
            if await self._store.outbox.turn_push(push["_id"], ("paused",), "open", **fields):
                await give_times(self._store, push["_id"], _soon(hours, now), now)
                resumed.append(push["_id"])
        return resumed

    async def _name(self, facility: str) -> str:
        found = (await self._facilities.named([facility])).get(facility)
        return found.name if found else facility

    async def _tell(
        self, campaign: str, facility: str, kind: str, messages: dict[str, Document]
    ) -> int:
        now = self._clock()
        hours = Hours(now, now + FOR_DAYS)
        push: Document = {
            "_id": f"{campaign}:{kind}",
            "campaign": campaign,
            "kind": kind,
            "state": "new",
            "hours": hours.to_document(),
            "messages": messages,
        }
        told = await enqueue(self._store, push, await self._participants(campaign, facility), now)
        if await self._store.outbox.turn_push(push["_id"], ("new",), "open"):
            await give_times(self._store, push["_id"], _soon(hours, now), now)
        return told

    async def _participants(self, campaign: str, facility: str) -> list[Recipient]:
        cases = await self._store.cases.of_campaign(campaign, TOOK_PART)
        people = sorted({c["citizen"] for c in cases if c.get("facility", "") == facility})
        return [
            Recipient(
                profile["_id"],
                profile.get("channel", ""),
                profile.get("locale", "mn"),
                profile.get("place", ""),
                facility,
            )
            for profile in await self._store.citizens.of(people)
            if profile.get("consent") == "given" and not profile.get("stopped")
        ]


def _soon(hours: Hours, now: datetime) -> Hours:
    """The first of these hours, in which an announcement goes out."""
    ends = [hours.after(SPREAD.total_seconds(), now, zone) for zone in ZONES]
    return replace(hours, end=max(end or hours.end for end in ends))
