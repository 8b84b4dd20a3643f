"""Whoever tries to get where they should not: guesses, forgeries, other people's places."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import FormData

from console import app as console_app
from console.access import Right, needed
from console.desk import Desk
from console.workbooks import BadWorkbook, safe_name, take_in
from storage.store import Store
from tests.console.conftest import HERE, THERE, Open

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SCRIPT = "<script>alert(1)</script>"


async def report(store: Store, reference: str, place: str, text: str = "Хүйтэн байна") -> None:
    await store.database.reports.insert_one(
        {
            "_id": f"r{reference}",
            "reference": reference,
            "topic": "",
            "text": text,
            "place": place,
            "facility": "",
            "citizen": f"c{reference}",
            "channel": "telegram",
            "at": NOW,
            "status": "new",
        }
    )


def routes() -> list[Any]:
    return [route for module in console_app.PAGES for route in module.routes]


async def test_nobody_gets_anywhere_without_signing_in(visit: Open) -> None:
    stranger = await visit()
    for route in routes():
        if needed(route.handler) is Right.ANYONE:
            continue
        path = "/console" + route.path.replace("{", "").replace("}", "").split(":")[0]
        response = await stranger.client.request(route.method, path, allow_redirects=False)
        assert response.status in (303, 404), path
        if response.status == 303:
            assert response.headers["Location"].startswith("/console/signin")


def test_every_page_says_what_it_needs() -> None:
    assert [route.path for route in routes() if needed(route.handler) is None] == []


async def test_a_handler_that_says_nothing_is_closed(
    visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await visit("admin")
    handler = next(route.handler for route in routes() if route.path == "/users")
    monkeypatch.delattr(handler, "needs")
    assert (await admin.get("/console/users")).status == 403


# -- forms --------------------------------------------------------------------------------


async def test_a_form_without_its_token_changes_nothing(visit: Open, desk: Desk) -> None:
    admin = await visit("admin")
    response = await admin.client.post("/console/users/oyuna/disable", allow_redirects=False)
    assert response.status == 403
    foreign = await visit("oyuna")
    stolen = await admin.client.post(
        "/console/users/oyuna/disable", data={"csrf": foreign.csrf}, allow_redirects=False
    )
    assert stolen.status == 403
    user = await desk.users.find("oyuna")
    assert user is not None
    assert not user.disabled


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
async def test_a_form_from_another_site_changes_nothing(
    visit: Open, desk: Desk, headers: dict[str, str]
) -> None:
    admin = await visit("admin")
    response = await admin.post("/console/users/oyuna/disable", headers=headers)
    assert response.status == 403


# -- roles and places -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("oyuna", "/console/users"),
        ("oyuna", "/console/audit"),
        ("oyuna", "/console/tokens"),
        ("oyuna", "/console/exports"),
        ("oyuna", "/console/setaside"),
        ("oyuna", "/console/facilities/import"),
        ("ann", "/console/users"),
        ("ann", "/console/people"),
        ("ann", "/console/setaside"),
        ("ann", "/console/problems"),
        ("ann", "/console/surveys/new"),
        ("ann", "/console/campaigns/new"),
    ],
)
async def test_pages_of_another_role_are_closed(visit: Open, who: str, path: str) -> None:
    assert (await (await visit(who)).get(path)).status == 403


async def test_an_analyst_writes_nothing(visit: Open) -> None:
    ann = await visit("ann")
    writing = [
        route
        for route in routes()
        if route.method == "POST" and needed(route.handler) in (Right.WORK, Right.TALK)
    ]
    assert len(writing) > 10
    for route in writing:
        path = "/console" + route.path.replace("{act:", "").split("|")[0].replace("}", "")
        assert (await ann.post(path.replace("{", ""))).status == 403, route.path


async def test_a_facilitator_sees_only_problems_of_their_own_places(
    visit: Open, store: Store
) -> None:
    await report(store, "1111111111", HERE)
    await report(store, "2222222222", THERE)
    await report(store, "3333333333", "")
    oyuna = await visit("oyuna")
    shown = await (await oyuna.get("/console/problems")).text()
    assert "1111-111-111" in shown
    assert "2222-222-222" not in shown
    assert "3333-333-333" not in shown
    assert (await oyuna.get("/console/problems/1111111111")).status == 200
    for other in ("2222222222", "3333333333", "9999999999"):
        assert (await oyuna.get(f"/console/problems/{other}")).status == 404
        answer = await oyuna.post(f"/console/problems/{other}/reply", {"text": "?"})
        assert answer.status == 404


async def test_a_facilitator_asks_only_in_their_own_places(visit: Open, desk: Desk) -> None:
    oyuna = await visit("oyuna")
    fields = {"title": "x", "form": "f", "start": "2026-12-01T09:00", "end": "2026-12-09T09:00"}
    response = await oyuna.post("/console/campaigns/new", {**fields, "places": THERE})
    assert response.status == 400
    other = await oyuna.post("/console/campaigns/new", {**fields, "facility": "H2"})
    assert other.status == 400
    assert await desk.campaigns.all() == []


async def test_drafts_and_tokens_of_others_might_as_well_not_be(visit: Open, desk: Desk) -> None:
    draft = await desk.drafts.add("tuya", {"name": "x", "findings": []}, NOW)
    oyuna = await visit("oyuna")
    assert (await oyuna.get(f"/console/surveys/drafts/{draft}")).status == 404
    await desk.tokens.issue("admin", "mine", 30, datetime.now(UTC))
    token = (await desk.tokens.of("admin"))[0]
    ann = await visit("ann")
    assert (await ann.post(f"/console/tokens/{token.id}/revoke")).status == 404


async def test_nobody_takes_the_last_key_from_themselves(visit: Open) -> None:
    admin = await visit("admin")
    assert (await admin.post("/console/users/admin/disable")).status == 403
    values = {"full_name": "x", "role": "analyst", "locale": "mn"}
    assert (await admin.post("/console/users/admin", values)).status == 400


# -- what others wrote ----------------------------------------------------------------------


async def test_scripts_in_answers_and_names_are_words(
    visit: Open, store: Store, desk: Desk
) -> None:
    await report(store, "1111111111", HERE, SCRIPT)
    await desk.users.change("oyuna", full_name=SCRIPT)
    admin = await visit("admin")
    for path in ("/console/problems", "/console/problems/1111111111", "/console/users", "/console"):
        shown = await (await admin.get(path)).text()
        assert SCRIPT not in shown, path
        assert "&lt;script&gt;" in shown, path


async def test_pages_forbid_scripts_that_are_not_ours(visit: Open) -> None:
    response = await (await visit("admin")).get("/console")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    shown = await response.text()
    assert " onclick=" not in shown
    assert " style=" not in shown


async def test_what_is_done_is_only_said_in_words_of_ours(visit: Open) -> None:
    admin = await visit("admin")
    shown = await (await admin.get(f"/console?done={SCRIPT}")).text()
    assert "alert(1)" not in shown


async def test_secrets_stand_neither_in_pages_nor_in_the_audit_log(visit: Open, desk: Desk) -> None:
    admin = await visit("admin")
    shown = await (await admin.post("/console/users/oyuna/password")).text()
    assert "argon2" not in shown
    await admin.post("/console/tokens", {"label": "x", "days": "30"})
    for entry in await desk.audit.page():
        assert "onoo_" not in str(entry)
        assert "argon2" not in str(entry)
    assert "argon2" not in await (await admin.get("/console/audit")).text()


async def test_the_audit_log_says_who_did_what_and_can_t_be_changed(
    visit: Open, desk: Desk
) -> None:
    admin = await visit("admin")
    await admin.post("/console/users/oyuna/disable")
    entry = (await desk.audit.page(action="user.disable"))[0]
    assert (entry.user, entry.subject) == ("admin", "oyuna")
    assert (entry.before, entry.after) == ({"disabled": False}, {"disabled": True})
    assert not [name for name in dir(desk.audit) if name.startswith(("change", "delete", "drop"))]


# -- uploads --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.xlsx", "passwd.xlsx"),
        ("C:\\Windows\\system32\\x.xlsx", "x.xlsx"),
        ("a\x00b\r\n.xlsx", "a_b_.xlsx"),
        ('"><script>.xlsx', "_script_.xlsx"),
        ("..", "survey.xlsx"),
        ("Эрүүл мэнд (2).xlsx", "Эрүүл мэнд (2).xlsx"),
    ],
)
def test_file_names_lose_paths_and_tricks(given: str, shown: str) -> None:
    assert safe_name(given) == shown


def packed(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a workbook",
        packed(other_xml=b"x"),
        packed(xl__workbook_xml=b"<" * 80_000_000),
        packed(xl__workbook_xml=b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
        b"x" * (5 * 2**20 + 1),
    ],
    ids=["empty", "text", "other zip", "bomb", "entities", "large"],
)
def test_what_is_no_honest_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(BadWorkbook):
        take_in("survey.xlsx", data)


async def test_an_upload_too_large_for_the_server_is_told(visit: Open) -> None:
    oyuna = await visit("oyuna")
    form = FormData()
    form.add_field("workbook", b"x" * (13 * 2**20), filename="survey.xlsx")
    response = await oyuna.post("/console/surveys/new", form)
    assert response.status == 413


async def test_assets_are_served_by_name_alone(visit: Open) -> None:
    stranger = await visit()
    for name in ("..%2f..%2fsettings.py", "LICENSE", "%2e%2e%2fapp.py", ""):
        response = await stranger.get(f"/console/assets/x/{name}")
        assert response.status == 404
