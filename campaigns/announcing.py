"""Telling everyone who answered what came of it: the result, and each commitment's progress."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from campaigns.campaign import Refusal
from campaigns.commitments import Commitment
from campaigns.planning import Recipient, enqueue, give_times
from campaigns.service import utc_now
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
            raise Refusal("this commitment belongs to no round, so nobody is waiting to hear of it")
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
            ends = [hours.after(SPREAD.total_seconds(), now, zone) for zone in ZONES]
            spread = Hours(now, max(end or hours.end for end in ends))
            await give_times(self._store, push["_id"], spread, now)
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
