"""What was set aside: seen by admins without what was written, tried again once, or dropped."""

from __future__ import annotations

from datetime import UTC, datetime

from console.desk import Desk
from storage.store import Store
from tests.console.conftest import Open

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SECRET = "Миний утас 99112233"


async def failed(store: Store, citizen: str = "c1", kind: str = "text") -> None:
    """Something that this citizen did was set aside after its third try."""
    event = {"id": "e1", "kind": kind, "at": NOW, "text": SECRET}
    await store.sessions.append(citizen, event, NOW)
    await store.filing.set_aside(citizen, {**event, "tries": 2}, "KeyError")
    await store.database.sessions.update_one({"_id": citizen}, {"$set": {"inbox": []}})


async def test_it_is_shown_without_who_and_what_was_written(visit: Open, store: Store) -> None:
    await failed(store)
    admin = await visit("admin")
    shown = await (await admin.get("/console/setaside")).text()
    assert "KeyError" in shown
    assert "99112233" not in shown
    assert "c1:e1" not in shown
    assert "/console/setaside" in await (await admin.get("/console")).text()


async def test_it_is_tried_again_once(visit: Open, store: Store, desk: Desk) -> None:
    await failed(store)
    [one] = await desk.aside.all()
    admin = await visit("admin")
    assert (await admin.post(f"/console/setaside/{one.name}/replay")).status == 303
    assert (await admin.post(f"/console/setaside/{one.name}/replay")).status == 404
    session = await store.sessions.read("c1")
    assert session is not None
    [entry] = session.inbox
    assert (entry["text"], entry["id"]) == (SECRET, "e1+")
    assert "tries" not in entry
    assert (await store.sessions.contacts(["c1"]))["c1"]["last_inbound"] == NOW
    [note] = await desk.audit.page(action="aside.replay")
    assert note.before["error"] == "KeyError"
    assert "'c1'" not in str(note), "as a value of its own: a hash may hold the letters"


async def test_a_replay_cut_off_half_way_is_finished_by_the_next(store: Store, desk: Desk) -> None:
    await failed(store)
    [one] = await desk.aside.all()
    found = await store.database.poisoned.find_one({})
    await desk.aside.replay(one.name, NOW)
    await store.database.poisoned.insert_one(found)
    await desk.aside.replay(one.name, NOW)
    session = await store.sessions.read("c1")
    assert session is not None
    assert len(session.inbox) == 1
    assert await desk.aside.count() == 0


async def test_without_a_conversation_it_can_only_be_dropped(
    visit: Open, store: Store, desk: Desk
) -> None:
    await failed(store)
    await store.database.sessions.delete_one({"_id": "c1"})
    [one] = await desk.aside.all()
    admin = await visit("admin")
    assert (await admin.post(f"/console/setaside/{one.name}/replay")).status == 409
    assert await desk.aside.count() == 1
    assert (await admin.post(f"/console/setaside/{one.name}/drop")).status == 303
    assert await desk.aside.count() == 0
    assert len(await desk.audit.page(action="aside.drop")) == 1


async def test_it_is_for_admins_alone(visit: Open, store: Store, desk: Desk) -> None:
    await failed(store)
    [one] = await desk.aside.all()
    for name in ("oyuna", "ann"):
        person = await visit(name)
        assert (await person.get("/console/setaside")).status == 403
        assert (await person.post(f"/console/setaside/{one.name}/drop")).status == 403
    assert await desk.aside.count() == 1
