"""What comes in is answered before the platform hears that it arrived, or else stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from bots import door
from bots.channel import Receipt, Result
from bots.inbox import Inbox
from bots.worker import Worker
from conversations.facts import Known, KnownAboutMe, Understand
from conversations.messages import Kind, Outgoing
from storage.sessions import LEASE
from tests.worker.conftest import World


@pytest.fixture
async def at_door(world: World) -> AsyncIterator[World]:
    """The world with its worker running and its inbox answering."""
    world.inbox = Inbox(world.store, world.worker.wake, world.clock, world.worker.answer)
    await world.worker.start()
    yield world
    await world.worker.stop()


async def welcomed(world: World) -> None:
    """Until the citizen has consented and nothing is left to do."""
    await world.hear("1", kind=Kind.JOIN)
    await world.hear("1", payload="lang:mn")
    await world.hear("1", payload="consent:yes")
    await world.hear("1", payload="place:skip")
    await settled(world)


async def settled(world: World) -> None:
    """Until the citizen's session is at rest."""
    await world.worker.attend(await world.citizen("1"))
    session = await world.store.sessions.read(await world.citizen("1"))
    assert session is not None
    assert session.idle


class Slow:
    """A channel that holds every send until told."""

    def __init__(self, world: World) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self._send = world.channel.send
        world.channel.send = self.send  # type: ignore[method-assign]

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        self.begun.set()
        await self.go_on.wait()
        return await self._send(address, message, last_inbound)


async def test_event_and_turn_are_stored_in_one_write_before_it_is_acknowledged(
    at_door: World,
) -> None:
    await welcomed(at_door)
    slow, citizen = Slow(at_door), await at_door.citizen("1")
    before = await at_door.store.sessions.read(citizen)
    assert await at_door.hear("1", payload="menu:privacy")
    after = await at_door.store.sessions.read(citizen)
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1
    assert after.inbox == []
    assert [event["type"] for event in after.pending].count("said") >= 1
    assert after.last_inbound == at_door.clock()
    slow.go_on.set()
    await settled(at_door)


async def test_a_repeated_event_has_one_effect(at_door: World) -> None:
    await welcomed(at_door)
    shown = len(at_door.texts("1"))
    together = await asyncio.gather(
        *(at_door.hear("1", payload="menu:privacy", id="same") for _ in range(3))
    )
    assert sorted(together) == [False, False, True]
    await settled(at_door)
    said = len(at_door.texts("1")) - shown
    assert not await at_door.hear("1", payload="menu:privacy", id="same")
    await settled(at_door)
    assert len(at_door.texts("1")) - shown == said
    heard = {"type": "heard", "citizen": await at_door.citizen("1"), "payload": "menu:privacy"}
    assert await at_door.store.database.events.count_documents(heard) == 1


async def test_events_that_come_together_are_answered_in_their_order(at_door: World) -> None:
    await welcomed(at_door)
    names = [f"{number:02}" for number in range(12)]
    await asyncio.gather(*(at_door.hear("1", f"юу гэсэн {name}") for name in names))
    await settled(at_door)
    query = {"type": "heard", "citizen": await at_door.citizen("1"), "text": {"$regex": "юу"}}
    found = [each async for each in at_door.store.database.events.find(query)]
    found.sort(key=lambda each: int(each["_id"].split(":")[1]))
    assert [each["text"][-2:] for each in found] == names


async def test_a_session_handed_on_is_let_go_of_by_the_last(at_door: World) -> None:
    await welcomed(at_door)
    slow = Slow(at_door)
    first = asyncio.create_task(at_door.hear("1", payload="menu:privacy"))
    await slow.begun.wait()
    second = asyncio.create_task(at_door.hear("1", payload="menu:language"))
    slow.go_on.set()
    assert await asyncio.gather(first, second) == [True, True]
    await settled(at_door)
    versions = {
        each["_id"].split(":")[1]
        async for each in at_door.store.database.events.find({"type": "heard"})
    }
    assert len(versions) == 4, "consent, place, privacy, language: each filed once"


class SlowFiling:
    """Filing that waits until told; what was heard, by what was filed at once."""

    def __init__(self, world: World) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.calls = 0
        self.filed: list[list[str]] = []
        self._file = world.store.filing.file
        world.store.filing.file = self.file  # type: ignore[method-assign]

    async def file(self, citizen: str, channel: str, events: list[dict[str, Any]]) -> None:
        self.calls += 1
        self.begun.set()
        await self.go_on.wait()
        await self._file(citizen, channel, events)
        if heard := [event["text"] for event in events if event["type"] == "heard"]:
            self.filed.append(heard)


