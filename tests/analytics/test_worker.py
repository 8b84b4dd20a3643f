"""An export in a process of its own: what it makes, how far it is, and what can't be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.request import RequestError
from analytics.worker import in_worker
from tests.analytics.conftest import wanted
from tests.world.database import KEY


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, mongodb: str, tmp_path: Path) -> None:
    """The other process finds the tests' database."""
    monkeypatch.setenv("ONOO_MONGODB_URI", mongodb)
    monkeypatch.setenv("ONOO_MONGODB_DATABASE", "tests")
    monkeypatch.setenv("ONOO_SECRET_KEY", KEY.decode())
    monkeypatch.setenv("ONOO_DATA_DIR", str(tmp_path))


async def test_it_tells_how_far_it_is_and_what_it_made(
    elsewhere: None, survey: tuple[str, str], tmp_path: Path
) -> None:
    heard: list[tuple[str, int]] = []
    folder = tmp_path / "out"
    manifest = await in_worker(wanted(), folder, lambda done, rows: heard.append((done, rows)))
    assert manifest == json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["rows"]["answers"] == 4
    assert heard[0][0] == "read"


async def test_what_can_t_be_is_raised_here(
    elsewhere: None, survey: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(RequestError, match="did you mean teaching"):
        await in_worker(wanted(fields=("teachin",)), tmp_path / "out")
