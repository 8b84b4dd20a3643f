"""Over 10,000 hostile events: never a server error, never a stored effect of the unsigned."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bots.conftest import messenger_channel
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
from tests.bots.messenger_events import NO_EFFECT, attached, batch, chose, event, picture, said
from tests.world.graph import APP_SECRET, signature

TEMPLATES = [
    said("Сайн уу"),
    chose("menu"),
    event(postback={"title": "Цэс", "payload": "menu"}),
    event(postback={"payload": "/start", "referral": {"ref": "c-1", "type": "OPEN_THREAD"}}),
    event(referral={"ref": "c-1"}),
    event(optin={"ref": "c-1"}),
    attached(picture("https://scontent.xx.fbcdn.net/a.jpg"), picture("http://127.0.0.1/b")),
    attached({"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}),
    *NO_EFFECT.values(),
]
CANARY = said("Сайн уу", "m_canary", 42)


def test_hostile_events_do_no_harm() -> None:
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
        channel._intake._deliver = inbox.deliver

        async def post(body: bytes, headers: dict[str, str]) -> int:
            return await status_of(channel._webhook, request(body, headers))

        async def play() -> None:
            for _ in range(5):
                hostile = [spoil(chance.choice(TEMPLATES), chance, junk) for _ in range(4)]
                body = body_of(spoil(batch(*hostile), chance, junk), chance)
                before = dict(inbox.stored)
                secret = chance.choice([APP_SECRET, APP_SECRET, APP_SECRET, "wrong", ""])
                headers = signature(body, secret or "x") if secret else {}
                status = await post(body, headers)
                assert status in (200, 400, 403, 413)
                if secret != APP_SECRET:
                    assert status in (403, 413)
                    assert inbox.stored == before
                elif status == 200:
                    after = set(inbox.stored)
                    assert await post(body, headers) == 200  # replayed: no further effect
                    assert set(inbox.stored) == after
                tampered = body.replace(b"42", b"43") + b" "
                if secret == APP_SECRET and tampered != body and status != 413:
                    assert await post(tampered, headers) == 403
            mixed = [spoil(chance.choice(TEMPLATES), chance, junk) for _ in range(4)]
            mixed.insert(chance.randrange(5), CANARY)
            body = json.dumps(batch(*mixed)).encode()
            assert await post(body, signature(body)) == 200
            assert inbox.stored[("messenger", "42", "m_canary")].text == "Сайн уу"

        runner.run(play())
        assert_sound(inbox)
        events += EVENTS_AN_EXAMPLE
        stored += len(inbox.stored)

    with asyncio.Runner() as runner:
        channel = messenger_channel(
            Inbox(),
            messenger_token="t",
            messenger_app_secret=APP_SECRET,
            messenger_media_hosts="",
        )
        harm()
        runner.run(channel.stop())
    assert events >= 10_000
    assert stored > events / 20
