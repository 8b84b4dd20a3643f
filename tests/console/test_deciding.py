"""What facilitators decide: campaigns stopped and begun again, problems, promises, meetings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.audience import Audience
from console.desk import Desk
from content.hours import Hours
from conversations.events import CaseChanged
from tests.campaigns.test_closing import form
from tests.console.conftest import HERE, THERE, Open, Person
from tests.console.test_campaign_form import FIELDS, FORM
from tests.console.test_problems import REFERENCE, reported

ROUND = "/console/facilities/H1/rounds"


@pytest.fixture
async def oyuna(visit: Open, desk: Desk) -> Person:
    await desk.store.forms.put(FORM, desk.now())
    person = await visit("oyuna")
    await person.get("/console/campaigns/new")
    return person


async def campaign(
    desk: Desk, status: str, place: str = HERE, by: str = "oyuna", **fields: Any
) -> str:
    """A campaign in a place, at a status."""
    now = desk.now()
    given = {"title": "x", "form": FORM["_id"], "hours": Hours(now, now + timedelta(days=2))}
    audience = Audience(places=(place,))
    made = await desk.campaigns.create(by, audience=audience, **{**given, **fields})
    await desk.store.campaigns.set(made.id, status=status)
    return made.id


async def status_of(desk: Desk, made: str) -> str:
    return (await desk.campaigns.get(made)).status


# -- campaigns --------------------------------------------------------------------------------


async def test_a_facilitator_stops_only_their_own(oyuna: Person, desk: Desk) -> None:
    mine, later = await campaign(desk, "running"), await campaign(desk, "scheduled")
    theirs = await campaign(desk, "running", THERE, by="tuya")
    assert (await oyuna.post("/console/campaigns/stop")).status == 303
    assert [await status_of(desk, one) for one in (mine, later)] == ["paused", "paused"]
    assert await status_of(desk, theirs) == "running"


async def test_an_admin_stops_everything(visit: Open, oyuna: Person, desk: Desk) -> None:
    running = [await campaign(desk, "running", place) for place in (HERE, THERE)]
    admin = await visit("admin")
    await admin.get("/console/campaigns")
    assert (await admin.post("/console/campaigns/stop")).status == 303
    assert [await status_of(desk, one) for one in running] == ["paused", "paused"]


async def test_a_draft_is_changed_and_one_that_was_approved_is_not(
    oyuna: Person, desk: Desk
) -> None:
    await oyuna.post("/console/campaigns/new", FIELDS)
    [made] = await desk.campaigns.all()
    path = f"/console/campaigns/{made.id}/edit"
    assert (await oyuna.post(path, {**FIELDS, "title": "Шинэ"})).status == 303
    assert (await desk.campaigns.get(made.id)).title == "Шинэ"
    assert (await oyuna.post(path, {**FIELDS, "title": ""})).status == 400
    await desk.store.campaigns.set(made.id, status="approved")
    refused = await oyuna.post(path, {**FIELDS, "title": "Өөр"})
    assert refused.status != 303
    assert (await desk.campaigns.get(made.id)).title == "Шинэ"


async def test_what_can_t_be_made_is_told_in_the_form(oyuna: Person, desk: Desk) -> None:
    answer = await oyuna.post("/console/campaigns/new", {**FIELDS, "reminders": "3, 2, 1"})
    assert answer.status != 303
    assert await desk.campaigns.all() == []


async def test_a_copy_is_a_draft_for_the_next_round(oyuna: Person, desk: Desk) -> None:
    made = await campaign(desk, "closed")
    answer = await oyuna.post(f"/console/campaigns/{made}/copy")
    assert answer.status == 303
    copied = answer.headers["Location"].split("/campaigns/")[1].split("/")[0]
    assert copied != made
    found = await desk.campaigns.get(copied)
    assert (found.status, found.title) == ("draft", "x")
    assert found.hours.end > desk.now()


async def test_a_step_that_can_t_be_is_said_on_the_page(oyuna: Person, desk: Desk) -> None:
    made = await campaign(desk, "draft")
    answer = await oyuna.post(f"/console/campaigns/{made}/approve")
    assert answer.status != 303
    assert await status_of(desk, made) == "draft"
    assert (await oyuna.post(f"/console/campaigns/{made}/news")).status == 303


# -- problems ---------------------------------------------------------------------------------


async def test_a_problem_is_given_to_somebody_and_closed(oyuna: Person, desk: Desk) -> None:
    await reported(desk.store)
    path = f"/console/problems/{REFERENCE}"
    assert (await oyuna.post(f"{path}/assign", {"assigned": "tuya"})).status == 303
    assert (await oyuna.post(f"{path}/assign", {"assigned": "nobody"})).status == 400
    await desk.users.change("tuya", disabled=True)
    assert (await oyuna.post(f"{path}/assign", {"assigned": "tuya"})).status == 400
    assert (await desk.reports.get(REFERENCE))["assigned"] == "tuya"
    assert (await oyuna.post(f"{path}/assign", {"assigned": ""})).status == 303
    assert (await oyuna.post(f"{path}/status", {"status": "closed"})).status == 303
    assert (await oyuna.post(f"{path}/status", {"status": "burnt"})).status == 400
    found = await desk.reports.get(REFERENCE)
    assert (found["assigned"], found["status"]) == ("", "closed")


async def test_an_empty_reply_reaches_nobody(oyuna: Person, desk: Desk) -> None:
    await reported(desk.store)
    answer = await oyuna.post(f"/console/problems/{REFERENCE}/reply", {"text": "  "})
    assert answer.status == 400
    assert (await desk.reports.get(REFERENCE))["status"] != "answered"


# -- promises ---------------------------------------------------------------------------------


async def test_a_promise_is_written_down_and_followed(oyuna: Person, desk: Desk) -> None:
    new = "/console/facilities/H1/commitments/new"
    promise = {"issue": "Хүйтэн", "action": "Зуух засах", "who": "Дарга", "due": "2027-01-31"}
    assert (await oyuna.post(new, {**promise, "due": "soon"})).status == 400
    assert (await oyuna.post(new, {**promise, "who": ""})).status == 400
    assert await desk.commitments.all() == []
    assert (await oyuna.post(new, promise)).status == 303
    [made] = await desk.commitments.all()
    path = f"/console/facilities/H1/commitments/{made.id}"
    assert (await oyuna.post(path, {"status": "kept"})).status == 400
    changed = await oyuna.post(path, {"status": "done", "evidence": "Зураг", "note": ""})
    assert changed.status == 303
    assert (await desk.commitments.get(made.id)).status == "done"
    refused = await oyuna.post(path, {"status": "done", "evidence": "", "note": ""})
    assert refused.status in (303, 409)
    assert (await oyuna.get("/console/facilities/H1/commitments/nothing")).status == 404
    shown = await (await oyuna.get("/console/commitments?status=planned")).text()
    assert "Зуух засах" not in shown
    assert "Зуух засах" in await (await oyuna.get("/console/commitments?status=done")).text()


# -- meetings ---------------------------------------------------------------------------------


async def answered(desk: Desk, people: int) -> str:
    """A round at the health centre that so many have answered."""
    health = form("health_centre")
    await desk.store.forms.put(health, desk.now())
    made = await campaign(desk, "closed", form=health["_id"], facility="H1")
    for n in range(people):
        case = CaseChanged(
            case=f"c{n}", seq=9, form=health["_id"], status="complete", values={"wait": "4"},
            campaign=made, facility="H1", place=HERE,
        )  # fmt: skip
        event = {"_id": f"e{n}", "at": datetime.now(UTC), **case.to_document()}
        await desk.store.filing.file(f"citizen{n}", "telegram", [event])
    return made


async def test_a_meetings_scores_and_themes_are_kept_and_published(
    oyuna: Person, desk: Desk
) -> None:
    path = f"{ROUND}/{await answered(desk, 8)}"
    page = await oyuna.get(path)
    assert page.status == 200
    assert (await oyuna.post(f"{path}/themes", {"themes": "Хүйтэн\n\nУдаан"})).status == 303
    held = {"held": "2026-11-20", "score:wait": "3", "note": "Тохиролцов"}
    assert (await oyuna.post(f"{path}/meeting", {**held, "held": "once"})).status == 400
    assert (await oyuna.post(f"{path}/meeting", {**held, "score:wait": "9"})).status == 400
    assert (await oyuna.post(f"{path}/meeting", held)).status == 303
    assert (await oyuna.post(f"{path}/publish")).status == 303
    [result] = await desk.results.published("H1")
    assert list(result.themes) == ["Хүйтэн", "Удаан"]
    [wait] = [one for one in result.indicators if one.name == "wait"]
    assert (wait.mean, wait.meeting) == (4.0, 3.0)
    shown = await (await oyuna.get("/console/facilities/H1")).text()
    assert path.rpartition("/")[2] in shown


async def test_a_round_that_is_not_of_this_facility_is_not_there(oyuna: Person, desk: Desk) -> None:
    await answered(desk, 1)
    assert (await oyuna.get(f"{ROUND}/nothing")).status == 404
    other = await campaign(desk, "closed")
    assert (await oyuna.get(f"{ROUND}/{other}")).status == 404
