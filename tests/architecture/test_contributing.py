"""The worked examples of CONTRIBUTING.md, run as they stand there."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from babel.messages.pofile import read_po

import locales
from analytics.columns import Column, Kind, Table
from analytics.formats.writer import Writer
from bots.channel import Channel, Result
from content.checks import check_entry
from content.entitlement import Entitlement, sources
from conversations.dialogues import DIALOGUES
from conversations.messages import Choice, Outgoing
from conversations.turn import Dialogue
from tests.architecture.source import ROOT
from tests.bots.inbox import Inbox
from tests.world.conversation import Conversation, labels, words
from tests.world.emulator import serving

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def chapter(title: str) -> str:
    """The text under a heading."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def block(title: str, language: str) -> str:
    """The example in a chapter."""
    pattern = rf"^ *```{language}\n(.*?)^ *```$"
    (found,) = re.findall(pattern, chapter(title), re.DOTALL | re.MULTILINE)
    return str(found)


def example(title: str) -> ModuleType:
    """The chapter's Python as a module."""
    module = ModuleType("example_" + title.split()[-1])
    sys.modules[module.__name__] = module
    code = compile(block(title, "python"), f"CONTRIBUTING.md, {title}", "exec")
    exec(code, vars(module))  # noqa: S102 - our own page
    return module


# -- a channel -------------------------------------------------------------------------------


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    taken: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != "Bearer secret":
            return web.Response(status=401)
        taken.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/send", take)
    async with serving(app) as url:
        yield f"{url}/send", taken


async def test_the_channel(gateway: tuple[str, list[dict[str, str]]]) -> None:
    url, taken = gateway
    inbox = Inbox()
    channel: Channel = example("A channel").SmsChannel(url, "secret", inbox.deliver)
    app = web.Application()
    channel.add_routes(app)
    await channel.start()
    async with TestClient(TestServer(app)) as client:
        sms = {"id": "1", "from": "+97699112233", "text": "Сайн уу"}
        assert (await client.post("/sms/webhook", json=sms)).status == 403
        headers = {"X-Secret": "secret"}
        assert (await client.post("/sms/webhook", json=sms, headers=headers)).status == 200
        assert (await client.post("/sms/webhook", data=b"{", headers=headers)).status == 400
        for odd in ([], {"from": 1}, {"from": "+976", "text": None}):
            assert (await client.post("/sms/webhook", json=odd, headers=headers)).status == 200
        inbox.full = True
        assert (await client.post("/sms/webhook", json=sms, headers=headers)).status == 500
    assert [one.text for one in inbox.of("+97699112233")] == ["Сайн уу"]
    asked = Outgoing("Үнэлэх үү?", (Choice("Тийм", "yes"), Choice("Үгүй", "no")))
    assert (await channel.send("+97699112233", asked, 0.0)).result is Result.SENT
    assert taken == [{"to": "+97699112233", "text": "Үнэлэх үү?\n1. Тийм\n2. Үгүй"}]
    wrong = example("A channel").SmsChannel(url, "other", inbox.deliver)
    assert (await wrong.send("+976", asked, 0.0)).result is Result.REFUSED
    assert not (await channel.check())[0].ok
    await channel.stop()


# -- a dialogue ------------------------------------------------------------------------------


def test_the_dialogue(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        str(message.id): str(message.string)
        for message in read_po(io.BytesIO(block("A dialogue", "po").encode()))
        if message.id
    }
    before = locales.text

    def text(locale: str, key: str, **values: Any) -> str:
        return said[key] if key in said else before(locale, key, **values)

    mood: Dialogue = example("A dialogue").Mood()
    monkeypatch.setattr("conversations.turn.text", text)
    monkeypatch.setitem(DIALOGUES, mood.name, mood)
    citizen = Conversation().welcomed()
    shown = citizen.tap("go:mood")
    assert words(shown) == said["mood.ask"]
    assert labels(shown) == [said["mood.well"], said["mood.badly"]]
    assert said["mood.answer.badly"] in words(citizen.press("Муу"))
    citizen.tap("go:mood")
    assert said["mood.answer.well"] in words(citizen.press("Сайн"))
    citizen.tap("go:mood")
    assert said["mood.ask"] in words(citizen.tap("mood:forged"))


# -- an entitlement --------------------------------------------------------------------------


def test_the_entitlement() -> None:
    entry = Entitlement.model_validate(yaml.safe_load(block("An entitlement", "yaml")))
    assert check_entry(entry, sources(), date(2026, 11, 25)) == []
    assert entry.topic == "library_card"


# -- a language ------------------------------------------------------------------------------


def test_the_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from locales import catalogues, commands

    for locale in locales.LOCALES:
        path = catalogues.path_of(locale, tmp_path)
        path.parent.mkdir(parents=True)
        path.write_bytes(catalogues.path_of(locale).read_bytes())
    new = catalogues.path_of("tyv", tmp_path)
    new.parent.mkdir(parents=True)
    lines = block("A language", "po").splitlines()
    new.write_text("\n".join(line.strip() for line in lines) + "\n")
    for module in ("locales", "locales.commands", "locales.checks"):
        monkeypatch.setattr(f"{module}.LOCALES", (*locales.LOCALES, "tyv"))
    report = commands.refresh(tmp_path)
    keys = catalogues.words("mn", tmp_path).keys
    assert f"tyv: {len(keys)} added, 0 taken out, written" in report
    assert catalogues.words("tyv", tmp_path).keys == keys


# -- an export format ------------------------------------------------------------------------


def test_the_format(tmp_path: Path) -> None:
    table = Table("answers", "Answers", (Column("who"), Column("n", Kind.INTEGER)), ("who",))
    writer: Writer = example("An export format").TsvWriter(tmp_path, [table])
    writer.write(0, [("нэг\tхоёр\nгурав", 1), (None, 2)])
    assert writer.finish(()) == {"answers": "answers.tsv"}
    expected = "who\tn\nнэг хоёр гурав\t1\n\t2\n"
    assert (tmp_path / "answers.tsv").read_text("utf-8") == expected


# -- what is named ---------------------------------------------------------------------------

NEW = ("conversations/dialogues/mood.py", "nlu/data/entitlement/library_card.yml")
"""Files that the examples add."""


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`((?:\.ci|[a-z]+)/[\w/.-]+\.\w+|[A-Z]+\.md|\.env\.example)`", PAGE))
    assert len(named) > 20
    assert [name for name in named - {*NEW} if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("bots/platform.py", "def _add_channels"),
        ("bots/doctor.py", "JOIN = "),
        ("conversations/dialogues/__init__.py", "_ALL: "),
        ("conversations/router.py", "OPENS: "),
        ("locales/__init__.py", "FALLBACK = "),
        ("bots/delivery.py", "LANGUAGES = "),
        ("console/audiences.py", "LANGUAGES = "),
        ("bots/messenger/profile.py", "LOCALES = "),
        ("bots/web/frames.py", "def language_of"),
        ("conversations/survey/form.py", "_NAMES = "),
        ("locales/checks.py", "def required"),
        ("analytics/request.py", "class Format"),
        ("analytics/formats/__init__.py", "def opened"),
    ],
)
def test_every_name_it_gives_is_there(path: str, name: str) -> None:
    assert path in PAGE
    assert re.search(rf"^ *{re.escape(name)}", (ROOT / path).read_text("utf-8"), re.MULTILINE)
