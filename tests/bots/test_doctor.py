"""The doctor finds what is wrong, says how to mend it, and touches nothing."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from rich.console import Console

from bots import surroundings
from bots.doctor import Diagnosis, diagnose, examine
from settings import Settings
from storage.schema import INDEXES, SCHEMA_VERSION
from storage.store import Store
from tests.world.database import free_port
from tests.world.emulator import serving
from tests.world.fake_telegram import TOKEN, UNAUTHORIZED, FakeTelegram
from tests.world.graph import FakeGraph


@pytest.fixture
def configured(tmp_path: Path) -> dict[str, object]:
    """Settings of a machine where nothing runs yet."""
    tmp_path.chmod(0o700)
    return {
        "data_dir": tmp_path,
        "port": free_port(),
        "embedded_port": free_port(),
        "nlu_port": free_port(),
    }


def settings(configured: dict[str, object], **more: object) -> Settings:
    return Settings(_env_file=None, **{**configured, **more})


def about(found: list[Diagnosis], part: str) -> list[Diagnosis]:
    return [one for one in found if one.part == part]


def wrong(found: list[Diagnosis], part: str) -> list[str]:
    return [one.finding.what for one in about(found, part) if not one.finding.ok]


@asynccontextmanager
async def answering(status: int) -> AsyncIterator[str]:
    """A server that answers everything with `status`."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as url:
        yield url


ALONE = "It is one server without replicas: losing its disk loses everything"
"""What is said of the embedded server where it is named as if it were the one of production."""


async def test_a_fresh_machine_is_healthy_and_stays_untouched(
    configured: dict[str, object], tmp_path: Path
) -> None:
    printed = io.StringIO()
    assert await examine(settings(configured), Console(file=printed, width=120)) == 0
    assert os.listdir(tmp_path) == []
    said = printed.getvalue()
    assert "./onoo start starts it" in said
    assert "@BotFather" in said
    assert "ONOO_MESSENGER_APP_SECRET" in said
    assert "✗" not in said


async def test_every_wrong_finding_says_how_to_mend_it(configured: dict[str, object]) -> None:
    uri = f"mongodb://127.0.0.1:{free_port()}"
    found = await diagnose(settings(configured, mongodb_uri=uri, nlu_url="http://127.0.0.1:9"))
    assert all(one.finding.mend for one in found if not one.finding.ok)
    assert wrong(found, "database") == [
        "No database answers at ONOO_MONGODB_URI (ServerSelectionTimeoutError)"
    ]
    assert any(one.failed for one in about(found, "database"))


async def test_a_prepared_database(
    configured: dict[str, object], mongodb: str, fresh_store: Store
) -> None:
    name = fresh_store.database.name
    found = await diagnose(settings(configured, mongodb_uri=mongodb, mongodb_database=name))
    said = [one.finding.what for one in about(found, "database")]
    assert said[0].startswith("SecantusDB ")
    assert said[1:] == [f"It has schema version {SCHEMA_VERSION}", ALONE]
    assert [w for w in wrong(found, "settings") if w.startswith("ONOO_SECRET_KEY is empty")]


def names_of(collection: str) -> list[str]:
    """The indexes of a collection, as the doctor names them."""
    return [f"{collection}." + "+".join(index.document["key"]) for index in INDEXES[collection]]


async def test_a_lost_index_is_named(
    configured: dict[str, object], mongodb: str, fresh_store: Store
) -> None:
    await fresh_store.database.events.drop_index("citizen_1_at_1")
    await fresh_store.database.facilities.drop()
    name = fresh_store.database.name
    found = await diagnose(settings(configured, mongodb_uri=mongodb, mongodb_database=name))
    assert wrong(found, "database") == [
        f"It lacks the indexes events.citizen+at, {', '.join(names_of('facilities'))}",
        ALONE,
    ]
    assert not any(one.failed for one in about(found, "database"))


async def test_a_later_schema_stops(
    configured: dict[str, object], mongodb: str, fresh_store: Store
) -> None:
    await fresh_store.database.meta.update_one({"_id": "schema"}, {"$set": {"version": 99}})
    name = fresh_store.database.name
    found = await diagnose(settings(configured, mongodb_uri=mongodb, mongodb_database=name))
    assert [one.finding.mend for one in about(found, "database") if one.failed] == [
        "Install the later version of Onoo"
    ]


