"""What citizens, facilitators and files bring in, and other people's ids: nowhere does it bite."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest
from aiohttp import FormData

from analytics.export import export
from analytics.request import Format, request_of
from campaigns.audience import Audience
from console import app as console_app
from console.access import Right, needed
from console.desk import Desk
from console.workbooks import take_in
from content.facilities import Facility
from content.hours import Hours
from conversations.survey.authoring import FormSource, compile
from storage.facilities import Facilities
from storage.store import Store
from tests.console.conftest import THERE, Open
from tests.console.test_surveys import changed
from tests.world.database import KEY

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SCRIPT = "<script>alert(1)</script>"
BROKEN_OUT = '"><img src=x onerror=alert(1)>'
EVIL = SCRIPT + BROKEN_OUT
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("x")')
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')
MOST = 200
EVIL_FILE = Path("/tmp/onoo-evil.csv")  # noqa: S108


def form(folder: Path, words: str) -> FormSource:
    """A survey whose title, question and choices are `words`."""
    cell = words.replace("|", "/")
    text = (
        "| survey |\n| | type | name | label::Монгол (mn) |\n"
        f"| | select_one score | wait | {cell} |\n"
        "| choices |\n| | list_name | name | label::Монгол (mn) |\n"
        + "".join(f"| | score | {n} | {cell} |\n" for n in range(1, 6))
        + "| settings |\n| | form_id | form_title | version | default_language |\n"
        f"| | evil | {cell} | 1 | Монгол (mn) |\n"
    )
    path = folder / "evil.md"
    path.write_text(text, "utf-8")
    return compile(path)


@dataclass(frozen=True)
class World:
    """Ids of what there is in the other facilitator's places."""

    form: str
    campaign: str
    commitment: str
    draft: str
    token: str
    reference: str = "2222222222"


@pytest.fixture
async def world(store: Store, desk: Desk, tmp_path: Path) -> World:
    """A round at a facility, everything in it called by a script."""
    source = form(tmp_path, EVIL)
    await store.forms.put(source.to_document(), NOW)
    await Facilities(store.database).store([Facility("H2", EVIL, "health_centre", THERE)])
    campaign = await desk.campaigns.create(
        "tuya", title=EVIL[:120], form=source.version, audience=Audience(places=(THERE,)),
        hours=Hours(NOW, NOW + timedelta(days=9)), facility="H2", words={"mn": EVIL},
    )  # fmt: skip
    await store.campaigns.set(campaign.id, status="running", plan="queued", tested_at=NOW)
    case = {"form": source.version, "status": "complete", "campaign": campaign.id, "facility": "H2",
            "place": THERE, "is_test": False, "channel": "web", "locale": "mn", "last_node": "",
            "started": NOW, "ended": NOW, "changed": NOW}  # fmt: skip
    await store.database.cases.insert_many(
        [{**case, "_id": f"k{n}", "citizen": f"c{n}", "values": {"wait": str(n % 5 + 1)}}
         for n in range(9)]
    )  # fmt: skip
    await store.database.reports.insert_one(
        {"_id": "r", "reference": "2222222222", "topic": "", "text": EVIL, "place": THERE,
         "facility": "H2", "citizen": "c1", "channel": "web", "at": NOW, "status": "new"}
    )  # fmt: skip
    await desk.results.themes(campaign.id, "H2", [EVIL[:120]], "tuya")
    await desk.results.publish(campaign.id, "H2", "tuya")
    promise = await desk.commitments.add(
        "H2", campaign.id, EVIL, EVIL, EVIL, date(2026, 12, 1), "tuya"
    )
    await desk.tags.give([], EVIL[:40], "tuya", NOW)
    await desk.users.change("tuya", full_name=EVIL)
    workbook = take_in("x.xlsx", changed(4, "label::English (en)", EVIL)).to_document()
    draft = await desk.drafts.add("tuya", {**workbook, "name": EVIL, "title": EVIL}, NOW)
    await desk.tokens.issue("tuya", EVIL, 30, desk.now())
    [token] = await desk.tokens.of("tuya")
    await store.filing.set_aside("c1", {"id": "e", "kind": "tap", "at": NOW, "payload": EVIL}, EVIL)
    return World(source.version, campaign.id, promise.id, draft, token.id)


