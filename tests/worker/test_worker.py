"""The durable way, driven step by step with a clock in hand."""

from __future__ import annotations

import asyncio

import pytest

from bots.channel import Receipt, Result
from bots.worker import MAX_TRIES, Worker
from conversations.facts import Understand
from conversations.messages import Kind, Outgoing
from storage.sessions import LEASE
from tests.worker.conftest import World


async def consented(world: World, address: str = "1") -> None:
    """Bring a citizen through the welcome."""
    await world.hear(address, kind=Kind.JOIN)
    await world.hear(address, payload="lang:mn")
    await world.hear(address, payload="consent:yes")
    await world.hear(address, payload="place:skip")
    await world.idle(address)


async def test_a_conversation_is_answered_in_order(world: World) -> None:
    await consented(world)
    first = [text.split()[0] for text in world.texts("1")]
    assert first == ["Аль", "Сайн", "🔒", "Баярлалаа!", "📍", "За,", "Танд"]


async def test_statement_05_a_replayed_event_has_one_effect(world: World) -> None:
    assert await world.hear("1", kind=Kind.JOIN, id="same")
    assert not await world.hear("1", kind=Kind.JOIN, id="same")
    await world.idle("1")
    assert not await world.hear("1", kind=Kind.JOIN, id="same")
    await world.idle("1")
    assert len(world.texts("1")) == 1


async def test_nothing_is_filed_before_consent_and_everything_after(world: World) -> None:
    await world.hear("1", kind=Kind.JOIN)
    await world.hear("1", payload="lang:mn")
    await world.idle("1")
    assert await world.store.database.events.count_documents({}) == 0
    await world.hear("1", payload="consent:yes")
    await world.idle("1")
    citizen = await world.citizen("1")
    profile = await world.store.database.citizens.find_one({"_id": citizen})
    assert profile is not None
    assert (profile["consent"], profile["locale"]) == ("given", "mn")
    assert await world.store.database.events.count_documents({"citizen": citizen}) >= 3
    address = await world.store.database.addresses.find_one({"_id": citizen})
    assert address is not None
    assert "forget_at" not in address


async def test_erase_me_leaves_nothing(world: World) -> None:
    await consented(world)
    citizen = await world.citizen("1")
    await world.hear("1", "намайг март")
    await world.hear("1", "тийм")
    await world.idle("1")
    assert world.texts("1")[-1].startswith("✅")
    for collection in ("events", "cases", "citizens", "reports", "outbox"):
        query = {"$or": [{"citizen": citizen}, {"_id": citizen}]}
        assert await world.store.database[collection].count_documents(query) == 0, collection
    assert await world.store.database.addresses.count_documents({"_id": citizen}) == 0
    session = await world.store.database.sessions.find_one({"_id": citizen})
    assert session is not None
    assert session["state"] == {}
    assert "forget_at" in session


async def test_statement_13_a_wait_delays_without_using_up_attempts_and_keeps_the_order(
    world: World,
) -> None:
    world.channel.answer = lambda *_: Receipt(Result.WAIT, delay=30)
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    await world.hear("1", payload="lang:mn")
    await world.idle("1")
    assert len(world.channel.attempts) == 1, "nothing is tried during the wait"
    world.channel.answer = lambda *_: Receipt(Result.SENT)
    world.clock.forward(31)
    await world.idle("1")
    assert [text.split()[0] for text in world.texts("1")] == ["Аль", "Сайн", "🔒"]
    assert await world.store.database.outbox.count_documents({}) == 0, "a wait is no doubt"


async def test_statement_14_a_refused_message_is_never_tried_again(world: World) -> None:
    world.channel.answer = lambda *_: Receipt(Result.REFUSED, reason="400")
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    world.clock.forward(6000)
    await world.idle("1")
    assert len(world.channel.attempts) == 1


async def test_statement_07_a_chat_that_hangs_blocks_no_other(world: World) -> None:
    hanging, release = asyncio.Event(), asyncio.Event()
    send = world.channel.send

    async def slow(address: str, message: Outgoing, last_inbound: float) -> Receipt:
        if address == "slow":
            hanging.set()
            await release.wait()
        return await send(address, message, last_inbound)

    world.channel.send = slow  # type: ignore[method-assign]
    await world.worker.start()
    try:
        await world.hear("slow", kind=Kind.JOIN)
        await hanging.wait()
        await world.hear("slow", payload="lang:mn")
        for number in range(5):
            await world.hear(f"quick {number}", kind=Kind.JOIN)
        await world.channel.until(lambda: all(world.channel.sent[f"quick {n}"] for n in range(5)))
        assert world.texts("slow") == []
        release.set()
        await world.channel.until(lambda: len(world.channel.sent["slow"]) == 3)
        assert world.texts("slow")[0].startswith("Аль")
    finally:
        await world.worker.stop()


async def test_erasing_files_nothing_that_was_said_before(world: World) -> None:
    """Replies that were held back must not be filed again after the erasure."""
    await consented(world)
    citizen = await world.citizen("1")
    world.channel.answer = lambda *_: Receipt(Result.WAIT, delay=30)
    await world.hear("1", "цэс")
    await world.idle("1")
    await world.hear("1", "намайг март")
    await world.hear("1", "тийм")
    await world.idle("1")
    world.channel.answer = lambda *_: Receipt(Result.SENT)
    world.clock.forward(31)
    await world.idle("1")
    assert await world.store.database.events.count_documents({"citizen": citizen}) == 0


