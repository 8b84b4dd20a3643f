"""A campaign's way from draft to closed: what may follow what, and what can't be asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bots.campaign_facts import register_campaign_facts
from bots.facts import Facts
from campaigns.audience import Audience
from campaigns.campaign import Quota
from campaigns.refusal import Refusal
from content.hours import Hours
from conversations.facts import Referral
from tests.campaigns.conftest import FORM, MORNING, Desk

DAY = timedelta(days=1)


@pytest.mark.parametrize(("by", "limit"), [("town", 5), ("place", 0)])
def test_a_quota_is_of_a_known_kind_and_at_least_one(by: str, limit: int) -> None:
    with pytest.raises(ValueError, match="quota"):
        Quota(by, "11", limit)


@pytest.mark.parametrize(
    ("quota", "counted"),
    [
        (Quota("total", "", 1), True),
        (Quota("place", "65", 1), True),
        (Quota("place", "11", 1), False),
        (Quota("facility", "H1", 1), True),
        (Quota("facility", "H2", 1), False),
    ],
)
def test_what_counts_for_a_quota(quota: Quota, counted: bool) -> None:
    assert quota.counts("6501", "H1") is counted


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"title": "  "}, "refusal.title"),
        ({"title": "x" * 121}, "refusal.title"),
        ({"send_by": MORNING - DAY}, "refusal.send_by"),
        ({"send_by": MORNING + 2 * DAY}, "refusal.send_by"),
        ({"reminders": (1, 2, 3)}, "refusal.reminders_many"),
        ({"reminders": (0,)}, "refusal.reminders_rising"),
        ({"reminders": (3, 1)}, "refusal.reminders_rising"),
        ({"per_minute": -1}, "refusal.per_minute"),
        ({"form": "nowhere-1"}, "refusal.no_form"),
    ],
)
async def test_what_can_t_be_is_refused_when_it_is_made(
    desk: Desk, fields: dict[str, Any], key: str
) -> None:
    asked = {"title": "A", "form": FORM["_id"], "audience": Audience(), **fields}
    with pytest.raises(Refusal) as refused:
        await desk.campaigns.create("author", hours=Hours(MORNING, MORNING + DAY), **asked)
    assert refused.value.key == key


async def test_a_draft_is_changed_and_must_then_be_tested_anew(desk: Desk) -> None:
    hours = Hours(desk.clock(), desk.clock() + DAY)
    made = await desk.campaigns.create(
        "author", title="A", form=FORM["_id"], audience=Audience(), hours=hours
    )
    await desk.store.campaigns.set(made.id, tested_at=desk.clock())
    await desk.campaigns.test(made.id, "author")
    changed = await desk.campaigns.change(made.id, "other", title="B")
    assert (changed.title, changed.status, changed.tested_at) == ("B", "draft", None)
    assert changed.author == "author"
    assert changed.history[-1]["by"] == "other"
    with pytest.raises(Refusal, match="title"):
        await desk.campaigns.change(made.id, "other", title="")


async def test_what_is_approved_stays_as_it_is_until_it_is_taken_back(desk: Desk) -> None:
    made = await desk.campaign()
    with pytest.raises(Refusal) as refused:
        await desk.campaigns.change(made.id, "author", title="B")
    assert refused.value.key == "refusal.unchangeable"
    await desk.campaigns.schedule(made.id, "author")
    draft = await desk.campaigns.back_to_draft(made.id, "author")
    assert (draft.status, draft.approved_by, draft.tested_at) == ("draft", "", None)
    assert (await desk.campaigns.change(made.id, "author", title="B")).title == "B"


async def test_what_may_not_follow_is_refused_with_what_may(desk: Desk) -> None:
    made = await desk.campaign()
    with pytest.raises(Refusal) as refused:
        await desk.campaigns.pause(made.id, "author")
    assert refused.value.key == "refusal.move"
    assert "Scheduled" in str(refused.value)


@pytest.mark.parametrize("act", ["schedule", "start"])
async def test_nothing_begins_when_its_window_is_over(desk: Desk, act: str) -> None:
    made = await desk.campaign()
    desk.clock.forward(days=2)
    with pytest.raises(Refusal) as refused:
        await getattr(desk.campaigns, act)(made.id, "author")
    assert refused.value.key == "refusal.window_over"


async def test_a_pause_before_the_start_leads_back_to_waiting_for_it(desk: Desk) -> None:
    made = await desk.campaign(hours=Hours(desk.clock() + DAY, desk.clock() + 2 * DAY))
    await desk.campaigns.schedule(made.id, "author")
    await desk.campaigns.pause(made.id, "author")
    assert (await desk.campaigns.resume(made.id, "author")).status == "scheduled"
    await desk.campaigns.pause(made.id, "author")
    desk.clock.forward(days=3)
    with pytest.raises(Refusal) as refused:
        await desk.campaigns.resume(made.id, "author")
    assert refused.value.key == "refusal.window_over"


async def test_two_who_change_at_once_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await desk.campaign()
    old = await desk.campaigns.get(made.id)
    await desk.campaigns.schedule(made.id, "author")

    async def late(_: str) -> Any:
        return old

    monkeypatch.setattr(desk.campaigns, "get", late)
    with pytest.raises(Refusal) as refused:
        await desk.campaigns.schedule(made.id, "other")
    assert refused.value.key == "refusal.meanwhile"


async def test_progress_counts_people_and_messages(desk: Desk) -> None:
    crowd = await desk.crowd(3)
    made = await desk.launched()
    await desk.store.invitations.mark(made.id, crowd[0], "complete", desk.clock())
    progress = await desk.campaigns.progress(made.id)
    assert progress.campaign.status == "running"
    assert progress.dispositions["complete"] == 1
    assert sum(progress.dispositions.values()) == 3
    assert sum(progress.messages["invite"].values()) == 3
    assert progress.reasons["invite"] == {}


# -- as a citizen meets it -------------------------------------------------------------------


async def met(desk: Desk, payload: str, citizen: str = "somebody") -> Any:
    """The campaign behind a payload, as `citizen` meets it."""
    facts = Facts()
    register_campaign_facts(facts, desk.store)
    return await facts.fetch(Referral(payload), citizen)


@pytest.mark.parametrize("payload", ["inv:nothing", "nothing"])
async def test_a_link_to_nothing_leads_nowhere(desk: Desk, payload: str) -> None:
    assert await met(desk, payload) is None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "running"}, "open"),
        ({"status": "paused"}, "paused"),
        ({"status": "scheduled"}, "soon"),
        ({"status": "closed"}, "closed"),
        ({"status": "running", "full": ["place:22", "facility:H2"]}, "open"),
        ({"status": "running", "full": ["place:11"]}, "full"),
        ({"status": "running", "full": ["facility:H1"]}, "full"),
        ({"status": "running", "full": ["total:"]}, "full"),
    ],
)
async def test_it_is_open_only_while_answers_are_wanted(
    desk: Desk, fields: dict[str, Any], state: str
) -> None:
    [citizen] = await desk.crowd(1)
    now = datetime.now(desk.clock().tzinfo)
    made = await desk.launched(facility="H1")
    hours = {**(await desk.store.campaigns.find(made.id) or {})["hours"]}
    await desk.store.campaigns.set(made.id, **fields, hours={**hours, "end": now + DAY})
    invite = await met(desk, f"inv:{made.id}", citizen)
    assert invite.state == state
    assert (invite.opens is not None) == (state == "soon")


async def test_who_has_answered_is_done_and_who_comes_late_finds_it_closed(desk: Desk) -> None:
    [citizen] = await desk.crowd(1)
    now = datetime.now(desk.clock().tzinfo)
    made = await desk.launched()
    hours = {**(await desk.store.campaigns.find(made.id) or {})["hours"]}
    await desk.store.campaigns.set(made.id, hours={**hours, "end": now + DAY})
    await desk.store.invitations.mark(made.id, citizen, "complete", desk.clock())
    assert (await met(desk, f"inv:{made.id}", citizen)).state == "done"
    await desk.store.campaigns.set(made.id, hours={**hours, "end": now - DAY})
    assert (await met(desk, f"inv:{made.id}", citizen)).state == "closed"
