"""The guide's steps one after the other: after each the doctor says what the guide promises."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bots import public_address as address_module
from bots.doctor import Diagnosis, diagnose
from bots.messenger import MessengerChannel
from bots.messenger.profile import SUBSCRIBED_FIELDS
from bots.public_address import public_address
from bots.telegram import TelegramChannel
from settings import Settings
from tests.bots.conftest import messenger_channel, telegram_channel
from tests.bots.inbox import Inbox
from tests.world.database import free_port
from tests.world.emulator import serving
from tests.world.fake_telegram import FakeTelegram
from tests.world.graph import PAGE, FakeGraph

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "going-live.md").read_text("utf-8")
PUBLIC = "https://onoo.example.mn"


def promised(chapter: int) -> list[str]:
    """What the guide says in a chapter that the doctor says, each time."""
    text = GUIDE.split("\n## ")[chapter]
    told = re.findall(r"doctor` then says: (.+?)(?:\n\n|\Z)", text, re.DOTALL)
    also = re.findall(r"^It also says (.+?) once", text, re.MULTILINE)
    return [words for part in (*told, *also) for words in re.findall(r"`([^`]+)`", part)]


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, Any]:
    tmp_path.chmod(0o700)
    ports = {name: free_port() for name in ("port", "embedded_port", "nlu_port")}
    return {"data_dir": tmp_path, **ports}


def settings(values: dict[str, Any]) -> Settings:
    return Settings(_env_file=None, **values)


def said(found: list[Diagnosis]) -> list[str]:
    """What is well."""
    return [one.finding.what for one in found if one.finding.ok]


def advice(found: list[Diagnosis], part: str) -> list[str]:
    return [
        one.finding.what
        for one in found
        if one.part == part and not one.finding.ok and not one.failed
    ]


def wrong(found: list[Diagnosis], part: str) -> list[str]:
    return [one.finding.what for one in found if one.part == part and one.failed]


@pytest.fixture
async def published(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[web.Application]:
    """A server that stands for the public address, whatever that is."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    asked = address_module._is_onoo
    async with serving(app) as here:
        monkeypatch.setattr(
            address_module, "_is_onoo", lambda url: asked(url.replace(PUBLIC, here))
        )
        yield app


async def test_telegram_step_by_step(
    machine: dict[str, Any], telegram_api: FakeTelegram, inbox: Inbox, published: web.Application
) -> None:
    heard = said(await diagnose(settings({**machine, "public_url": PUBLIC})))
    values = {**machine, **telegram_api.settings}
    telegram_api.groups = {"can_join_groups": True, "can_read_all_group_messages": False}
    found = await diagnose(settings(values))
    heard += said(found)
    assert advice(found, "telegram") == [
        "It may be put into groups, where it never answers",
        "Its menu lacks menu, survey, place, language, privacy, stop, help",
    ]
    telegram_api.groups["can_read_all_group_messages"] = True
    assert "everything" in advice(await diagnose(settings(values)), "telegram")[0]
    telegram_api.groups = {"can_join_groups": False, "can_read_all_group_messages": False}
    await started(telegram_channel(inbox, **telegram_api.settings))
    found = await diagnose(settings(values))
    heard += said(found)
    assert not advice(found, "telegram")
    hooked = {**values, "telegram_mode": "webhook", "public_url": PUBLIC}
    assert wrong(await diagnose(settings(hooked)), "telegram")
    await started(
        telegram_channel(inbox, **telegram_api.settings, telegram_mode="webhook", public_url=PUBLIC)
    )
    found = await diagnose(settings(hooked))
    heard += said(found)
    assert not [one for one in found if one.failed]
    kept = [words.replace("onoo_bot", "onoo_test_bot") for words in (*promised(1), *promised(2))]
    assert len(kept) == 6
    assert [words for words in kept if words not in heard] == []


async def started(channel: TelegramChannel | MessengerChannel) -> None:
    """What starting Onoo does at the platform."""
    await channel.start()
    await channel.stop()


