"""Closing the loop: results, scorecards, posters, commitments, and news to those who answered."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest
import segno

from bots.campaign_facts import register_campaign_facts
from bots.facts import Facts
from campaigns.announcing import Announcer
from campaigns.campaign import Campaign
from campaigns.commitments import Commitments
from campaigns.links import payload_for
from campaigns.poster import poster
from campaigns.refusal import Refusal
from campaigns.results import FacilityResult, Indicator, Results
from campaigns.scorecard import scorecard_pdf, scorecard_png
from content.facilities import Facility
from conversations.events import CaseChanged, Disputed, Invited
from conversations.facts import CommitmentsOf, FacilitiesWith, Referral, ResultsOf
from conversations.survey.authoring import convert_workbook
from storage.facilities import Facilities
from storage.store import Document
from tests.campaigns.conftest import Desk
from tests.campaigns.test_pushing import sending

SURVEYS = Path(__file__).parents[2] / "content" / "surveys"
CLINIC = Facility("HC1", "Өрхийн эмнэлэг", "health_centre", "1101")


@cache
def form(name: str) -> Document:
    """A bundled form as stored."""
    return convert_workbook(SURVEYS / f"{name}.xlsx").to_document()


async def round_of(desk: Desk, people: int, score: int = 4) -> Campaign:
    """A running round about the clinic, answered by so many people, the men a point lower."""
    await desk.store.forms.put(form("health_centre"), desk.clock())
    await Facilities(desk.store.database).store([CLINIC])
    made = await desk.campaigns.create(
        "author",
        title="Эмнэлэг",
        form=form("health_centre")["_id"],
        audience=(await desk.campaign()).audience,
        hours=(await desk.campaign()).hours,
        facility="HC1",
    )
    sexes = cycle(["female", "male"])
    for number in range(people):
        sex = next(sexes)
        value = str(score if sex == "female" else score - 1)
        citizen = await desk.citizen(f"{made.id}{number}")
        case = CaseChanged(
            case=f"{made.id}{number}",
            seq=9,
            form=made.form,
            status="complete",
            values={"wait": value, "about_you/sex": sex},
            campaign=made.id,
            facility="HC1",
            place="1101",
        )
        await desk.store.filing.file(
            citizen,
            "telegram",
            [{"_id": f"{made.id}{number}", "at": desk.clock(), **case.to_document()}],
        )
    return made


def indicator(result: FacilityResult, name: str = "wait") -> Indicator:
    """One of a result's indicators."""
    return next(each for each in result.indicators if each.name == name)


async def test_a_result_withholds_what_is_small(desk: Desk) -> None:
    results = Results(desk.store, desk.clock)
    few = await round_of(desk, 4)
    hidden = await results.of_facility(few.id, "HC1")
    assert hidden.suppressed
    assert hidden.n is None
    assert all(each.mean is None for each in hidden.indicators)
    enough = await round_of(desk, 20)
    shown = await results.of_facility(enough.id, "HC1")
    wait = indicator(shown)
    assert (shown.n, wait.n, wait.mean) == (20, 20, 3.5)
    assert wait.distribution["4"] == 10
    sexes = {g.value: g.means["wait"] for g in shown.groups if g.dimension == "sex"}
    assert (sexes["female"], sexes["male"]) == (4.0, 3.0)


async def test_a_small_group_can_not_be_found_from_the_others(desk: Desk) -> None:
    made = await round_of(desk, 14)
    await desk.store.database.cases.update_many(
        {"campaign": made.id, "values.wait": "3"}, {"$set": {"values.about_you/sex": "refused"}}
    )
    await desk.store.database.cases.update_one(
        {"_id": f"{made.id}1"}, {"$set": {"values.about_you/sex": "male"}}
    )
    shown = await Results(desk.store, desk.clock).of_facility(made.id, "HC1")
    sexes = {g.value: (g.n, g.means["wait"]) for g in shown.groups if g.dimension == "sex"}
    assert sexes["male"] == (None, None)
    assert [each for each in sexes.values() if each == (None, None)] != [(None, None)]


async def test_rounds_are_compared_and_the_meeting_stands_apart(desk: Desk) -> None:
    results = Results(desk.store, desk.clock)
    first = await round_of(desk, 10, score=3)
    await results.publish(first.id, "HC1", "me")
    desk.clock.forward(days=180)
    second = await round_of(desk, 10, score=4)
    await results.meeting(second.id, "HC1", {"wait": 3.0}, "me")
    await results.themes(second.id, "HC1", ["Хүйтэн"], "me")
    with pytest.raises(Refusal, match="No indicator"):
        await results.meeting(second.id, "HC1", {"nope": 3.0}, "me")
    wait = indicator(await results.publish(second.id, "HC1", "me"))
    assert (wait.change, wait.meeting, wait.mean) == (1.0, 3.0, 3.5)
    assert [one.campaign for one in await results.published("HC1")] == [second.id, first.id]


