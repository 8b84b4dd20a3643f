"""Whose word counts on where a request comes from."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pydantic import ValidationError

from console.desk import DESK, Desk
from console.guard import address_of
from settings import Settings
from tests.console.conftest import Open


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "found"),
    [
        ("127.0.0.1 ::1", "127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1 ::1", "127.0.0.1", "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1 ::1", "127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1 ::1", "203.0.113.7", "198.51.100.9", "203.0.113.7"),
        ("172.30.99.0/24", "172.30.99.2", "203.0.113.7", "203.0.113.7"),
        ("172.30.99.0/24", "172.30.98.2", "203.0.113.7", "172.30.98.2"),
        ("172.30.99.0/24", "127.0.0.1", "203.0.113.7", "127.0.0.1"),
        ("", "127.0.0.1", "203.0.113.7", "127.0.0.1"),
    ],
)
def test_only_our_proxies_are_believed(
    desk: Desk, trusted: str, remote: str, forwarded: str, found: str
) -> None:
    app = web.Application()
    object.__setattr__(desk, "settings", Settings(_env_file=None, trusted_proxies=trusted))
    app[DESK] = desk
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers, app=app)
    assert address_of(request.clone(remote=remote)) == found


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"proxy\.example"):
        Settings(_env_file=None, trusted_proxies="127.0.0.1 proxy.example")


async def test_one_who_guesses_through_the_proxy_does_not_lock_out_others(visit: Open) -> None:
    """The limit of an address counts whoever stands behind the proxy, not the proxy."""
    person = await visit()
    await person.get("/console/signin")
    for number in range(6):
        guess = {"name": "admin", "password": f"guess number {number}"}
        answer = await person.post(
            "/console/signin", guess, headers={"X-Forwarded-For": "203.0.113.7"}
        )
    assert answer.status == 429
    elsewhere = {"name": "admin", "password": "wrong"}
    headers = {"X-Forwarded-For": "203.0.113.8"}
    assert (await person.post("/console/signin", elsewhere, headers=headers)).status == 401
