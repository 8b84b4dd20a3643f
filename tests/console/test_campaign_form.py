"""A campaign's own words and quotas: typed, shown as they will be read, and kept."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.campaign import Quota
from console.desk import Desk
from console.invitations import invitations
from tests.console.conftest import HERE, Open, Person

SCRIPT = "<script>alert(1)</script>"
FORM = {"_id": "clinic-abc", "form": "clinic", "title": "Clinic", "titles": {"mn": "Эмнэлэг"}}
FIELDS = {
    "title": "x",
    "form": "clinic-abc",
    "start": "2026-12-01T09:00",
    "end": "2026-12-09T09:00",
    "reminders": "3",
}


@pytest.fixture
async def oyuna(visit: Open, desk: Desk) -> Person:
    """A facilitator who may ask about a published form."""
    await desk.store.forms.put(FORM, desk.now())
    person = await visit("oyuna")
    await person.get("/console/campaigns/new")
    return person


async def made(desk: Desk) -> Any:
    [campaign] = await desk.campaigns.all()
    return campaign


async def test_own_words_are_kept_and_shown(oyuna: Person, desk: Desk) -> None:
    words = {"words_mn": "Сайн уу, манай сумынхан аа?", "words_en": ""}
    answer = await oyuna.post("/console/campaigns/new", {**FIELDS, **words})
    assert answer.status == 303
    campaign = await made(desk)
    assert campaign.words == {"mn": "Сайн уу, манай сумынхан аа?"}
    shown = await (await oyuna.get(f"/console/campaigns/{campaign.id}")).text()
    assert "манай сумынхан аа?" in shown
    form = await (await oyuna.get(f"/console/campaigns/{campaign.id}/edit")).text()
    assert ">Сайн уу, манай сумынхан аа?</textarea>" in form


async def test_the_preview_is_what_is_sent(oyuna: Person) -> None:
    fields = {"form": "clinic-abc", "words_en": SCRIPT}
    shown = await (await oyuna.post("/console/campaigns/words", fields)).text()
    assert "Эмнэлэг" in shown
    assert SCRIPT not in shown
    assert "&lt;script&gt;" in shown
    assert (await oyuna.post("/console/campaigns/words", {"form": "nothing"})).status == 200
    mn, en, kk = invitations(FORM, {"en": "Mine {title}"})
    assert (en.text, en.own) == ("Mine {title}", True)
    assert "Эмнэлэг" in mn.text
    assert len(mn.buttons) == len(kk.buttons) == 3


async def test_words_that_are_too_long_are_told(oyuna: Person, desk: Desk) -> None:
    answer = await oyuna.post("/console/campaigns/new", {**FIELDS, "words_kk": "x" * 701})
    assert answer.status == 400
    assert 'id="words_kk-error"' in await answer.text()
    assert await desk.campaigns.all() == []


async def test_quotas_count_in_all_and_by_place(oyuna: Person, desk: Desk) -> None:
    quotas = {"places": HERE, "quota_total": "500", "quota_place": "100"}
    assert (await oyuna.post("/console/campaigns/new", {**FIELDS, **quotas})).status == 303
    campaign = await made(desk)
    assert campaign.quotas == (Quota("total", "", 500), Quota("place", HERE, 100))
    form = await (await oyuna.get(f"/console/campaigns/{campaign.id}/edit")).text()
    assert 'name="quota_place" type="number" value="100"' in form


async def test_a_quota_by_place_needs_places(visit: Open, oyuna: Person, desk: Desk) -> None:
    admin = await visit("admin")
    await admin.get("/console/campaigns/new")
    answer = await admin.post("/console/campaigns/new", {**FIELDS, "quota_place": "100"})
    assert answer.status == 400
    assert await desk.campaigns.all() == []
