"""Answering a citizen from the console: once, in their chat, and the bot steps back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console.desk import Desk
from storage.filing import writes_for
from storage.store import Store
from tests.console.conftest import HERE, Open

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
REFERENCE = "4829135726"


async def reported(store: Store) -> None:
    """Somebody reported a problem, and has a conversation with the bot."""
    await store.sessions.append("c1", {"id": "e1", "kind": "text", "at": NOW, "text": "x"}, NOW)
    event = {
        "type": "reported",
        "_id": "r1",
        "at": NOW,
        "reference": REFERENCE,
        "topic": "",
        "text": "Хүйтэн байна",
        "place": HERE,
        "facility": "",
    }
    await store.filing.file("c1", "telegram", [event])


async def inbox(store: Store) -> list[Any]:
    session = await store.sessions.read("c1")
    assert session is not None
    return [entry for entry in session.inbox if entry["kind"] == "staff"]


async def test_a_reply_goes_into_the_citizens_inbox_once(
    visit: Open, store: Store, desk: Desk
) -> None:
    await reported(store)
    oyuna = await visit("oyuna")
    await oyuna.get(f"/console/problems/{REFERENCE}")
    sent = await oyuna.post(f"/console/problems/{REFERENCE}/reply", {"text": "Зуухыг засна"})
    assert sent.status == 303
    [entry] = await inbox(store)
    assert entry["text"] == "Зуухыг засна"
    assert entry["payload"] == f"reply:{REFERENCE}:Оюунаа Дорж"
    found = await desk.reports.get(REFERENCE)
    assert (found["status"], found["note"]) == ("answered", "Зуухыг засна")
    assert not await store.sessions.tell("c1", entry, NOW)


async def test_a_reply_opens_no_messaging_window(visit: Open, store: Store) -> None:
    await reported(store)
    oyuna = await visit("oyuna")
    await oyuna.get(f"/console/problems/{REFERENCE}")
    await oyuna.post(f"/console/problems/{REFERENCE}/reply", {"text": "x"})
    assert (await store.sessions.contacts(["c1"]))["c1"]["last_inbound"] == NOW


async def test_somebody_who_was_erased_is_not_written_to(visit: Open, store: Store) -> None:
    await reported(store)
    await store.database.sessions.delete_one({"_id": "c1"})
    oyuna = await visit("oyuna")
    await oyuna.get(f"/console/problems/{REFERENCE}")
    assert (await oyuna.post(f"/console/problems/{REFERENCE}/take")).status == 409
    assert await store.sessions.read("c1") is None


async def test_what_the_citizen_says_stands_in_their_own_report_only(
    visit: Open, store: Store, desk: Desk
) -> None:
    await reported(store)
    told = {"type": "talked", "_id": "t1", "at": NOW, "reference": REFERENCE, "act": "told"}
    await store.filing.file("c1", "telegram", [{**told, "text": "Баярлалаа", "entry": ""}])
    await store.filing.file("c1", "telegram", [{**told, "text": "Баярлалаа", "entry": ""}])
    await store.filing.file("c2", "web", [{**told, "_id": "t2", "text": "spam", "entry": ""}])
    found = await desk.reports.get(REFERENCE)
    assert [line["text"] for line in found["thread"]] == ["Баярлалаа"]
    assert found["unread"]
    assert await desk.reports.waiting([HERE]) == 1
    shown = await (await (await visit("oyuna")).get("/console/problems")).text()
    assert "Шинэ үг" in shown


async def test_handing_over_is_noted_until_it_ends(visit: Open, store: Store, desk: Desk) -> None:
    await reported(store)
    oyuna = await visit("oyuna")
    await oyuna.get(f"/console/problems/{REFERENCE}")
    await oyuna.post(f"/console/problems/{REFERENCE}/take")
    assert (await desk.reports.get(REFERENCE))["handover"] == "oyuna"
    back = {"type": "talked", "_id": "b", "at": NOW, "reference": REFERENCE, "act": "back"}
    await store.filing.file("c1", "telegram", [{**back, "text": "", "entry": ""}])
    assert (await desk.reports.get(REFERENCE))["handover"] == ""


def test_talk_is_kept_in_the_conversation_log_too() -> None:
    event = {"type": "talked", "_id": "t", "at": NOW, "reference": "1", "act": "told", "text": "x"}
    writes = writes_for("c1", "web", [event])
    assert set(writes) == {"events", "reports"}
