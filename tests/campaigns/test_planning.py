"""Planning: the same batches each time, what is due first is stored first, nobody left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.audience import Audience, select
from campaigns.campaign import DRAWN, RUNNING
from campaigns.planning import BATCH
from campaigns.population import LONGEST, Kept, Population
from content.hours import Hours
from storage.campaigns import CampaignStore
from storage.outbox import Outbox
from storage.store import Document
from tests.campaigns.conftest import Desk
from tests.campaigns.test_pushing import sending, settled


async def test_a_push_is_sent_while_the_rest_of_it_is_planned(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []
    add_messages, add_batches = Outbox.add_messages, Outbox.add_batches

    async def messages(self: Outbox, some: list[Document]) -> None:
        stored.extend(each["_id"] for each in some)
        await add_messages(self, some)

    async def batches(self: Outbox, some: list[Document]) -> None:
        stored.extend(each["_id"] for each in some)
        await add_batches(self, some)

    monkeypatch.setattr(Outbox, "add_messages", messages)
    monkeypatch.setattr(Outbox, "add_batches", batches)
    await desk.crowd(BATCH * 24)
    campaign = await desk.launched(hours=Hours(desk.clock(), desk.clock() + timedelta(days=1)))
    push = f"{campaign.id}:invite"
    left = await desk.store.outbox.unfinished(push)
    by_time = [each["_id"] for each in sorted(left, key=lambda each: each["due"])]
    assert [name for name in stored if name in set(by_time)] == by_time
    first_batch = stored.index(by_time[0])
    assert BATCH <= first_batch < len(stored) / 2


async def test_a_plan_that_was_cut_short_is_made_again_though_some_have_answered(
    desk: Desk,
) -> None:
    people = await desk.crowd(120)
    campaign = await desk.launched(hours=Hours(desk.clock(), desk.clock() + timedelta(hours=10)))
    push = f"{campaign.id}:invite"
    outbox, batches = desk.store.database.outbox, desk.store.database.batches
    # As if the process had died half-way, and somebody had followed a poster meanwhile.
    late = sorted([each["_id"] async for each in batches.find()])[1:]
    await batches.delete_many({"_id": {"$in": late}})
    await outbox.delete_many({"batch": late[-1]})
    await desk.store.campaigns.set(campaign.id, plan=DRAWN)
    await desk.store.invitations.mark(campaign.id, people[7], "opened", desk.clock())
    await desk.runner.step()
    async with sending(desk.sender()):
        await settled(desk, push)
    assert await desk.statuses(push) == {"sent": 120}
    assert {len(each) for each in desk.channels["telegram"].sent.values()} == {1}
    assert desk.total() == 120


async def test_places_are_looked_up_with_all_beneath_and_nobody_twice(desk: Desk) -> None:
    for place in ("65", "6501", "650101", "6502", "66", "6"):
        await desk.citizen(f"in {place}", place=place)
    people = Population(desk.store)
    found = await people.in_places(["6501", "65", "650101"])
    assert sorted(each.place for each in found) == ["65", "6501", "650101", "6502"]
    assert [each.place for each in await people.in_places(["6501"])] == ["6501", "650101"]
    chosen = await select(desk.store, Audience(places=("66", "6501")), desk.clock())
    assert sorted(each.place for each in chosen.members) == ["6501", "650101", "66"]


async def test_what_took_long_to_read_is_kept_for_a_while_and_what_did_not_is_not() -> None:
    now, reads = 0.0, 0

    async def read() -> int:
        nonlocal now, reads
        now += took
        reads += 1
        return reads

    kept: Kept[int] = Kept(lambda: now)
    took = 0.1
    assert [await kept.get(read) for _ in range(3)] == [1, 2, 3]
    took = 5.0
    assert [await kept.get(read) for _ in range(3)] == [4, 4, 4]
    now += LONGEST
    assert await kept.get(read) == 5


async def test_a_campaign_changed_as_it_begins_is_begun_at_the_next_look(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.crowd(3)
    campaign = await desk.campaign()
    await desk.campaigns.start(campaign.id, "author")

    async def too_late(*_: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(CampaignStore, "change", too_late)
        await desk.runner.step()
    assert await desk.store.outbox.pushes_of(campaign.id) == []
    await desk.runner.step()
    [push] = await desk.store.outbox.pushes_of(campaign.id)
    assert push["state"] == "open"
    assert (await desk.campaigns.get(campaign.id)).status == RUNNING


async def test_a_pause_and_its_end_while_a_campaign_is_planned(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.crowd(BATCH * 12)
    campaign = await desk.campaign()
    await desk.campaigns.start(campaign.id, "author")
    add_batches, times = Outbox.add_batches, 0

    async def batches(self: Outbox, some: list[Document]) -> None:
        nonlocal times
        times += 1
        await add_batches(self, some)
        if times == 1:
            await desk.campaigns.pause(campaign.id, "author")
            await desk.campaigns.resume(campaign.id, "author")

    monkeypatch.setattr(Outbox, "add_batches", batches)
    await desk.runner.step()
    assert times > 1
    [push] = await desk.store.outbox.pushes_of(campaign.id)
    assert push["state"] == "open"
    assert all("due" in each for each in await desk.store.outbox.unfinished(push["_id"]))
