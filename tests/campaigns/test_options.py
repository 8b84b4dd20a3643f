"""`campaign create` on the command line: the invitation's own words, and quotas."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campaigns.campaign import LONGEST_WORDS, Quota
from campaigns.commands import app
from campaigns.options import read_quotas, read_words
from settings import Settings
from tests.campaigns.conftest import FORM, Desk


def test_words_come_by_language_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "kk.txt").write_text("\ufeffСәлем!\n", encoding="utf-8")
    given = ["mn=Сайн байна уу? 1 = 1", f"kk=@{tmp_path / 'kk.txt'}"]
    assert read_words(given) == {"mn": "Сайн байна уу? 1 = 1", "kk": "Сәлем!"}


@pytest.mark.parametrize("option", ["Сайн уу", "de=Guten Tag", "mn= ", "=x"])
def test_words_that_are_none_are_told(option: str) -> None:
    with pytest.raises(ValueError, match="--words"):
        read_words([option])


def test_quotas_are_in_all_by_place_and_by_facility() -> None:
    given = ["total=400", "place=50", "place:1101=9", "facility:HC-6501=30"]
    assert read_quotas(given, ("6501", "6504")) == (
        Quota("total", "", 400),
        Quota("place", "6501", 50),
        Quota("place", "6504", 50),
        Quota("place", "1101", 9),
        Quota("facility", "HC-6501", 30),
    )


@pytest.mark.parametrize(
    "option",
    [
        "400",
        "total",
        "total=",
        "total=x",
        "total=0",
        "total:a=3",
        "facility=3",
        "sex:f=3",
        "place=5",
    ],
)
def test_quotas_that_are_none_are_told(option: str) -> None:
    with pytest.raises(ValueError, match="quota"):
        read_quotas([option], ())


def test_the_same_quota_twice_is_told() -> None:
    with pytest.raises(ValueError, match="place:6501 is given twice"):
        read_quotas(["place=5", "place:6501=6"], ("6501",))


async def test_the_command_makes_a_campaign_with_its_words_and_quotas(
    desk: Desk, mongodb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = Settings(
        _env_file=None, mongodb_uri=mongodb, mongodb_database="tests", data_dir=tmp_path
    )
    monkeypatch.setattr("campaigns.commands.settings", lambda: configured)
    given = ["create", "Намар", "--form", FORM["_id"], "--place", "6501"]
    given += ["--start", "2026-12-01T09:00", "--end", "2026-12-10T20:00"]
    given += ["--words", "mn=Сайн байна уу?", "--quota", "total=400", "--quota", "place=50"]
    # The command runs a loop of its own, as it does for a user.
    result = await asyncio.to_thread(CliRunner().invoke, app, given)
    assert result.exit_code == 0, result.output
    [made] = await desk.campaigns.all()
    assert made.words == {"mn": "Сайн байна уу?"}
    assert made.quotas == (Quota("total", "", 400), Quota("place", "6501", 50))
    given[given.index("--words") + 1] = "mn=" + "а" * (LONGEST_WORDS + 1)
    result = await asyncio.to_thread(CliRunner().invoke, app, given)
    assert result.exit_code == 1
    assert len(await desk.campaigns.all()) == 1