@pytest.mark.parametrize("locale", ["mn", "en"])
async def test_no_page_runs_what_others_wrote(visit: Open, world: World, locale: str) -> None:
    admin = await visit("admin")
    waiting = deque([f"/console?l={locale}", f"/open/H2?l={locale}"])
    met, escaped = set(waiting), 0
    while waiting and len(met) < MOST:
        path = waiting.popleft()
        if "/assets/" in path or path.endswith(("/file", "/workbook", ".pdf", ".png")):
            continue
        response = await admin.get(path)
        assert response.status < 500, path
        if response.content_type != "text/html":
            continue
        shown = await response.text()
        assert "<script>alert" not in shown, path
        assert "<img src=x" not in shown, path
        escaped += "&lt;script&gt;alert" in shown
        for link in LINK.findall(shown):
            link = link.replace("&amp;", "&")
            if link.startswith(("/console", "/open")) and link not in met:
                met.add(link)
                waiting.append(link)
    # Nearly every page names a survey, a facility, a campaign or a person.
    assert escaped > 15


async def test_ids_of_other_places_lead_nowhere(visit: Open, world: World) -> None:
    oyuna = await visit("oyuna")
    known = {
        "campaign": world.campaign, "facility": "H2", "commitment": world.commitment,
        "draft": world.draft, "token": world.token, "reference": world.reference,
        "name": "tuya", "export": "x", "kind": "pdf",
    }  # fmt: skip
    tried = 0
    for guess in (known, dict.fromkeys(known, "nothing") | {"kind": "png"}):
        for module in console_app.PAGES:
            for route in module.routes:
                path, count = filled(route.path, guess)
                if not count or needed(route.handler) is Right.ANYONE:
                    continue
                if route.method == "GET":
                    response = await oyuna.get("/console" + path)
                else:
                    response = await oyuna.post("/console" + path)
                assert response.status in (403, 404), (route.method, path, response.status)
                tried += 1
    assert tried > 60


def filled(path: str, guess: dict[str, str]) -> tuple[str, int]:
    """A route's path with ids put in; how many, those open to everybody aside."""
    count = 0

    def put(match: re.Match[str]) -> str:
        nonlocal count
        name, _, pattern = match[1].partition(":")
        if name in guess:
            count += 1
            return guess[name]
        return pattern.split("|")[0] or "x"

    return re.sub(r"\{([^}]+)\}", put, path), count


@pytest.mark.parametrize("dataset", ["problems", "commitments", "invitations"])
@pytest.mark.parametrize("wanted", [Format.CSV, Format.XLSX])
async def test_nothing_exported_is_run_by_a_spreadsheet(
    store: Store, tmp_path: Path, dataset: str, wanted: Format
) -> None:
    for number, words in enumerate(FORMULAS):
        shared: dict[str, Any] = {"_id": f"{number}{words}", "place": words, "facility": words,
                                  "status": words, "at": NOW, "created": NOW}  # fmt: skip
        await store.database.reports.insert_one(
            {**shared, "reference": str(number), "text": words, "topic": words, "note": words,
             "citizen": words, "channel": words}
        )  # fmt: skip
        await store.database.commitments.insert_one(
            {**shared, "campaign": words, "issue": words, "action": words, "who": words,
             "evidence": words, "due": words, "history": [], "disputes": []}
        )  # fmt: skip
        await store.database.invitations.insert_one(
            {**shared, "campaign": words, "citizen": words, "channel": words, "locale": words,
             "via": words, "reason": words, "moments": {}}
        )  # fmt: skip
    asked = request_of({"dataset": dataset, "format": wanted, "cutoff": NOW + timedelta(days=1)})
    await export(store, asked, KEY, tmp_path / "out")
    read = 0
    for path in (tmp_path / "out").glob(f"*.{wanted}"):
        if wanted is Format.XLSX:
            for sheet in openpyxl.load_workbook(path):
                for row in sheet.iter_rows():
                    assert all(cell.data_type != "f" for cell in row)
                    read += len(row)
        else:
            for column in pandas.read_csv(path, dtype=str, keep_default_na=False).to_numpy().T:
                for text in column:
                    assert not text.startswith(("=", "+", "@", "\t", "\r")), text
                    assert not re.match(r"-\D|-\d+[^\d.]", text), text
                    read += 1
    assert read > 20


@pytest.mark.parametrize("name", ["../../../tmp/onoo-evil.csv", "C:\\x\\evil.csv", "/etc/x.csv"])
async def test_a_files_name_is_never_a_path(visit: Open, name: str) -> None:
    admin = await visit("admin")
    for page, field in (("/console/people", "file"), ("/console/facilities/import", "file")):
        await admin.get(page)
        body = FormData()
        body.add_field("tag", "x")
        body.add_field(field, b"citizen\nc1\n", filename=name)
        shown = await (await admin.post(page, body)).text()
        assert "evil" not in shown
        assert "/etc" not in shown
    assert not EVIL_FILE.exists()  # noqa: ASYNC240
