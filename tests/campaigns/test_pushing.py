"""Pushing: once each, at the pace, inside the window, whatever happens."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bots.campaign_facts import register_campaign_facts
from bots.channel import Receipt, Result
from bots.facts import Facts
from bots.senders import CampaignSender
from campaigns.campaign import Quota
from content.hours import Hours
from conversations.facts import OpenInvitation
from tests.campaigns.conftest import MORNING, Desk
from tests.campaigns.test_window import most_in_a_second


@asynccontextmanager
async def sending(*senders: CampaignSender) -> AsyncIterator[None]:
    """Senders at work."""
    async with AsyncExitStack() as stack:
        for sender in senders:
            await sender.start()
            stack.push_async_callback(sender.stop)
        yield


def short(desk: Desk, **span: float) -> Hours:
    """A window that begins now."""
    return Hours(desk.clock(), desk.clock() + timedelta(**span), time(0), time(23, 59))


def within_half_an_hour(desk: Desk) -> dict[str, Any]:
    """A window that holds many leaps of the clock; all is due in its first half hour."""
    return {"hours": short(desk, hours=12), "send_by": desk.clock() + timedelta(minutes=30)}


async def test_everyone_is_asked_once_by_two_processes_at_the_pace(desk: Desk) -> None:
    await desk.crowd(300)
    campaign = await desk.launched(
        hours=short(desk, minutes=2), send_by=desk.clock() + timedelta(seconds=3)
    )
    async with sending(desk.sender(), desk.sender()):
        await desk.until(lambda: desk.total() == 300, 60)
    channel = desk.channels["telegram"]
    assert {len(each) for each in channel.sent.values()} == {1}
    assert most_in_a_second(at.timestamp() for at in channel.times) <= 30
    assert await desk.store.invitations.counts(campaign.id) == {"delivered": 300}
    assert max(channel.times) <= campaign.hours.end


async def test_a_message_in_parts_counts_as_many_as_are_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.crowd(40)
    channel = desk.channels["telegram"]
    monkeypatch.setattr(channel, "parts", lambda message: 3, raising=False)
    await desk.launched(hours=short(desk, minutes=2), send_by=desk.clock() + timedelta(seconds=1))
    async with sending(desk.sender(), desk.sender()):
        await desk.until(lambda: desk.total() == 40, 60)
    assert 3 * most_in_a_second(at.timestamp() for at in channel.times) <= 30


async def test_invitations_are_spread_evenly_over_the_first_half_of_the_window(
    desk: Desk,
) -> None:
    await desk.crowd(400, place="1101")
    await desk.crowd(400, "web", place="8401")
    campaign = await desk.launched(hours=Hours(desk.clock(), desk.clock() + timedelta(days=4)))
    batches = await desk.store.outbox.unfinished(f"{campaign.id}:invite")
    for channel, zone in (("telegram", 8), ("web", 7)):
        mine = sorted(
            (each for each in batches if each["channel"] == channel), key=lambda e: e["at"]
        )
        assert sum(each["size"] for each in mine) == 400
        assert all(campaign.hours.open_at(each["at"], zone) for each in mine)
        waits = [campaign.hours.open_seconds(each["at"], zone) for each in mine]
        gaps = [one - other for one, other in itertools.pairwise(waits)]
        assert max(gaps) - min(gaps) < 60
        assert mine[-1]["at"] < campaign.hours.start + timedelta(days=2)


async def test_quiet_hours_are_kept_in_both_time_zones(desk: Desk) -> None:
    desk.clock.set(datetime(2026, 11, 24, 10, 30, tzinfo=UTC))  # 18:30, in Khovd 17:30
    await desk.crowd(40, place="1101")
    await desk.crowd(40, "web", place="8401")
    await desk.launched(hours=Hours(desk.clock(), desk.clock() + timedelta(days=2)))
    async with sending(desk.sender()):
        await desk.pass_time(lambda: desk.total() + desk.total("web") == 80, minutes=40)
    for channel, zone in (("telegram", 8), ("web", 7)):
        local = [at + timedelta(hours=zone) for at in desk.channels[channel].times]
        assert all(time(9) <= at.time() < time(20) for at in local), (channel, local)
        assert {at.date().day for at in local} == {24, 25}


async def test_a_pause_stops_at_once_and_a_week_later_it_goes_on(desk: Desk) -> None:
    await desk.crowd(30)
    campaign = await desk.launched(hours=short(desk, days=12))
    async with sending(desk.sender()):
        await desk.pass_time(lambda: desk.total() >= 5, hours=12)
        await desk.campaigns.pause(campaign.id, "author")
        paused_at = desk.clock()
        await asyncio.sleep(0.3)
        late = [at for at in desk.channels["telegram"].times if at > paused_at]
        assert all(at - paused_at <= timedelta(seconds=2) for at in late)
        assert desk.total() < 30
        desk.clock.forward(days=7)
        await desk.campaigns.resume(campaign.id, "author")
        await desk.pass_time(lambda: desk.total() == 30, hours=12)
    assert {len(each) for each in desk.channels["telegram"].sent.values()} == {1}


async def test_faults_are_dealt_with_by_their_kind(desk: Desk) -> None:
    await desk.crowd(60)
    tries: Counter[str] = Counter()

    def answer(address: str, _: Any) -> Receipt:
        tries[address] += 1
        number = int(address.removeprefix("telegram"))
        if number % 6 == 1:
            return Receipt(Result.BLOCKED, reason="blocked")
        if number % 6 == 2:
            return Receipt(Result.UNKNOWN, reason="ReadTimeout")
        if number % 6 == 3 and tries[address] < 3:
            return Receipt(Result.RETRY, reason="server")
        if number % 6 == 4 and tries[address] < 2:
            return Receipt(Result.WAIT, delay=3, reason="429", everyone=True)
        if number % 6 == 5:
            return Receipt(Result.REFUSED, reason="no_chat")
        return Receipt(Result.SENT)

    desk.channels["telegram"].answer = answer
    campaign = await desk.launched(**within_half_an_hour(desk))
    push = f"{campaign.id}:invite"
    async with sending(desk.sender()):
        await settled(desk, push)
    assert await desk.statuses(push) == {"sent": 30, "blocked": 10, "unknown": 10, "refused": 10}
    assert all(tries[f"telegram{n}"] == 1 for n in range(60) if n % 6 in (0, 1, 2, 5))
    counts = await desk.store.invitations.counts(campaign.id)
    assert counts == {"delivered": 30, "unreachable": 20, "invited": 10}


async def settled(desk: Desk, push: str) -> None:
    """Wait until nothing of a push is waiting or on its way."""
    async with asyncio.timeout(60):
        while set(await desk.statuses(push)) & {"waiting", "sending"}:
            before = desk.attempts
            await asyncio.sleep(0.4)
            if desk.attempts == before:
                desk.clock.forward(minutes=5)


async def test_after_429_nobody_sends_until_it_is_over(desk: Desk) -> None:
    await desk.crowd(90)
    told: list[datetime] = []

    def answer(_: str, __: Any) -> Receipt:
        if len(desk.channels["telegram"].times) == 30:
            told.append(desk.clock())
            return Receipt(Result.WAIT, delay=9, reason="429", everyone=True)
        return Receipt(Result.SENT)

    desk.channels["telegram"].answer = answer
    await desk.launched(hours=short(desk, minutes=3), send_by=desk.clock() + timedelta(seconds=2))
    async with sending(desk.sender(), desk.sender()):
        await desk.until(lambda: desk.total() == 90, 60)
    [told_at] = told
    within = [
        at
        for at in desk.channels["telegram"].times
        if timedelta(seconds=4) < at - told_at < timedelta(seconds=9)
    ]
    assert within == []


async def test_what_a_lost_sender_left_is_unknown_and_never_sent_again(desk: Desk) -> None:
    await desk.crowd(50)
    campaign = await desk.launched(**within_half_an_hour(desk))
    push = f"{campaign.id}:invite"
    desk.clock.forward(minutes=31)
    [batch] = await desk.store.outbox.due_batches("telegram", desk.clock(), [])
    [first, *_] = await desk.store.outbox.messages(batch["_id"])
    assert await desk.store.outbox.begin(first["_id"], "dead", desk.clock())
    desk.clock.forward(seconds=31)
    async with sending(desk.sender()):
        await settled(desk, push)
    assert await desk.statuses(push) == {"sent": 49, "unknown": 1}
    invitation = await desk.store.invitations.of(campaign.id, first["citizen"])
    assert invitation is not None
    assert invitation["disposition"] == "invited"
    # It may not have arrived: whenever they write, the conversation knows of it.
    far = Hours(desk.clock(), datetime(2100, 1, 1, tzinfo=UTC))
    await desk.store.campaigns.set(campaign.id, hours=far.to_document())
    facts = Facts()
    register_campaign_facts(facts, desk.store)
    assert await facts.fetch(OpenInvitation(), first["citizen"]) == campaign.id


async def test_messenger_outside_its_window_is_held_until_they_write(desk: Desk) -> None:
    inside = await desk.citizen("in", "messenger", timedelta(hours=23, minutes=50))
    outside = await desk.citizen("out", "messenger", timedelta(hours=24, seconds=1))
    campaign = await desk.launched(hours=Hours(MORNING, MORNING + timedelta(days=3)), send_by=None)
    push = f"{campaign.id}:invite"
    counts = await desk.statuses(push)
    assert counts["held"] >= 1
    session = await desk.store.sessions.read(outside)
    assert session is not None
    assert session.held
    # They write two days later: a minute after that the invitation comes.
    desk.clock.forward(days=2)
    await desk.store.database.sessions.update_one(
        {"_id": outside}, {"$set": {"last_inbound": desk.clock()}}
    )
    wrote = desk.clock()
    assert await desk.store.outbox.release(outside, wrote, timedelta(seconds=60)) == 1
    assert await desk.store.outbox.release(outside, wrote, timedelta(seconds=60)) == 0
    async with sending(desk.sender()):
        await desk.pass_time(lambda: len(desk.channels["messenger"].sent["out"]) == 1, seconds=5)
    at = desk.channels["messenger"].times[-1]
    assert at - wrote >= timedelta(seconds=60)
    assert inside != outside


async def test_who_stops_after_the_planning_hears_nothing(desk: Desk) -> None:
    people = await desk.crowd(20)
    campaign = await desk.launched(**within_half_an_hour(desk))
    await desk.store.database.sessions.update_one(
        {"_id": people[3]}, {"$set": {"state.stopped": True}}
    )
    async with sending(desk.sender()):
        await settled(desk, f"{campaign.id}:invite")
    assert "telegram3" not in desk.channels["telegram"].sent
    assert await desk.statuses(f"{campaign.id}:invite") == {"sent": 19, "skipped": 1}


async def test_who_stops_just_before_their_turn_hears_nothing(desk: Desk) -> None:
    people = await desk.crowd(16)
    campaign = await desk.launched(**within_half_an_hour(desk))
    desk.clock.forward(minutes=31)
    asked = desk.channels["telegram"].sent
    async with sending(desk.sender(telegram=4)):
        await desk.until(lambda: desk.total() == 1)
        last = {person for n, person in enumerate(people) if f"telegram{n}" not in asked}
        await desk.store.database.sessions.update_many(
            {"_id": {"$in": list(last)}}, {"$set": {"state.stopped": True}}
        )
        await settled(desk, f"{campaign.id}:invite")
    # A few begin at once, the next may have been looked up when the others stopped.
    assert desk.total() <= 8


async def test_the_next_are_looked_up_while_others_are_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.crowd(60)
    await desk.launched(**within_half_an_hour(desk))
    desk.clock.forward(minutes=31)
    look_up = desk.store.sessions.contacts
    known = 0
    left: list[int] = []

    async def noted(citizens: list[str]) -> dict[str, dict[str, Any]]:
        nonlocal known
        left.append(known - desk.total())
        known += len(citizens)
        return await look_up(citizens)

    monkeypatch.setattr(desk.store.sessions, "contacts", noted)
    async with sending(desk.sender()):
        await desk.until(lambda: desk.total() == 60)
    # Most of the nine looked up before are still to be sent.
    assert min(left[1:]) >= 5, left


async def test_nobody_is_interrupted_in_a_conversation(desk: Desk) -> None:
    wrote = desk.clock() - timedelta(seconds=5)
    await desk.citizen("busy", seen=timedelta(seconds=5))
    await desk.launched(**within_half_an_hour(desk))
    async with sending(desk.sender()):
        await desk.pass_time(lambda: desk.total() == 1, seconds=3)
    assert desk.channels["telegram"].times[0] - wrote >= timedelta(seconds=60)


async def test_reminders_go_to_those_who_have_not_answered_and_twice_at_most(desk: Desk) -> None:
    people = await desk.crowd(4)
    hours = Hours(desk.clock(), desk.clock() + timedelta(days=10))
    campaign = await desk.launched(hours=hours, reminders=(2, 4), send_by=MORNING + timedelta(1))
    async with sending(desk.sender()):
        await desk.pass_time(lambda: desk.total() == 4, hours=4)
        await desk.store.invitations.mark(campaign.id, people[0], "complete", desk.clock())
        await desk.store.invitations.mark(campaign.id, people[1], "refused", desk.clock())
        for _ in range(32):
            desk.clock.forward(hours=6)
            await desk.runner.step()
            desk.clock.forward(minutes=30)
            await asyncio.sleep(0.4)
    sent = {address: len(each) for address, each in desk.channels["telegram"].sent.items()}
    assert sent == {"telegram0": 1, "telegram1": 1, "telegram2": 3, "telegram3": 3}


async def test_a_full_quota_stops_its_invitations(desk: Desk) -> None:
    await desk.crowd(10)
    campaign = await desk.campaign(**within_half_an_hour(desk), quotas=(Quota("place", "11", 1),))
    await desk.store.database.cases.insert_one(
        {"_id": "c1", "campaign": campaign.id, "status": "complete", "place": "1101"}
    )
    await desk.campaigns.start(campaign.id, "author")
    await desk.runner.step()
    async with sending(desk.sender()):
        await settled(desk, f"{campaign.id}:invite")
    assert desk.total() == 0
    assert await desk.store.invitations.counts(campaign.id) == {"ineligible": 10}