async def test_an_empty_database_is_not_prepared_by_looking(
    configured: dict[str, object], mongodb: str, fresh_store: Store
) -> None:
    values = settings(
        configured, mongodb_uri=mongodb, mongodb_database=fresh_store.database.name + "x"
    )
    found = await diagnose(values)
    assert "Nothing is in it yet: starting Onoo prepares it" in [
        one.finding.what for one in about(found, "database")
    ]
    names = await fresh_store.database.client.list_database_names()
    assert values.mongodb_database not in names


async def test_a_stranger_on_the_embedded_port(configured: dict[str, object]) -> None:
    async with answering(200) as url:
        port = int(url.rpartition(":")[2])
        found = await diagnose(settings(configured, embedded_port=port))
    assert wrong(found, "database") == [
        f"Something that is no database of ours listens on port {port}"
    ]


@pytest.mark.parametrize(
    ("status", "said", "stops"),
    [(200, "Onoo serves", False), (503, "finds no database", True), (404, "Something else", True)],
)
async def test_the_web_server(
    configured: dict[str, object], status: int, said: str, stops: bool
) -> None:
    async with answering(status) as url:
        port = int(url.rpartition(":")[2])
        (one,) = about(await diagnose(settings(configured, port=port)), "web server")
    assert said in one.finding.what
    assert one.failed is stops


async def test_a_refused_token_stops_and_is_never_printed(
    configured: dict[str, object], telegram_api: FakeTelegram
) -> None:
    telegram_api.fail("getMe", UNAUTHORIZED)
    printed = io.StringIO()
    console = Console(file=printed, width=200)
    assert await examine(settings(configured, **telegram_api.settings), console) == 1
    assert "Telegram rejects the token" in printed.getvalue()
    assert TOKEN not in printed.getvalue()
    assert TOKEN.partition(":")[2] not in printed.getvalue()


async def test_a_webhook_needs_https(
    configured: dict[str, object], telegram_api: FakeTelegram
) -> None:
    values = settings(
        configured, **telegram_api.settings, telegram_mode="webhook", public_url="http://a.example"
    )
    found = await diagnose(values)
    assert wrong(found, "settings") == ["Telegram's webhook can only call a public https address"]
    assert wrong(found, "telegram")


async def test_half_a_configuration_of_messenger_is_explained(
    configured: dict[str, object], graph: FakeGraph
) -> None:
    found = await diagnose(settings(configured, messenger_token="half"))
    (one,) = about(found, "messenger")
    assert one.failed
    assert "ONOO_MESSENGER_APP_SECRET" in one.finding.what
    found = await diagnose(settings(configured, **graph.settings))
    assert [one for one in about(found, "messenger") if one.finding.ok]


@pytest.mark.parametrize(("status", "ok"), [(200, True), (401, False), (500, False)])
async def test_understanding_elsewhere(
    configured: dict[str, object], status: int, ok: bool
) -> None:
    async with answering(status) as url:
        (one,) = about(await diagnose(settings(configured, nlu_url=url)), "understanding")
    assert one.finding.ok is ok
    assert not one.failed, "keywords are matched without it"


def test_a_folder_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("x")
    tmp_path.chmod(0o755)
    (tmp_path / "secret.key").chmod(0o640)
    mends = [finding.mend for finding, _ in surroundings.data_folder(tmp_path) if not finding.ok]
    assert mends == [f"chmod 700 {tmp_path}", f"chmod 600 {tmp_path / 'secret.key'}"]


def test_a_file_in_the_folder_s_place(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    ((finding, stops),) = surroundings.data_folder(tmp_path / "data")
    assert stops
    assert not finding.ok


@pytest.mark.parametrize(("free", "ok", "stops"), [(5 << 30, 1, 0), (500 << 20, 0, 0), (1, 0, 1)])
def test_room_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, ok: int, stops: int
) -> None:
    class Usage:
        def __init__(self, _: Path) -> None:
            self.free = free

    monkeypatch.setattr(shutil, "disk_usage", Usage)
    ((finding, stopping),) = surroundings.disk(tmp_path / "not" / "yet")
    assert (finding.ok, stopping) == (bool(ok), bool(stops))


def test_a_clock_that_was_never_set() -> None:
    ((finding, stops),) = surroundings.clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert stops
    assert not finding.ok
    assert surroundings.clock()[0][0].ok


def test_letters_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.ok for finding, _ in surroundings.letters()] == [True]
    monkeypatch.setattr(surroundings, "LETTERS", "Ө\ue000")
    ((finding, _),) = surroundings.letters()
    assert finding.what.endswith("lacks \ue000")
