"""Exports of a small survey, into a folder of the test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.export import Exported, export
from analytics.request import Request, request_of
from storage.store import Store
from tests.analytics.forms import CUTOFF, FULL, LONG_NAME, case, publish
from tests.world.database import KEY

Export = Callable[..., Awaitable[Path]]


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