async def test_messenger_step_by_step(
    machine: dict[str, Any], graph: FakeGraph, inbox: Inbox, published: web.Application
) -> None:
    heard: list[str] = []
    everything = {**machine, **graph.settings, "public_url": PUBLIC}
    del everything["messenger_media_hosts"]

    async def doctor(**but: str) -> list[Diagnosis]:
        found = await diagnose(settings({**everything, **but}))
        heard.extend(said(found))
        return found

    assert wrong(await doctor(messenger_app_secret=""), "messenger")
    assert wrong(await doctor(messenger_verify_token=""), "messenger")[0].startswith("No verify")
    found = await doctor(messenger_app_id="")
    assert advice(found, "messenger")[0].startswith("ONOO_MESSENGER_APP_ID is empty")
    found = await doctor(messenger_app_id="1")
    assert advice(found, "messenger")[0].startswith("Graph doesn't know the app")
    assert wrong(await doctor(), "messenger") == [
        "The app has no webhook for pages",
        "The page doesn't send us messages, messaging_optins, messaging_postbacks, "
        "messaging_referrals",
    ]
    graph.webhooks = [hook("https://elsewhere.example/messenger/webhook")]
    assert "leads to elsewhere.example" in wrong(await doctor(), "messenger")[0]
    graph.webhooks = [hook(PUBLIC + "/messenger/webhook", "messages")]
    assert "lacks the fields messaging_optins" in wrong(await doctor(), "messenger")[0]
    graph.webhooks = [hook(PUBLIC + "/messenger/webhook")]
    await started(messenger_channel(inbox, **graph.settings))
    found = await doctor()
    assert not wrong(found, "messenger")
    assert not advice(found, "messenger")
    name = "onoo_survey_reminder"
    graph.token_seen["scopes"].append("page_utility_messaging")
    found = await doctor(messenger_utility_template=name)
    assert advice(found, "messenger") == [f"The template {name} is not approved (there is none)"]
    graph.templates = [
        {"name": name, "status": "APPROVED", "language": "mn_MN"},
        {"name": name, "status": "REJECTED", "language": "en_US"},
        {"name": name + "_2", "status": "APPROVED", "language": "kk_KZ"},
    ]
    assert not advice(await doctor(messenger_utility_template=name), "messenger")
    assert len(promised(3)) == 8
    assert [words for words in promised(3) if words not in heard] == []


def hook(url: str, fields: str = SUBSCRIBED_FIELDS) -> dict[str, Any]:
    listed = [{"name": name, "version": "v26.0"} for name in fields.split(",")]
    return {"object": "page", "callback_url": url, "active": True, "fields": listed}


@pytest.mark.parametrize(
    ("seen", "told", "stops"),
    [
        ({"is_valid": False}, "is not valid any more", True),
        ({"scopes": ["pages_messaging"]}, "lacks the permissions pages_manage_metadata", False),
        ({"scopes": []}, "lacks the permissions pages_manage_metadata, pages_messaging", True),
        ({"expires_at": int(datetime(2027, 1, 2, tzinfo=UTC).timestamp())}, "2027-01-02", False),
    ],
)
async def test_what_is_wrong_with_a_token(
    machine: dict[str, Any], graph: FakeGraph, seen: dict[str, Any], told: str, stops: bool
) -> None:
    graph.token_seen.update(seen)
    found = await diagnose(settings({**machine, **graph.settings}))
    (one,) = [one for one in found if told in one.finding.what]
    assert one.failed is stops
    assert one.finding.mend
    assert not [path for path in graph.requests if "token" in path]


async def test_a_page_without_its_number(machine: dict[str, Any], graph: FakeGraph) -> None:
    values = {**machine, **graph.settings, "messenger_page_id": ""}
    found = await diagnose(settings({**values, "messenger_graph_version": "v26.0"}))
    assert wrong(found, "messenger")
    app = web.Application()
    app.router.add_get("/v26.0/me", answering({"id": PAGE, "name": "Оноо"}))
    async with serving(app) as here:
        found = await diagnose(settings({**values, "messenger_base_url": here}))
    mends = [one.finding.mend for one in found if "PAGE_ID is empty" in one.finding.what]
    assert mends == [f"Set it to {PAGE}"]


def answering(body: dict[str, str]) -> Handler:
    """A handler that answers with `body`."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body)

    return answer


# -- the public address ----------------------------------------------------------------------


async def test_no_public_address_is_no_failure() -> None:
    ((finding, stops),) = await public_address(settings({}), called=False)
    assert not finding.ok
    assert not stops
    assert "ONOO_PUBLIC_URL" in finding.mend


@pytest.fixture(scope="module")
def nobodys_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    made += ["-nodes", "-subj", "/CN=nobody", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    return certificate, key


@pytest.mark.parametrize("called", [True, False])
async def test_a_certificate_nobody_accepts(
    called: bool, nobodys_certificate: tuple[Path, Path]
) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*nobodys_certificate)
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        ((finding, stops),) = await public_address(settings({"public_url": url}), called=called)
    finally:
        await runner.cleanup()
    assert "certificate" in finding.what
    assert stops is called


async def test_an_address_that_leads_elsewhere() -> None:
    app = web.Application()
    app.router.add_get("/healthz", answering({"welcome": "to nginx"}))
    async with serving(app) as here:
        ((finding, stops),) = await public_address(settings({"public_url": here}), called=True)
    assert "No Onoo answers" in finding.what
    assert not stops
    nobody = f"http://127.0.0.1:{free_port()}"
    ((finding, _),) = await public_address(settings({"public_url": nobody}), called=True)
    assert "No Onoo answers" in finding.what
