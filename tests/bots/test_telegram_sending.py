"""Sending to Telegram: layouts within the limits, and every error as the right receipt."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from telegram.error import NetworkError, TelegramError, TimedOut

from bots.channel import Receipt, Result
from bots.splitting import split, utf16_length
from bots.telegram import TelegramChannel
from bots.telegram.faults import receipt_for
from conversations.messages import Choice, Outgoing
from tests.bots.conftest import telegram_channel
from tests.bots.inbox import JPEG, Inbox
from tests.world import fake_telegram as api
from tests.world.emulator import EmulatedTelegram
from tests.world.fake_telegram import FakeTelegram, Fault

HELLO = Outgoing("Сайн байна уу")


async def test_statement_11_long_text_splits_with_the_buttons_last(
    polling: TelegramChannel, emulator: EmulatedTelegram
) -> None:
    paragraph = "Эрүүл мэндийн төвийн тусламж үйлчилгээ. " * 50
    text = "\n\n".join([paragraph.strip()] * 5) + " 😀"
    choices = (Choice("Тийм", "yes"), Choice("Үгүй", "no"), Choice("Буцах", "back"))
    receipt = await polling.send("5", Outgoing(text, choices, columns=2), 0)
    assert receipt.result is Result.SENT
    got = emulator.citizen(5).received()
    assert len(got) == polling.parts(Outgoing(text, choices, columns=2)) > 1
    assert all(utf16_length(each.text) <= 4096 for each in got)
    assert "".join(each.text for each in got).replace("\n", "").replace(" ", "") == text.replace(
        "\n", ""
    ).replace(" ", "")
    assert all(each.text.endswith((".", "😀")) for each in got)
    assert [each.buttons for each in got[:-1]] == [()] * (len(got) - 1)
    assert (got[-1].buttons[1], got[-1].rows) == (("Үгүй", "no"), (2, 1))
    assert receipt.message == str(got[-1].message_id)


async def test_statement_11_more_choices_than_a_keyboard_holds_go_on_under_more(
    polling: TelegramChannel, emulator: EmulatedTelegram
) -> None:
    choices = tuple(Choice(f"Сум {number}", f"s{number}") for number in range(230))
    receipt = await polling.send("5", Outgoing("Сумаа сонгоно уу", choices), 0)
    assert receipt.result is Result.SENT
    got = emulator.citizen(5).received()
    assert [len(each.buttons) for each in got] == [100, 100, 30]
    assert sum((each.buttons for each in got), ()) == tuple(
        (each.label, each.payload) for each in choices
    )


@pytest.mark.parametrize("payload", ["", "ө" * 33, "x" * 65])
async def test_statement_11_a_payload_beyond_64_bytes_is_refused_before_sending(
    telegram: TelegramChannel, telegram_api: FakeTelegram, payload: str
) -> None:
    message = Outgoing("Сонго", (Choice("Тийм", payload),))
    assert await telegram.send("5", message, 0) == Receipt(Result.REFUSED, reason="choice")
    assert telegram_api.calls == []


async def test_statement_11_64_bytes_of_payload_are_sent(
    polling: TelegramChannel, emulator: EmulatedTelegram
) -> None:
    receipt = await polling.send("5", Outgoing("Сонго", (Choice("Тийм", "ө" * 32),)), 0)
    assert receipt.result is Result.SENT


@pytest.mark.parametrize("message", [Outgoing(""), Outgoing(" \n ")])
async def test_an_empty_message_is_refused(telegram: TelegramChannel, message: Outgoing) -> None:
    assert (await telegram.send("5", message, 0)).reason == "empty"


async def test_what_a_citizen_typed_is_never_taken_for_markup(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    await telegram.send("5", Outgoing("Та *_`[ гэж бичсэн"), 0)
    (sent,) = telegram_api.made("sendMessage")
    assert sent["text"] == "Та *_`[ гэж бичсэн"
    assert "parse_mode" not in sent


async def test_pictures_and_documents_are_uploaded_once(
    polling: TelegramChannel, emulator: EmulatedTelegram, inbox: Inbox
) -> None:
    inbox.media["chart"] = (JPEG, "image/jpeg", "chart.jpg")
    inbox.media["report"] = (b"%PDF-1.7", "application/pdf", "report.pdf")
    message = Outgoing("Үр дүн", (Choice("Цэс", "menu"),), picture="chart", document="report")
    for _ in range(2):
        assert (await polling.send("5", message, 0)).result is Result.SENT
        inbox.media.clear()
    got = emulator.citizen(5).received()
    assert [(each.media, each.text) for each in got] == [("photo", ""), ("document", "Үр дүн")] * 2
    assert got[-1].buttons == (("Цэс", "menu"),)


async def test_a_picture_that_is_no_photo_goes_as_a_document_and_a_long_text_below_it(
    polling: TelegramChannel, emulator: EmulatedTelegram, inbox: Inbox
) -> None:
    inbox.media["chart"] = (b"<svg/>", "image/svg+xml", "chart.svg")
    await polling.send("5", Outgoing("а" * 1025, picture="chart"), 0)
    got = emulator.citizen(5).received()
    assert [(each.media, len(each.text)) for each in got] == [("document", 0), ("", 1025)]


async def test_missing_media_are_refused(telegram: TelegramChannel) -> None:
    receipt = await telegram.send("5", Outgoing("Үр дүн", picture="gone"), 0)
    assert receipt == Receipt(Result.REFUSED, reason="media_missing")


async def test_the_location_button_comes_beside_choices_and_is_taken_away_after(
    polling: TelegramChannel, emulator: EmulatedTelegram
) -> None:
    where = Outgoing("Та хаана вэ?", (Choice("Алгасах", "skip"),), wants="location", locale="en")
    await polling.send("5", where, 0)
    await polling.send("5", Outgoing("Та хаана вэ?", wants="location"), 0)
    await polling.send("5", HELLO, 0)
    asked, hint, alone, after = emulator.citizen(5).received()
    assert asked.buttons == (("Алгасах", "skip"),)
    assert (hint.keyboard, alone.keyboard) == (("📍 Send my location",), ("📍 Байршлаа илгээх",))
    assert alone.text == "Та хаана вэ?"
    assert after.removes_keyboard


@pytest.mark.parametrize("fault", [api.BLOCKED, api.DEACTIVATED])
async def test_statement_12_forbidden_stops_that_recipient_only(
    telegram: TelegramChannel, telegram_api: FakeTelegram, fault: Fault
) -> None:
    telegram_api.fail("sendMessage", fault, chat=5)
    assert (await telegram.send("5", HELLO, 0)).result is Result.BLOCKED
    assert (await telegram.send("6", HELLO, 0)).result is Result.SENT
    assert telegram.fault == ""


async def test_statement_13_too_many_requests_is_a_wait_of_the_given_time(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    telegram_api.fail("sendMessage", api.too_many(17))
    receipt = await telegram.send("5", HELLO, 0)
    assert receipt == Receipt(Result.WAIT, delay=17.0, everyone=True, reason="429")


async def test_statement_13_a_chat_written_to_a_moment_ago_waits_alone(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    await telegram.send("5", HELLO, 0)
    telegram_api.fail("sendMessage", api.too_many(3))
    receipt = await telegram.send("5", HELLO, 0)
    assert receipt == Receipt(Result.WAIT, delay=3.0, everyone=False, reason="429")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (api.NOT_FOUND, Receipt(Result.REFUSED, reason="no_chat")),
        (
            Fault(400, "Bad Request: message text is empty"),
            Receipt(Result.REFUSED, reason="bad_request"),
        ),
        (api.TOO_LARGE, Receipt(Result.REFUSED, reason="too_large")),
        (api.NOT_MODIFIED, Receipt(Result.SENT)),
        (api.BAD_GATEWAY, Receipt(Result.RETRY, reason="server")),
        (Fault(500, "Internal Server Error"), Receipt(Result.RETRY, reason="server")),
        (api.GARBLED, Receipt(Result.UNKNOWN, reason="TelegramError")),
        (
            Fault(200, raw=b'{"ok": true, "result": {}}'),
            Receipt(Result.UNKNOWN, reason="unreadable"),
        ),
        (api.DROPPED, Receipt(Result.UNKNOWN, reason="ReadError")),
    ],
)
async def test_statement_14_refused_is_final_and_ambiguous_is_unknown(
    telegram: TelegramChannel, telegram_api: FakeTelegram, fault: Fault, expected: Receipt
) -> None:
    telegram_api.fail("sendMessage", fault)
    receipt = await telegram.send("5", HELLO, 0)
    if fault is api.DROPPED:
        assert receipt.result is Result.UNKNOWN
    else:
        assert receipt == expected
    assert len(telegram_api.made("sendMessage")) == 1


CANNOT_CONNECT = aiohttp.ClientConnectorError(
    aiohttp.client_reqrep.ConnectionKey("127.0.0.1", 9, False, True, None, None, None),
    OSError(111, "refused"),
)


@pytest.mark.parametrize(
    ("error", "cause", "result"),
    [
        (TimedOut(), aiohttp.ConnectionTimeoutError(), Result.RETRY),
        (NetworkError("x"), CANNOT_CONNECT, Result.RETRY),
        (TimedOut(), aiohttp.SocketTimeoutError(), Result.UNKNOWN),
        (TimedOut(), None, Result.UNKNOWN),
        (NetworkError("x"), aiohttp.ServerDisconnectedError(), Result.UNKNOWN),
        (NetworkError("x"), aiohttp.ClientPayloadError(), Result.UNKNOWN),
    ],
)
def test_statement_14_what_was_never_sent_is_told_from_what_may_have_arrived(
    error: TelegramError, cause: Exception | None, result: Result
) -> None:
    error.__cause__ = cause
    assert receipt_for(error).result is result


async def test_statement_14_a_refused_connection_is_retried(
    inbox: Inbox, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}/bot"
    channel = telegram_channel(inbox, telegram_token="1:x", telegram_base_url=nowhere)
    assert (await channel.send("5", HELLO, 0)).result is Result.RETRY
    await channel.stop()


async def test_statement_15_a_migrated_chat_is_written_to_once_more_under_its_new_id(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    telegram_api.fail("sendMessage", api.migrated(900), chat=5)
    receipt = await telegram.send("5", Outgoing("а" * 5000), 0)
    assert (receipt.result, receipt.moved_to) == (Result.SENT, "900")
    assert [call["chat_id"] for call in telegram_api.made("sendMessage")] == ["5", "900", "900"]


async def test_statement_15_a_second_migration_is_refused(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    telegram_api.fail("sendMessage", api.migrated(900), api.migrated(901))
    receipt = await telegram.send("5", HELLO, 0)
    assert receipt == Receipt(Result.REFUSED, reason="moved_twice", moved_to="900")


@pytest.mark.parametrize("fault", [api.UNAUTHORIZED, Fault(404, "Not Found")])
async def test_statement_17_a_rejected_token_stops_the_channel_and_raises_the_alarm(
    telegram: TelegramChannel,
    telegram_api: FakeTelegram,
    fault: Fault,
    capsys: pytest.CaptureFixture[str],
) -> None:
    telegram_api.fail("sendMessage", fault)
    assert await telegram.send("5", HELLO, 0) == Receipt(Result.STOPPED, reason="token")
    assert telegram.fault == "token"
    assert "telegram_stopped" in capsys.readouterr().out
    assert (await telegram.send("5", HELLO, 0)).result is Result.SENT
    assert telegram.fault == ""


async def test_a_later_part_is_sent_patiently_so_that_the_first_is_not_doubled(
    telegram: TelegramChannel, telegram_api: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(telegram._sender, "_sleep", sleep)
    long = Outgoing("а" * 5000)
    telegram_api.fail_after("sendMessage", 1, api.too_many(2), api.BAD_GATEWAY)
    assert (await telegram.send("5", long, 0)).result is Result.SENT
    assert slept == [2.0, 1.0]
    assert len(telegram_api.made("sendMessage")) == 4

    telegram_api.fail_after("sendMessage", 1, *[api.BAD_GATEWAY] * 3)
    receipt = await telegram.send("5", long, 0)
    assert receipt == Receipt(Result.UNKNOWN, reason="partly:server")


async def test_statement_19_no_token_and_no_text_in_logs(
    telegram: TelegramChannel,
    telegram_api: FakeTelegram,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    faults = [api.UNAUTHORIZED, api.GARBLED, api.BAD_GATEWAY, api.DROPPED, api.BLOCKED]
    telegram_api.fail("sendMessage", *faults)
    telegram_api.fail("getUpdates", *faults)
    for _ in range(6):
        await telegram.send("5", Outgoing("нууц үг"), 0)
        await telegram.typing("5")
    await telegram.start()
    await telegram.check()
    logged = caplog.text + "".join(capsys.readouterr())
    assert "telegram_stopped" in logged
    assert api.TOKEN not in logged
    assert "нууц" not in logged


async def test_statement_20_the_base_urls_are_configuration(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    await telegram.send("5", HELLO, 0)
    await telegram.typing("5")
    assert [name for name, _ in telegram_api.calls] == ["sendMessage", "sendChatAction"]


async def test_commands_and_descriptions_are_set_in_each_language(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    await telegram.start()
    for method in ("setMyCommands", "setMyDescription", "setMyShortDescription"):
        languages = [call.get("language_code", "") for call in telegram_api.made(method)]
        assert languages == ["", "en", "kk"]
    webhook = telegram_api.webhook
    assert webhook["url"] == "https://onoo.example/telegram/webhook"
    assert webhook["secret_token"] == "s3cret"
    assert [finding.ok for finding in await telegram.check()] == [True] * 5


async def test_the_check_says_what_is_wrong(
    telegram: TelegramChannel, telegram_api: FakeTelegram
) -> None:
    found = await telegram.check()
    assert [finding.ok for finding in found] == [True, True, False, True, False]
    telegram_api.fail("getMe", api.UNAUTHORIZED)
    (found_token,) = await telegram.check()
    assert "ONOO_TELEGRAM_TOKEN" in found_token.mend


@pytest.mark.parametrize("limit", [1, 2, 7, 40])
def test_splitting_keeps_every_word_within_the_limit(limit: int) -> None:
    text = "Нэг, хоёр. Гурав!\n\nДөрөв 😀😀 тав…  зургаа"
    pieces = split(text, max(limit, 2), utf16_length)
    assert all(0 < utf16_length(piece) <= max(limit, 2) for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
