"""Files in the web chat: who may send and see them, and which are refused."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from bots.web.files import MAX_UPLOAD
from conversations.messages import Kind, Outgoing
from tests.webchat.echo import Bot
from tests.webchat.visitor import PNG, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_foreign_pages_cannot_upload(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        status, _ = await visitor.upload(PNG, Origin="https://evil.example")
        assert status == 403
        assert not bot.media


async def test_file_is_told_by_its_bytes_and_stored_once(bot: Bot, chat: TestServer) -> None:
    event = str(uuid.uuid4())
    async with visiting(chat) as visitor:
        for _ in range(2):
            name = "C%3A%5Ctemp%5C%D0%B7%D1%83%D1%80%D0%B0%D0%B3.exe"
            status, body = await visitor.upload(PNG, name, event)
            assert (status, body) == (200, {"type": "ack", "id": event})
        attachment = bot.delivered[-1].attachment
        assert bot.delivered[-1].kind is Kind.ATTACHMENT
        assert attachment
        assert (attachment.mime, attachment.name, attachment.size) == (
            "image/png",
            "зураг.exe",
            108,
        )
        assert len(bot.media) == len(bot.delivered) == 1


async def test_files_are_given_to_whom_they_belong_only(bot: Bot, chat: TestServer) -> None:
    async with visiting(chat) as one, visiting(chat) as two:
        await one.upload(PNG)
        bot.media["other"] = (b"<svg>", "image/svg+xml", "a.svg")
        url = chat.make_url("/chat/media/m0")
        async with one.http.get(url) as response:
            assert (response.status, await response.read()) == (200, PNG)
            assert response.headers["Content-Disposition"].startswith("inline")
            assert "sandbox" in response.headers["Content-Security-Policy"]
        for visitor, media in ((two, "m0"), (one, "other"), (one, "..%2Fsettings.py")):
            async with visitor.http.get(chat.make_url(f"/chat/media/{media}")) as response:
                assert response.status == 404
        await bot.channel.send(bot.addresses[0], Outgoing("Зураг", document="other"), 0)
        async with one.http.get(chat.make_url("/chat/media/other")) as response:
            assert response.headers["Content-Disposition"].startswith("attachment")
        bot.media.clear()
        async with one.http.get(url) as response:
            assert response.status == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 415, "bad_type"),
        (b"<html><script>alert(1)</script>", 415, "bad_type"),
        (b"MZ\x90\x00", 415, "bad_type"),
        (b"PK\x03\x04 some other archive", 415, "bad_type"),
        (PNG + bytes(MAX_UPLOAD), 413, "too_big"),
    ],
)
async def test_wrong_files_are_refused(
    bot: Bot, chat: TestServer, data: bytes, status: int, code: str
) -> None:
    async with visiting(chat) as visitor:
        got, body = await visitor.upload(data)
        assert (got, body["code"], body["retry"]) == (status, code, False)
        assert not bot.media
        assert not bot.delivered


async def test_oversized_stream_is_cut_off(bot: Bot, chat: TestServer) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield bytes(64 * 1024)

    async with visiting(chat) as visitor:
        status, body = await visitor.upload(endless())  # type: ignore[arg-type]
        assert (status, body["code"]) == (413, "too_big")
        assert not bot.media


async def test_upload_is_tried_again_after_trouble(bot: Bot, chat: TestServer) -> None:
    event = str(uuid.uuid4())
    async with visiting(chat) as visitor:
        bot.full = 1
        status, body = await visitor.upload(PNG, event=event)
        assert (status, body["retry"]) == (503, True)
        assert (await visitor.upload(PNG, event=event))[0] == 200
        assert len(bot.media) == 1
        assert (await visitor.upload(PNG, event="1"))[1]["code"] == "malformed"


async def test_too_many_files_at_once_are_slowed_down(chat: TestServer) -> None:
    async with visiting(chat) as visitor:
        answers = [await visitor.upload(PNG) for _ in range(11)]
        assert [status for status, _ in answers] == [200] * 10 + [429]
        assert answers[-1][1]["after"] > 0
