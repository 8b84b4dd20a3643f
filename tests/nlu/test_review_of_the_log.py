"""`nlu review` reads what the conversation log holds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nlu.commands import app
from settings import Settings
from storage.store import Store

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def heard(number: int, text: str, confidence: float | None) -> dict[str, object]:
    """A text in the log, with what it was taken for."""
    said = {"text": text, "intent": "ask_bot", "confidence": confidence}
    return {"_id": f"c:{number}:0", "type": "heard", "citizen": "c", "at": NOW, **said}


async def test_only_what_was_not_understood_is_shown_and_masked(
    store: Store, mongodb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [("хачин зүйл 99112233", 0.2), ("төсөв хэд вэ", 0.97), ("/menu", None)]
    await store.database.events.insert_many(
        [heard(number, text, sure) for number, (text, sure) in enumerate(texts)]
    )
    configured = Settings(
        _env_file=None, mongodb_uri=mongodb, mongodb_database="tests", data_dir=tmp_path
    )
    monkeypatch.setattr("nlu.commands.settings", lambda: configured)
    # The command runs a loop of its own, as it does for a user.
    result = await asyncio.to_thread(CliRunner().invoke, app, ["review", "--list"])
    assert result.exit_code == 0, result.output
    assert "хачин зүйл [phone]" in result.output
    assert "төсөв" not in result.output
    assert "menu" not in result.output
    assert "99112233" not in result.output


def test_without_a_database_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50"
    configured = Settings(_env_file=None, mongodb_uri=nobody, data_dir=tmp_path)
    monkeypatch.setattr("nlu.commands.settings", lambda: configured)
    result = CliRunner().invoke(app, ["review", "--list"])
    assert result.exit_code == 1
    assert "no database answers" in result.output
