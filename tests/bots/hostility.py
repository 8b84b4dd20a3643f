"""Hostile input: valid events spoilt at random places with whatever JSON can hold."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from dataclasses import dataclass
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from bson import encode
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.bots.inbox import Inbox

EVENTS_AN_EXAMPLE = 25
EXAMPLES = 420  # times EVENTS_AN_EXAMPLE makes over 10,000 events

NASTY: list[Any] = [
    None,
    True,
    0,
    -1,
    1 << 70,
    1e999,
    float("nan"),
    "",
    "\x00",
    "\ud800",
    "Сайн\udfff уу",
    "/start \ud83d",
    "‮𝕏ﷺ😀" * 50,
    "9" * 60,
    "../../etc/passwd",
    "{{7*7}}",
    {"$where": "1"},
    [],
    {},
    [[[[[]]]]],
    {"id": {"id": {"id": 1}}},
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def spoil(event: Any, chance: random.Random, junk: list[Any]) -> Any:
    """A copy of `event` with up to four values replaced, removed, renamed or repeated."""
    spoilt = copy.deepcopy(event)
    for _ in range(chance.randint(0, 4)):
        container, key = _somewhere(spoilt, chance)
        if container is None:
            return chance.choice(NASTY + junk)
        act = chance.randrange(8)
        if act == 0:
            del container[key]
        elif act == 1 and isinstance(container, dict):
            container[chance.choice(["id", "type", "message", "\x00", "$set"])] = container[key]
        elif act < 4:
            container[key] = copy.deepcopy(chance.choice(NASTY + junk))
        else:  # of the right type, which gets further
            alike = [each for each in NASTY + junk if type(each) is type(container[key])]
            container[key] = copy.deepcopy(chance.choice(alike or NASTY))
    return spoilt


def _somewhere(value: Any, chance: random.Random) -> tuple[Any, Any]:
    """A random place inside `value`, as (container, key)."""
    container: Any = None
    key: Any = None
    while isinstance(value, dict | list) and value:
        container = value
        key = (
            chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
        )
        value = container[key]
        if chance.random() < 0.35:
            break
    return container, key


def body_of(event: Any, chance: random.Random) -> bytes:
    """`event` as a request body: sometimes cut off, padded beyond the limit or not even JSON."""
    body = json.dumps(event).encode()
    fate = chance.random()
    if fate < 0.03:
        return body[: chance.randrange(len(body))]
    if fate < 0.04:
        return body + b" " * (1 << 20)
    if fate < 0.05:
        return chance.randbytes(chance.randrange(200))
    if fate < 0.055:
        return b'{"update_id":' + b"[" * 50_000
    return body


@dataclass
class Request:
    """What the handlers see of a request; aiohttp's mocked one is slower than all the rest."""

    headers: CIMultiDict[str]
    content: StreamReader


def request(body: bytes, headers: dict[str, str]) -> Request:
    """A request as aiohttp would hand it to the handler; needs a running loop."""
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), 1 << 24, loop=loop)
    content.feed_data(body)
    content.feed_eof()
    return Request(CIMultiDict(headers), content)


async def status_of(handler: Any, incoming: Request) -> int:
    """The status the server would answer with; whatever else is raised fails the test."""
    try:
        response: web.Response = await handler(incoming)
    except web.HTTPException as answer:
        return answer.status
    return response.status


def assert_sound(inbox: Inbox) -> None:
    """Everything stored can be stored: ids and addresses of their kind, texts in UTF-8."""
    for (channel, address, identity), incoming in inbox.stored.items():
        assert channel in ("telegram", "messenger")
        assert address.isdecimal()
        assert 0 < len(identity) <= 300
        encode(incoming.to_document() | {"address": address})
        assert len(incoming.text) <= 4096
        assert len(incoming.payload) <= 1000
        if incoming.latitude is not None and incoming.longitude is not None:
            assert abs(incoming.latitude) <= 90
            assert abs(incoming.longitude) <= 180