async def test_the_next_is_answered_while_what_was_said_before_is_filed(at_door: World) -> None:
    await welcomed(at_door)
    filing, citizen = SlowFiling(at_door), await at_door.citizen("1")
    texts = ["юу гэсэн үг", "бас", "дахиад"]
    for text in texts:
        shown = len(at_door.texts("1"))
        assert await at_door.hear("1", text)
        while len(at_door.texts("1")) == shown:
            await asyncio.sleep(0)
        await filing.begun.wait()
    assert filing.filed == []
    filing.go_on.set()
    await settled(at_door)
    assert filing.filed == [texts[:1], texts[1:]], "each once, what waited together"
    query = {"citizen": citizen, "text": {"$in": texts}}
    assert await at_door.store.database.events.count_documents(query) == 3
    said = at_door.store.database.events.find({"citizen": citizen, "type": "said"})
    assert all(["delivery" in event async for event in said])


async def test_what_could_not_be_filed_is_filed_later_and_not_sent_again(
    at_door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await welcomed(at_door)
    citizen = await at_door.citizen("1")
    tried, file = asyncio.Event(), at_door.store.filing.file

    async def away(*_: Any) -> None:
        tried.set()
        raise AutoReconnect("the database is away")

    monkeypatch.setattr(at_door.store.filing, "file", away)
    await at_door.hear("1", "юу гэсэн үг")
    await tried.wait()
    with pytest.raises(AutoReconnect):
        await at_door.worker.attend(citizen)
    shown = at_door.texts("1")
    monkeypatch.setattr(at_door.store.filing, "file", file)
    await settled(at_door)
    heard = {"citizen": citizen, "type": "heard", "text": "юу гэсэн үг"}
    assert await at_door.store.database.events.count_documents(heard) == 1
    assert at_door.texts("1") == shown
    assert await at_door.store.database.outbox.count_documents({}) == 0


async def test_a_commit_that_was_written_and_not_answered_is_not_dropped(
    at_door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await welcomed(at_door)
    slow, citizen = Slow(at_door), await at_door.citizen("1")
    commit = at_door.store.sessions.commit_arrival
    await at_door.hear("1", "юу гэсэн үг")
    await slow.begun.wait()

    async def unanswered(*parts: Any, **more: Any) -> bool:
        assert await commit(*parts, **more)
        raise AutoReconnect("the database ended before it answered")

    monkeypatch.setattr(at_door.store.sessions, "commit_arrival", unanswered)
    waiting = asyncio.create_task(at_door.hear("1", "бас"))
    while not at_door.worker._turnstile._turns[citizen].wanted:
        await asyncio.sleep(0)
    slow.go_on.set()
    with pytest.raises(AutoReconnect):
        await waiting
    await settled(at_door)
    heard = {"citizen": citizen, "type": "heard", "text": {"$in": ["юу гэсэн үг", "бас"]}}
    assert await at_door.store.database.events.count_documents(heard) == 2


async def test_no_more_is_carried_than_can_be_written_anew_with_each_turn(
    at_door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "CARRIED", 1)
    await welcomed(at_door)
    filing, citizen = SlowFiling(at_door), await at_door.citizen("1")
    await at_door.hear("1", "юу гэсэн үг")
    await filing.begun.wait()
    waiting = asyncio.create_task(at_door.hear("1", "бас"))
    while not at_door.worker._turnstile._turns[citizen].wanted:
        await asyncio.sleep(0)
    session = await at_door.store.sessions.read(citizen)
    assert session is not None
    assert {event.get("text") for event in session.pending if event["type"] == "heard"} == {
        "юу гэсэн үг"
    }
    filing.go_on.set()
    assert await waiting
    await settled(at_door)
    assert filing.filed == [["юу гэсэн үг"], ["бас"]]


async def test_before_a_fact_about_the_citizen_is_told_all_is_filed(at_door: World) -> None:
    seen: list[int] = []

    async def known(_: KnownAboutMe, who: str) -> Known:
        query = {"citizen": who, "type": "heard", "text": "юу гэсэн үг"}
        seen.append(await at_door.store.database.events.count_documents(query))
        return Known()

    at_door.facts.register(KnownAboutMe, known)
    await welcomed(at_door)
    filing = SlowFiling(at_door)
    await at_door.hear("1", "юу гэсэн үг")
    await filing.begun.wait()
    asking = asyncio.create_task(at_door.hear("1", "миний мэдээлэл"))
    while filing.calls < 2:
        await asyncio.sleep(0)
    assert seen == []
    filing.go_on.set()
    assert await asking
    await settled(at_door)
    assert seen == [1]


async def test_who_waits_in_vain_is_stored_and_answered_later(
    at_door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await welcomed(at_door)
    slow, citizen = Slow(at_door), await at_door.citizen("1")
    await at_door.hear("1", payload="menu:privacy")
    await slow.begun.wait()
    monkeypatch.setattr(door, "PATIENCE", 0.0)
    assert await at_door.hear("1", payload="menu:language")
    session = await at_door.store.sessions.read(citizen)
    assert session is not None
    assert [entry["payload"] for entry in session.inbox] == ["menu:language"]
    slow.go_on.set()
    await settled(at_door)
    heard = {"type": "heard", "citizen": citizen, "payload": "menu:language"}
    assert await at_door.store.database.events.count_documents(heard) == 1


async def test_many_events_of_a_chat_that_hangs_wait_no_longer_than_one(
    at_door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await welcomed(at_door)
    slow, citizen = Slow(at_door), await at_door.citizen("1")
    await at_door.hear("1", payload="menu:privacy")
    await slow.begun.wait()
    monkeypatch.setattr(door, "PATIENCE", 0.5)
    async with asyncio.timeout(5):
        names = [f"{number:02}" for number in range(30)]
        await asyncio.gather(*(at_door.hear("1", f"юу гэсэн {name}") for name in names))
    session = await at_door.store.sessions.read(citizen)
    assert session is not None
    assert [entry["text"][-2:] for entry in session.inbox] == names
    slow.go_on.set()
    await settled(at_door)


async def test_nothing_is_handed_on_after_erasing(at_door: World) -> None:
    await welcomed(at_door)
    await at_door.hear("1", "намайг март")
    await settled(at_door)
    slow, citizen = Slow(at_door), await at_door.citizen("1")
    erasing = asyncio.create_task(at_door.hear("1", "тийм"))
    await slow.begun.wait()
    after = asyncio.create_task(at_door.hear("1", kind=Kind.JOIN))
    slow.go_on.set()
    await asyncio.gather(erasing, after)
    await settled(at_door)
    session = await at_door.store.database.sessions.find_one({"_id": citizen})
    assert session is not None
    assert session["state"].get("consent", "") != "given"
    assert await at_door.store.database.events.count_documents({"citizen": citizen}) == 0


async def test_a_session_handed_on_to_one_who_gave_up_is_let_go_of(at_door: World) -> None:
    await welcomed(at_door)
    slow, citizen = Slow(at_door), await at_door.citizen("1")
    await at_door.hear("1", payload="menu:privacy")
    await slow.begun.wait()
    gone = asyncio.create_task(at_door.hear("1", payload="menu:language"))
    gone.cancel()
    slow.go_on.set()
    await asyncio.gather(gone, return_exceptions=True)
    async with asyncio.timeout(10):
        while not (await at_door.store.sessions.read(citizen)).idle:  # type: ignore[union-attr]
            pass


async def test_what_waits_in_the_inbox_goes_first(at_door: World) -> None:
    await welcomed(at_door)
    citizen = await at_door.citizen("1")
    entry = {"id": "t1", "kind": "text", "at": at_door.clock(), "text": "эхнийх"}
    await at_door.store.sessions.append(citizen, entry, at_door.clock())
    await at_door.hear("1", "дараах")
    await settled(at_door)
    heard = {"type": "heard", "citizen": citizen, "text": {"$in": ["эхнийх", "дараах"]}}
    found = [each async for each in at_door.store.database.events.find(heard)]
    found.sort(key=lambda each: int(each["_id"].split(":")[1]))
    assert [each["text"] for each in found] == ["эхнийх", "дараах"]


async def test_a_turn_that_fails_is_stored_tried_and_set_aside(at_door: World) -> None:
    await welcomed(at_door)

    async def broken(_: Understand, __: str) -> None:
        raise RuntimeError("a defect")

    at_door.facts.register(Understand, broken)
    assert await at_door.hear("1", "юу вэ")
    citizen = await at_door.citizen("1")
    for _ in range(5):
        await at_door.worker.attend(citizen)
        at_door.clock.forward(60)
    assert await at_door.store.database.poisoned.count_documents({"citizen": citizen}) == 1
    await settled(at_door)


async def test_what_a_lost_worker_committed_is_sent_by_another(at_door: World) -> None:
    await welcomed(at_door)
    Slow(at_door)
    shown = len(at_door.texts("1"))
    await at_door.hear("1", payload="menu:privacy")
    await at_door.worker.stop()
    channel = type(at_door.channel)("fake")
    at_door.channel = channel
    other = Worker(at_door.store, {"fake": channel}, at_door.facts, at_door.clock)
    citizen = await at_door.citizen("1")
    await other.attend(citizen)
    assert at_door.texts("1") == [], "the lease still holds"
    at_door.clock.forward(LEASE.total_seconds() + 1)
    await other.attend(citizen)
    assert at_door.texts("1")
    assert shown
    outbox = await at_door.store.database.outbox.find_one({"citizen": citizen})
    assert outbox is not None
    assert outbox["attempts"][0]["result"] == str(Result.UNKNOWN)


async def test_a_worker_that_is_not_running_leaves_it_to_the_inbox(world: World) -> None:
    world.inbox = Inbox(world.store, world.worker.wake, world.clock, world.worker.answer)
    await world.hear("1", kind=Kind.JOIN)
    session = await world.store.sessions.read(await world.citizen("1"))
    assert session is not None
    assert len(session.inbox) == 1
