"""Exports of a small survey, into a folder of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application
from aiohttp.web import Request as WebRequest

from analytics.api import add_api_routes
from analytics.export import Exported, export
from analytics.request import Request, request_of
from storage.store import Store
from storage.tokens import Tokens
from storage.users import User, Users
from tests.analytics.forms import CUTOFF, FULL, LONG_NAME, case, publish
from tests.world.database import KEY

Export = Callable[..., Awaitable[Path]]
Client = TestClient[WebRequest, Application]


@pytest.fixture
async def survey(store: Store, tmp_path: Path) -> tuple[str, str]:
    """Five cases of a form in two versions; their names."""
    first, second = await publish(store, tmp_path)
    await store.database.cases.insert_many(
        [
            case(1, first, FULL),
            case(2, first, {"teaching": "1", "sex": "male", "visit/pupils": "3", "twice": "6"}),
            case(3, second, {"teaching": "5", "heating": "2", "reason": "'тийм", LONG_NAME: "3"}),
            case(4, second, {"needs": "heat", "visit/pupils": "many"}, status="break-off"),
            case(5, second, FULL, is_test=True),
        ]
    )
    return first, second


@pytest.fixture
def made(store: Store, survey: tuple[str, str], tmp_path: Path) -> Export:
    """Exports what it is asked for; returns the folder."""

    async def make(target: str = "out", **asked: Any) -> Path:
        folder = tmp_path / target
        await export_as(store, folder, **asked)
        return folder

    return make


async def export_as(store: Store, target: Path, **asked: Any) -> Exported:
    """An export of the survey's answers, unless asked otherwise."""
    return await export(store, wanted(**asked), KEY, target)


def wanted(**asked: Any) -> Request:
    """A request, for the survey's answers unless said otherwise."""
    return request_of({"dataset": "answers", "form": "school_visit", "cutoff": CUTOFF, **asked})


@pytest.fixture
async def client(store: Store, survey: tuple[str, str]) -> AsyncIterator[Client]:
    """A server with the API on the survey's data, and analysts who may ask."""

    async def build(request: Request, folder: Path) -> dict[str, Any]:
        return (await export(store, request, KEY, folder)).manifest

    now = datetime.now(UTC)
    for name, role, places in (
        ("ana", "analyst", ()),
        ("fay", "facilitator", ()),
        ("loc", "analyst", ("04",)),
    ):
        await Users(store.database).add(User(name, name, role, "", places), now)
    app = Application()
    add_api_routes(app, store, build)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def token(store: Store, user: str = "ana", **scope: Any) -> dict[str, str]:
    """What to send with a request, so that it is `user` who asks."""
    days = scope.pop("days", 1)
    secret = await Tokens(store.database).issue(user, "laptop", days, datetime.now(UTC), **scope)
    return {"Authorization": f"Bearer {secret}"}