async def test_who_answered_hears_of_the_result_once_and_can_ask(desk: Desk) -> None:
    made = await round_of(desk, 6)
    await Results(desk.store, desk.clock).publish(made.id, "HC1", "me")
    announcer = Announcer(desk.store, desk.clock)
    assert await announcer.result(made.id, "HC1") == 6
    await announcer.result(made.id, "HC1")
    async with sending(desk.sender()):
        await desk.pass_time(lambda: desk.total() == 6, minutes=10)
    assert {len(each) for each in desk.channels["telegram"].sent.values()} == {1}
    facts = Facts()
    register_campaign_facts(facts, desk.store)
    told = await facts.fetch(ResultsOf("HC1"), "anyone")
    assert (told.name, told.n) == ("Өрхийн эмнэлэг", 6)
    assert await facts.fetch(FacilitiesWith("results", "11"), "anyone") == (("HC1", told.name),)


async def test_announcements_that_were_stopped_go_on_when_told(desk: Desk) -> None:
    made = await round_of(desk, 6)
    await Results(desk.store, desk.clock).publish(made.id, "HC1", "me")
    announcer = Announcer(desk.store, desk.clock)
    await announcer.result(made.id, "HC1")
    await desk.campaigns.stop_everything("author")
    desk.clock.forward(days=9)
    async with sending(desk.sender()):
        await asyncio.sleep(0.6)
        assert desk.total() == 0
        assert await announcer.resume("another") == []
        assert await announcer.resume(made.id) == [f"{made.id}:result:HC1"]
        assert await announcer.resume() == []
        await desk.pass_time(lambda: desk.total() == 6, minutes=10)
    assert {len(each) for each in desk.channels["telegram"].sent.values()} == {1}


async def test_a_commitment_keeps_its_history_and_those_who_dispute_it(desk: Desk) -> None:
    made = await round_of(desk, 5)
    commitments = Commitments(desk.store, desk.clock)
    one = await commitments.add("HC1", made.id, "Хүйтэн", "Засах", "Дарга", date(2027, 1, 31), "me")
    with pytest.raises(Refusal, match="evidence"):
        await commitments.change(one.id, "me", status="done")
    one = await commitments.change(one.id, "me", status="done", evidence="Зураг", note="Очсон")
    assert [entry["by"] for entry in one.history] == ["me", "me"]
    assert one.history[1]["before"]["status"] == "planned"
    citizen = await desk.citizen("doubter")
    event = {"_id": "d1", "at": desk.clock(), **Disputed(one.id).to_document()}
    for _ in range(2):
        await desk.store.filing.file(citizen, "telegram", [event])
    assert (await commitments.get(one.id)).disputes == 1
    assert await Announcer(desk.store, desk.clock).commitment(one) == 5
    facts = Facts()
    register_campaign_facts(facts, desk.store)
    name, [promise] = await facts.fetch(CommitmentsOf("HC1"), citizen)
    assert (name, promise.status, promise.evidence) == ("Өрхийн эмнэлэг", "done", "Зураг")
    await desk.store.erase(citizen, "w", desk.clock())
    assert (await commitments.get(one.id)).disputes == 0


async def test_a_link_leads_to_its_campaign_and_a_test_marks_it_tested(desk: Desk) -> None:
    made = await round_of(desk, 1)
    link = await desk.campaigns.link(made.id, is_test=True, telegram_name="onoo_bot")
    assert link.addresses["telegram"] == f"https://t.me/onoo_bot?start={link.payload}"
    facts = Facts()
    register_campaign_facts(facts, desk.store)
    invite = await facts.fetch(Referral(link.payload), "somebody")
    assert (invite.campaign, invite.facility, invite.is_test) == (made.id, "HC1", True)
    event = Invited(made.id, "opened", "HC1", "test").to_document()
    await desk.store.filing.file("tester", "web", [{"_id": "t", "at": desk.clock(), **event}])
    assert (await desk.campaigns.test(made.id, "author")).status == "tested"
    assert payload_for(made.id, "HC1") == payload_for(made.id, "HC1")
    assert len(link.payload) <= 64


async def test_a_scorecard_and_a_poster_are_drawn_the_same_each_time(desk: Desk) -> None:
    made = await round_of(desk, 12)
    result = await Results(desk.store, desk.clock).of_facility(made.id, "HC1")
    for locale in ("mn", "en"):
        png = scorecard_png(result, CLINIC.name, (), locale)
        assert png.startswith(b"\x89PNG")
        pdf = scorecard_pdf(result, CLINIC.name, (), locale)
        assert pdf.startswith(b"%PDF")
        assert pdf == scorecard_pdf(result, CLINIC.name, (), locale)
    link = await desk.campaigns.link(made.id)
    for size in ("A4", "A5"):
        assert poster(link, "Эмнэлэг", CLINIC.name, "mn", size).startswith(b"%PDF")
    with pytest.raises(ValueError, match="A4 or A5"):
        poster(link, "Эмнэлэг", CLINIC.name, "mn", "A3")
    assert segno.make(link.addresses["web"], error="m", micro=False).version <= 6
