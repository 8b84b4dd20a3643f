"""Over 10,000 hostile updates: never a server error, never a stored effect of the unsigned."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.arrivals import Intake, RemoteFile
from bots.telegram.channel import SECRET_HEADER
from tests.bots.conftest import telegram_channel
from tests.bots.hostility import (
    EVENTS_AN_EXAMPLE,
    EXAMPLES,
    assert_sound,
    body_of,
    json_values,
    request,
    spoil,
    status_of,
)
from tests.bots.inbox import Inbox
from tests.bots.telegram_updates import in_group, membership, message, tap

FILE = {"file_id": "f", "file_size": 10, "mime_type": "image/png", "file_name": "a.png"}
TEMPLATES = [
    message(1),
    message(1, text="/start c-1"),
    message(1, location={"latitude": 47.9, "longitude": 106.9}),
    message(1, photo=[FILE, FILE], caption="x"),
    message(1, document=FILE),
    message(1, sticker={"emoji": "👍"}),
    message(1, contact={"phone_number": "1"}),
    tap(1, "menu"),
    membership(1, "member", "kicked"),
    in_group(1),
    {"update_id": 1, "edited_message": message(1)["message"]},
]


async def no_file(file: RemoteFile) -> bytes:
    raise OSError


async def unanswered(query: str) -> None:
    return None


def updates(chance: random.Random, junk: list[Any]) -> list[Any]:
    """Spoilt updates with numbers of their own, some twice, in any order."""
    made = []
    for number in range(1, EVENTS_AN_EXAMPLE):
        update = spoil(chance.choice(TEMPLATES) | {"update_id": number}, chance, junk)
        made += [update] * chance.choice([1, 1, 1, 2])
    chance.shuffle(made)
    return made[: EVENTS_AN_EXAMPLE - 1]


def test_hostile_updates_do_no_harm() -> None:
    events = stored = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 1 << 32), junk=st.lists(json_values, min_size=1, max_size=6))
    def harm(seed: int, junk: list[Any]) -> None:
        nonlocal events, stored
        chance, inbox = random.Random(seed), Inbox()
        channel._intake = Intake("telegram", inbox.deliver, inbox.store_media, no_file, 1.0)

        async def post(update: Any, secret: str) -> int:
            body = body_of(update, chance)
            incoming = request(body, {SECRET_HEADER: secret} if secret else {})
            return await status_of(channel._webhook, incoming)

        async def play() -> None:
            for update in updates(chance, junk):
                before = inbox.attempts
                secret = chance.choice(["s3cret", "s3cret", "s3cret", "wrong", ""])
                status = await post(update, secret)
                assert status in (200, 400, 403, 413)
                if secret != "s3cret":
                    assert (status, inbox.attempts) == (403, before)
            canary = request(CANARY, {SECRET_HEADER: "s3cret"})
            assert await status_of(channel._webhook, canary) == 200
            assert inbox.stored[("telegram", "42", "999")].text == "Сайн уу"

        runner.run(play())
        assert_sound(inbox)
        events += EVENTS_AN_EXAMPLE
        stored += len(inbox.stored)

    with asyncio.Runner() as runner:
        channel = telegram_channel(Inbox(), telegram_token="1:x", telegram_secret="s3cret")
        channel._answer_tap = unanswered  # type: ignore[method-assign]
        harm()
        runner.run(channel.stop())
    assert events >= 10_000
    assert stored > events / 20


CANARY = b"""{"update_id": 999, "message": {"message_id": 1, "date": 1, "text":
"\\u0421\\u0430\\u0439\\u043d \\u0443\\u0443", "chat": {"id": 42, "type": "private"}}}"""
