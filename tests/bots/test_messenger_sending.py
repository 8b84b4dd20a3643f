"""Sending to Messenger: layouts within the limits, the window, and every error's receipt."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from bots.channel import Receipt, Result
from bots.messenger import MessengerChannel
from conversations.messages import Choice, Outgoing
from tests.bots.conftest import messenger_channel
from tests.bots.inbox import JPEG, Inbox
from tests.world import graph as api
from tests.world.graph import FakeGraph, Fault

HELLO = Outgoing("Сайн байна уу")


def now() -> float:
    return time.time()


async def test_statement_11_long_text_splits_with_the_quick_replies_last(
    messenger: MessengerChannel, graph: FakeGraph
) -> None:
    text = "Эрүүл мэндийн төвийн тусламж үйлчилгээ. " * 120
    choices = tuple(Choice(f"Сонголт {number}", f"c{number}") for number in range(13))
    receipt = await messenger.send("5", Outgoing(text, choices), now())
    assert receipt.result is Result.SENT
    assert len(graph.messages()) == messenger.parts(Outgoing(text, choices)) > 1
    sent = graph.messages("5")
    assert len(sent) == 3
    assert all(len(each["text"]) <= 2000 for each in sent)
    assert ["quick_replies" in each for each in sent] == [False, False, True]
    assert [each["title"] for each in sent[-1]["quick_replies"]] == [c.label for c in choices]
    assert [each["payload"] for each in sent[-1]["quick_replies"]] == [c.payload for c in choices]
    assert graph.refused == []


async def test_statement_11_labels_too_long_for_a_button_are_numbered_in_the_text(
    messenger: MessengerChannel, graph: FakeGraph
) -> None:
    choices = (
        Choice("Хөдөлмөрийн чадвар алдсан", "a"),
        Choice("Тийм", "b"),
        Choice("Амаржсан болон жирэмсэн эх", "c"),
        Choice("Буцах", "back"),
    )
    await messenger.send("5", Outgoing("Сонгоно уу", choices), now())
    (sent,) = graph.messages()
    assert sent["text"] == (
        "Сонгоно уу\n\n1. Хөдөлмөрийн чадвар алдсан\n2. Тийм\n3. Амаржсан болон жирэмсэн эх"
    )
    titles = [(each["title"], each["payload"]) for each in sent["quick_replies"]]
    assert titles == [("1", "a"), ("2", "b"), ("3", "c"), ("Буцах", "back")]


@pytest.mark.parametrize("count", [14, 30, 31, 95])
async def test_statement_11_excess_choices_become_cards_to_leaf_through(
    messenger: MessengerChannel, graph: FakeGraph, count: int
) -> None:
    choices = tuple(Choice(f"Сум {number}", f"s{number}") for number in range(count))
    receipt = await messenger.send("5", Outgoing("Сумаа сонгоно уу", choices), now())
    assert (receipt.result, graph.refused) == (Result.SENT, [])
    first, *rows = graph.messages()
    assert first == {"text": "Сумаа сонгоно уу"}
    cards = [card for row in rows for card in row["attachment"]["payload"]["elements"]]
    buttons = [(each["title"], each["payload"]) for card in cards for each in card["buttons"]]
    assert buttons == [(each.label, each.payload) for each in choices]


@pytest.mark.parametrize("message", [Outgoing(""), Outgoing("а", (Choice("", "x"),))])
async def test_what_messenger_could_never_take_is_refused(
    messenger: MessengerChannel, graph: FakeGraph, message: Outgoing
) -> None:
    assert (await messenger.send("5", message, now())).result is Result.REFUSED
    assert graph.requests == []


async def test_pictures_and_documents_are_uploaded_once(
    messenger: MessengerChannel, graph: FakeGraph, inbox: Inbox
) -> None:
    inbox.media["chart"] = (JPEG, "image/jpeg", "chart.jpg")
    inbox.media["report"] = (b"%PDF-1.7", "application/pdf", "report.pdf")
    message = Outgoing("Үр дүн", (Choice("Цэс", "menu"),), picture="chart", document="report")
    for _ in range(2):
        assert (await messenger.send("5", message, now())).result is Result.SENT
        inbox.media.clear()
    assert [edge for edge, _ in graph.posted] == ["message_attachments"] * 2
    kinds = [each.get("attachment", {}).get("type", "text") for each in graph.messages()]
    assert kinds == ["image", "file", "text"] * 2
    assert (await messenger.send("5", Outgoing("", picture="gone"), now())) == Receipt(
        Result.REFUSED, reason="media_missing"
    )


async def test_statement_16_outside_24_hours_graph_is_not_called(
    messenger: MessengerChannel, graph: FakeGraph
) -> None:
    for last_inbound in (0.0, now() - 24 * 3600 - 1):
        receipt = await messenger.send("5", HELLO, last_inbound)
        assert receipt.result is Result.WINDOW
    assert graph.requests == []
    assert (await messenger.send("5", HELLO, now() - 24 * 3600 + 60)).result is Result.SENT


async def test_statement_16_neither_tags_nor_human_agent_are_ever_used(
    messenger: MessengerChannel, graph: FakeGraph, inbox: Inbox
) -> None:
    inbox.media["chart"] = (JPEG, "image/jpeg", "chart.jpg")
    choices = tuple(Choice(str(number), str(number)) for number in range(20))
    await messenger.send("5", Outgoing("а" * 5000, choices, picture="chart"), now())
    assert {each["messaging_type"] for each in graph.sent} == {"RESPONSE"}
    assert all("tag" not in each for each in graph.sent)


async def test_statement_16_a_utility_template_goes_out_only_where_one_is_configured(
    messenger: MessengerChannel, graph: FakeGraph, inbox: Inbox
) -> None:
    body = [{"type": "body", "parameters": [{"type": "text", "text": "Баянгол"}]}]
    assert (await messenger.send_utility("5", "mn_MN", body)).result is Result.WINDOW
    configured = messenger_channel(inbox, **graph.settings, messenger_utility_template="survey")
    assert (await configured.send_utility("5", "mn_MN", body)).result is Result.SENT
    await configured.stop()
    (sent,) = graph.sent
    assert sent["messaging_type"] == "UTILITY"
    assert sent["message"]["template"]["name"] == "survey"


async def test_statement_12_unavailable_stops_that_recipient_only(
    messenger: MessengerChannel, graph: FakeGraph
) -> None:
    graph.fail(api.UNAVAILABLE, to="5")
    assert (await messenger.send("5", HELLO, now())).result is Result.BLOCKED
    assert (await messenger.send("6", HELLO, now())).result is Result.SENT
    assert messenger.fault == ""


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (api.WINDOW_CLOSED, Receipt(Result.WINDOW, reason="10/2018278")),
        (Fault(551, 0, 400), Receipt(Result.BLOCKED, reason="551")),
        (Fault(551, 1893047, 400, transient=True), Receipt(Result.RETRY, reason="551/1893047")),
        (api.NO_USER, Receipt(Result.REFUSED, reason="100/2018001")),
        (Fault(100, 0, 400), Receipt(Result.REFUSED, reason="100")),
        (Fault(1, 0, 500), Receipt(Result.RETRY, reason="1")),
        (Fault(2, 0, 500, transient=True), Receipt(Result.RETRY, reason="2")),
        (api.TEMPORARY, Receipt(Result.RETRY, reason="1200")),
        (api.BAD_GATEWAY, Receipt(Result.RETRY, reason="http:502")),
        (api.GARBLED, Receipt(Result.UNKNOWN, reason="unreadable")),
        (Fault(status=404, raw=b"nothing"), Receipt(Result.REFUSED, reason="http:404")),
        (Fault(368, 0, 400), Receipt(Result.REFUSED, reason="368")),
    ],
)
@pytest.mark.parametrize("as_200", [False, True])
async def test_statement_14_every_error_has_its_receipt_also_with_http_200(
    messenger: MessengerChannel, graph: FakeGraph, fault: Fault, expected: Receipt, as_200: bool
) -> None:
    if as_200 and fault.raw is None:
        fault = Fault(fault.code, fault.subcode, 200, transient=fault.transient)
    graph.fail(fault)
    assert await messenger.send("5", HELLO, now()) == expected
    assert graph.sent == []


async def test_statement_14_a_dropped_connection_is_unknown_a_refused_one_is_retried(
    messenger: MessengerChannel, graph: FakeGraph, inbox: Inbox, unused_tcp_port: int
) -> None:
    graph.fail(api.DROPPED)
    assert (await messenger.send("5", HELLO, now())).result is Result.UNKNOWN
    nowhere = graph.settings | {"messenger_base_url": f"http://127.0.0.1:{unused_tcp_port}"}
    channel = messenger_channel(inbox, **nowhere)
    assert (await channel.send("5", HELLO, now())).result is Result.RETRY
    await channel.stop()


@pytest.mark.parametrize("code", [4, 32, 613, 80006])
async def test_statement_13_a_limit_is_a_wait_for_the_whole_page(
    messenger: MessengerChannel, graph: FakeGraph, code: int
) -> None:
    usage = '{"1234500000":[{"type":"messenger","estimated_time_to_regain_access":7}]}'
    header = {"X-Business-Use-Case-Usage": usage}
    graph.fail(Fault(code, 0, 400, headers=header), Fault(code), Fault(code, headers={"X": "{"}))
    waits = [await messenger.send("5", HELLO, now()) for _ in range(3)]
    assert waits == [
        Receipt(Result.WAIT, delay=delay, everyone=True, reason=str(code))
        for delay in (420.0, 60.0, 60.0)
    ]


@pytest.mark.parametrize("fault", [api.BAD_TOKEN, api.NO_PERMISSION, Fault(190, 460, 200)])
async def test_statement_17_a_rejected_token_stops_the_channel_and_raises_the_alarm(
    messenger: MessengerChannel,
    graph: FakeGraph,
    fault: Fault,
    capsys: pytest.CaptureFixture[str],
) -> None:
    graph.fail(fault)
    receipt = await messenger.send("5", HELLO, now())
    assert receipt.result is Result.STOPPED
    assert messenger.fault == receipt.reason != ""
    assert "messenger_stopped" in capsys.readouterr().out
    assert (await messenger.send("5", HELLO, now())).result is Result.SENT
    assert messenger.fault == ""


async def test_a_later_part_is_sent_patiently_so_that_the_first_is_not_doubled(
    messenger: MessengerChannel, graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(messenger._sender, "_sleep", sleep)
    graph.fail(api.FINE, api.TEMPORARY, api.TEMPORARY)
    assert (await messenger.send("5", Outgoing("а" * 3000), now())).result is Result.SENT
    assert (len(graph.messages()), slept) == (2, [1.0, 1.0])
    graph.fail(api.FINE, api.TOO_MANY)
    receipt = await messenger.send("5", Outgoing("а" * 3000), now())
    assert receipt == Receipt(Result.UNKNOWN, reason="partly:613")


async def test_statement_19_no_token_secret_or_text_in_logs_or_addresses(
    messenger: MessengerChannel,
    graph: FakeGraph,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    graph.fail(api.BAD_TOKEN, api.GARBLED, api.BAD_GATEWAY, api.DROPPED, to="5")
    for _ in range(5):
        await messenger.send("5", Outgoing("нууц үг"), now())
        await messenger.typing("5")
    await messenger.start()
    await messenger.check()
    logged = caplog.text + "".join(capsys.readouterr())
    assert "messenger_stopped" in logged
    for secret in (api.TOKEN, api.APP_SECRET, api.VERIFY_TOKEN):
        assert secret not in logged
        assert not [path for path in graph.requests if secret in path]
    assert "нууц" not in logged


async def test_statement_20_base_url_version_and_page_are_configuration(
    messenger: MessengerChannel, graph: FakeGraph
) -> None:
    await messenger.send("5", HELLO, now())
    await messenger.typing("5")
    assert graph.requests == [f"/{api.VERSION}/{api.PAGE}/messages"] * 2
    assert graph.sent[-1]["sender_action"] == "typing_on"


async def test_greeting_start_button_and_menu_are_set_in_each_language(
    messenger: MessengerChannel, graph: FakeGraph
) -> None:
    await messenger.start()
    posted: dict[str, Any] = dict(graph.posted)
    profile = posted["messenger_profile"]
    assert profile["get_started"] == {"payload": "/start"}
    for key in ("greeting", "persistent_menu"):
        locales = [each["locale"] for each in profile[key]]
        assert locales == ["default", "mn_MN", "en_US", "en_GB", "kk_KZ"]
    assert all(len(each["text"]) <= 160 for each in profile["greeting"])
    for menu in profile["persistent_menu"]:
        assert all(len(item["title"]) <= 30 for item in menu["call_to_actions"])
    wrong = [finding.what for finding in await messenger.check() if not finding.ok]
    assert wrong == [
        "Meta can only call a public https address",
        "The app has no webhook for pages",
    ]


async def test_the_check_says_what_is_wrong(messenger: MessengerChannel, graph: FakeGraph) -> None:
    found = await messenger.check()
    assert [finding.ok for finding in found] == [True, False, True, True, False, False, False]
    graph.fail(api.BAD_TOKEN, to="page")
    *_, token = await messenger.check()
    assert "ONOO_MESSENGER_TOKEN" in token.mend
    graph.fail(api.DROPPED, api.DROPPED, to="page")  # a read is tried twice
    *_, network = await messenger.check()
    assert "ONOO_MESSENGER_BASE_URL" in network.mend
