"""Hostile frames: whatever comes, an answer goes back and nothing wrong is stored."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.web import frames
from bots.web.file_types import sniff
from tests.webchat.echo import Bot

EXAMPLES = 600
FRAMES = 20

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["", "\x00", "\ud800", "text", "tap", "join", "location", "a" * 9000])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=4,
)
fields = st.sampled_from(
    ["id", "type", "text", "payload", "label", "of", "latitude", "longitude", "$where", "seq"]
)
ids = st.uuids().map(str)
fair = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "id": ids, "text": st.text(max_size=30)}),
    st.fixed_dictionaries(
        {
            "type": st.just("tap"),
            "id": ids,
            "payload": st.text(max_size=70),
            "label": st.text(max_size=9),
        }
    ),
    st.fixed_dictionaries({"type": st.just("join"), "id": ids, "payload": st.text(max_size=70)}),
    st.fixed_dictionaries(
        {
            "type": st.just("location"),
            "id": ids,
            "latitude": st.floats(-200, 200) | st.floats(),
            "longitude": st.floats(-200, 200) | st.floats(),
        }
    ),
)
spoilt = st.builds(
    lambda frame, spoils, drop: {
        key: value for key, value in {**frame, **spoils}.items() if key not in drop
    },
    fair,
    st.dictionaries(fields, values, max_size=2),
    st.sets(fields, max_size=1),
)
as_json = (fair | spoilt | values).map(json.dumps)
cut = st.builds(lambda text, at: text[: at % (len(text) + 1)], as_json, st.integers(0, 500))
raw = st.one_of(
    as_json,
    cut,
    st.text(max_size=40),
    st.sampled_from(
        [
            "[" * 60_000,
            '{"a":' * 10_000,
            "9" * 60_000,
            '{"type":"location","latitude":1e999}',
            '{"type":"text","id":"x","id":"y"}',
            '{"__proto__":{"type":"text"}}',
            "NaN",
            "\ufeff{}",
        ]
    ),
)


def test_ten_thousand_hostile_frames_do_no_harm() -> None:
    seen: dict[str, int] = {}

    with asyncio.Runner() as runner:

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(raw, min_size=FRAMES, max_size=FRAMES))
        def attack(batch: list[str]) -> None:
            bot = Bot()
            for frame in batch:
                address = uuid.uuid4().hex  # a new one each, or the allowance would stop them
                answer = runner.run(bot.channel.receive(address, frame))
                check(bot, address, answer)
                seen[answer["type"]] = seen.get(answer["type"], 0) + 1

        attack()
    assert sum(seen.values()) >= 10_000
    assert seen["ack"] > 500, "the generator must also make frames that are taken"
    assert seen["error"] > 500


def check(bot: Bot, address: str, answer: dict[str, Any]) -> None:
    """An answer was given; what is stored is whole, or nothing is."""
    json.dumps(answer).encode()
    kept = bot.history.entries.get(address, [])
    if answer["type"] == "error":
        assert (answer["code"], answer["retry"]) in {("malformed", False), ("too_long", False)}
        assert answer["detail"]
        assert not kept
        return
    assert answer["type"] == "ack"
    incoming = bot.delivered[-1]
    json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()
    assert incoming.id == answer["id"] == kept[0]["id"]
    assert "\x00" not in incoming.text + incoming.payload
    assert len(incoming.payload.encode()) <= 64
    assert len(incoming.text) <= frames.MAX_TEXT
    if incoming.latitude is not None and incoming.longitude is not None:
        assert -90 <= incoming.latitude <= 90
        assert -180 <= incoming.longitude <= 180


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=64), st.text(max_size=20))
def test_sniffing_never_fails_and_never_trusts_a_name(data: bytes, name: str) -> None:
    assert sniff(data, name) == sniff(data, "") or data.startswith(b"\xd0\xcf\x11\xe0")