async def test_a_wait_for_everyone_holds_the_others_too(world: World) -> None:
    world.channel.answer = lambda *_: Receipt(Result.WAIT, delay=30, everyone=True)
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    await world.hear("2", kind=Kind.JOIN)
    await world.idle("2")
    assert [address for address, _ in world.channel.attempts] == ["1"]


async def test_a_failed_send_is_tried_again_and_given_up_in_the_end(world: World) -> None:
    world.channel.answer = lambda *_: Receipt(Result.RETRY, reason="503")
    await world.hear("1", kind=Kind.JOIN)
    for _ in range(20):
        await world.idle("1")
        world.clock.forward(45)
    assert len(world.channel.attempts) == 15, "every 45 s for ten minutes, and once more"
    record = await world.store.database.outbox.find_one({})
    assert record is not None
    assert record["result"] == "retry"


async def test_statement_14_an_ambiguous_send_is_unknown_and_not_repeated(world: World) -> None:
    world.channel.answer = lambda *_: Receipt(Result.UNKNOWN, reason="timeout")
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    world.clock.forward(600)
    await world.idle("1")
    assert len(world.channel.attempts) == 1
    record = await world.store.database.outbox.find_one({})
    assert record is not None
    assert record["result"] == "unknown"
    assert "message" not in record, "without consent no words are kept"


async def test_statement_12_a_blocked_citizen_is_off_until_they_write_again(world: World) -> None:
    await consented(world)
    citizen = await world.citizen("1")
    world.channel.answer = lambda *_: Receipt(Result.BLOCKED, reason="403")
    await world.hear("1", "цэс")
    await world.idle("1")
    assert (await world.store.sessions.contacts([citizen]))[citizen]["off"]
    world.channel.answer = lambda *_: Receipt(Result.SENT)
    await world.hear("1", "цэс")
    await world.idle("1")
    assert not (await world.store.sessions.contacts([citizen]))[citizen]["off"]


async def test_statement_17_a_channel_out_of_order_pauses_and_loses_nothing(world: World) -> None:
    world.channel.answer = lambda *_: Receipt(Result.STOPPED, reason="401")
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    world.channel.answer = lambda *_: Receipt(Result.SENT)
    world.clock.forward(61)
    await world.idle("1")
    assert len(world.texts("1")) == 1


async def test_what_a_lost_worker_began_is_sent_once_more_and_marked(world: World) -> None:
    class Lost(BaseException):
        """A worker that dies in the middle of a send."""

    def die(address: str, message: Outgoing) -> Receipt:
        raise Lost

    world.channel.answer = die
    await world.hear("1", kind=Kind.JOIN)
    with pytest.raises(Lost):
        await world.idle("1")
    other = Worker(world.store, {world.channel.name: world.channel}, world.facts, world.clock)
    citizen = await world.citizen("1")
    world.channel.answer = lambda *_: Receipt(Result.SENT)
    await other.attend(citizen)
    assert world.texts("1") == [], "the lease still holds"
    world.clock.forward(LEASE.total_seconds() + 1)
    await other.attend(citizen)
    assert len(world.texts("1")) == 1
    record = await world.store.database.outbox.find_one({})
    assert record is not None
    assert [attempt["result"] for attempt in record["attempts"]] == ["unknown", "sent"]


async def test_a_poisoned_entry_is_set_aside_and_the_citizen_goes_on(world: World) -> None:
    await consented(world)

    async def broken(_: Understand, __: str) -> None:
        raise ValueError("a defect")

    world.facts.register(Understand, broken)
    await world.hear("1", "нэг хачин зүйл асуух гэсэн юм")
    await world.hear("1", "цэс")
    for _ in range(MAX_TRIES):
        await world.idle("1")
        world.clock.forward(600)
    assert any(text.startswith("Уучлаарай") for text in world.texts("1"))
    assert world.texts("1")[-1].startswith("Танд юугаар"), "what came after it is answered"
    aside = await world.store.database.poisoned.find_one({})
    assert aside is not None
    assert aside["error"] == "ValueError"


async def test_two_workers_never_answer_twice(world: World) -> None:
    other = Worker(world.store, {world.channel.name: world.channel}, world.facts, world.clock)
    await world.hear("1", kind=Kind.JOIN)
    await world.hear("1", payload="lang:mn")
    citizen = await world.citizen("1")

    async def keep_attending(worker: Worker) -> None:
        for _ in range(6):
            await worker.attend(citizen)

    await asyncio.gather(keep_attending(world.worker), keep_attending(other))
    assert [text.split()[0] for text in world.texts("1")] == ["Аль", "Сайн", "🔒"]


async def test_a_running_worker_finds_what_nobody_woke_it_for(world: World) -> None:
    await world.worker.start()
    try:
        await world.hear("1", kind=Kind.JOIN)
        await world.channel.until(lambda: len(world.channel.sent["1"]) == 1)
    finally:
        await world.worker.stop()
