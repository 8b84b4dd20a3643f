"""What a platform asks of everyone when a reply is sent: the campaign lane obeys it too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bots.channel import Receipt, Result
from conversations.messages import Kind
from tests.worker.conftest import World


@pytest.mark.parametrize(
    ("receipt", "seconds"),
    [
        (Receipt(Result.WAIT, delay=30, everyone=True), 30),
        (Receipt(Result.STOPPED, reason="401"), 60),
    ],
)
async def test_a_reply_that_all_must_wait_for_pauses_the_campaign_lane(
    world: World, receipt: Receipt, seconds: float
) -> None:
    world.channel.answer = lambda *_: receipt
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    look = await world.store.pacing.look(world.channel.name, "another process", world.clock())
    assert look.paused_until == world.clock() + timedelta(seconds=seconds)


async def test_a_chat_that_must_wait_alone_pauses_nobody(world: World) -> None:
    world.channel.answer = lambda *_: Receipt(Result.WAIT, delay=30)
    await world.hear("1", kind=Kind.JOIN)
    await world.idle("1")
    look = await world.store.pacing.look(world.channel.name, "another process", world.clock())
    assert look.paused_until is None
