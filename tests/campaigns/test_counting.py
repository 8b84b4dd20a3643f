"""Audiences and samples: who is counted, and who is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.audience import Audience
from campaigns.refusal import Refusal
from campaigns.sample import Member, draw
from tests.campaigns.conftest import Desk


def test_a_sample_is_the_same_for_the_same_seed_and_fair_by_aimag() -> None:
    people = [
        Member(f"c{n}", "telegram", "mn", "11" if n < 800 else "65", "now") for n in range(1000)
    ]
    drawn = draw(people, 100, "seed", stratified=True)
    assert drawn == draw(people[::-1], 100, "seed", stratified=True)
    assert draw(people, 100, "other", stratified=True) != drawn
    assert sum(member.place == "11" for member in drawn) == 80


async def test_nobody_stopped_without_consent_or_over_the_cap_is_asked(desk: Desk) -> None:
    await desk.crowd(5)
    await desk.citizen("stopped", stopped=True)
    await desk.citizen("refused", consent="refused")
    await desk.citizen("gone", left=True)
    await desk.citizen("mess", "messenger", timedelta(hours=30))
    counts = await desk.campaigns.count(Audience())
    assert (counts.now, counts.next, counts.total) == (5, 1, 6)
    assert (counts.stopped, counts.no_consent, counts.off) == (1, 1, 1)
    await desk.launched()
    counts = await desk.campaigns.count(Audience())
    assert (counts.total, counts.over_cap) == (0, 6)
    desk.clock.forward(days=15)
    assert (await desk.campaigns.count(Audience())).total == 6


async def test_an_audience_by_place_language_and_tag(desk: Desk) -> None:
    [one] = [await desk.citizen("a", place="650101", locale="kk")]
    await desk.citizen("b", place="6502")
    await desk.citizen("c", place="1101")
    await desk.store.citizens.tag([one], "herders")
    for audience, size in (
        (Audience(places=("65",)), 2),
        (Audience(places=("6501",)), 1),
        (Audience(languages=("kk",)), 1),
        (Audience(tags=("herders",)), 1),
        (Audience(citizens=(one,), places=("11",)), 0),
        (Audience(sample=2, seed="x"), 2),
    ):
        assert (await desk.campaigns.count(audience)).total == size, audience


async def test_a_campaign_moves_only_as_it_may(desk: Desk) -> None:
    made = await desk.campaign(two_people=True)
    with pytest.raises(Refusal, match="changed any more"):
        await desk.campaigns.change(made.id, "author", form="other")
    with pytest.raises(Refusal, match="Only a paused"):
        await desk.campaigns.resume(made.id, "author")
    draft = await desk.campaigns.copy(made.id, "author")
    with pytest.raises(Refusal, match="test link"):
        await desk.campaigns.test(draft.id, "author")
    await desk.store.campaigns.set(draft.id, tested_at=desk.clock())
    await desk.campaigns.test(draft.id, "author")
    with pytest.raises(Refusal, match="second person"):
        await desk.campaigns.approve(draft.id, "author")
    closed = await desk.campaigns.close(made.id, "author")
    with pytest.raises(Refusal, match="closed for good"):
        await desk.campaigns.start(closed.id, "author")


async def test_stop_everything_stops_everything(desk: Desk) -> None:
    await desk.crowd(3)
    made = await desk.launched()
    assert await desk.campaigns.stop_everything("author") == [made.id]
    assert await desk.store.outbox.open_pushes() == []
    assert (await desk.campaigns.get(made.id)).status == "paused"


async def test_everybody_read_place_by_place_is_everybody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.population.MANY", 1)
    places = ("", "00", "11", "1101", "110151", "6501", "650155", "99", "x")
    for number, place in enumerate(places):
        await desk.citizen(f"p{number}", place=place)
    nowhere = await desk.citizen("nowhere")
    await desk.store.database.citizens.update_one({"_id": nowhere}, {"$unset": {"place": ""}})
    assert (await desk.campaigns.count(Audience())).total == len(places) + 1
