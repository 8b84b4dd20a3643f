"""What an admin does with accounts: making, changing, new passwords, lost phones."""

from __future__ import annotations

import re

import pytest

from console.desk import Desk
from storage.audit import Audit
from tests.console.conftest import HERE, THERE, Open, Person

SHOWN = re.compile(r'class="code"><strong>([\w-]+)</strong>')
NEW = {
    "name": "Dorj",
    "full_name": "Дорж Бат",
    "role": "facilitator",
    "places": HERE,
    "locale": "en",
}


@pytest.fixture
async def admin(visit: Open) -> Person:
    person = await visit("admin")
    await person.get("/console/users/new")
    return person


async def actions(desk: Desk) -> list[str]:
    """What the audit log says was done, the latest first."""
    return [line.action for line in await Audit(desk.store.database).page()]


async def test_a_new_account_gets_a_password_that_is_shown_once(
    admin: Person, visit: Open, desk: Desk
) -> None:
    made = await admin.post("/console/users/new", NEW)
    assert made.status == 200
    password = (SHOWN.search(await made.text()) or [""] * 2)[1]
    assert len(password) == 16
    stranger = await visit()
    assert (await stranger.sign_in("dorj", password)).status == 303
    assert password not in await (await admin.get("/console/users/dorj")).text()
    user = await desk.users.find("dorj")
    assert user is not None
    assert (user.role, user.places, user.locale) == ("facilitator", (HERE,), "en")
    assert "user.add" in await actions(desk)


@pytest.mark.parametrize(
    "wrong",
    [{"name": "two words"}, {"name": "oyuna"}, {"full_name": ""}, {"places": ""}, {"role": "king"}],
)
async def test_an_account_that_can_t_be_is_not_made(
    admin: Person, desk: Desk, wrong: dict[str, str]
) -> None:
    before = len(await desk.users.all())
    answer = await admin.post("/console/users/new", {**NEW, **wrong})
    assert not SHOWN.search(await answer.text())
    assert len(await desk.users.all()) == before


async def test_a_change_is_noted_with_what_was_before(admin: Person, desk: Desk) -> None:
    fields = {"full_name": "Оюунаа Дорж", "role": "facilitator", "places": THERE, "locale": "mn"}
    assert (await admin.post("/console/users/oyuna", fields)).status == 303
    user = await desk.users.find("oyuna")
    assert user is not None
    assert user.places == (THERE,)
    [line, *_] = await Audit(desk.store.database).page()
    assert (line.action, list(line.after)) == ("user.change", ["places"])
    assert (await admin.post("/console/users/oyuna", fields)).status == 303
    assert (await actions(desk)).count("user.change") == 1, "nothing changed the second time"


async def test_a_new_password_ends_the_old_one_and_what_was_open(
    admin: Person, visit: Open
) -> None:
    oyuna = await visit("oyuna")
    answer = await admin.post("/console/users/oyuna/password")
    password = (SHOWN.search(await answer.text()) or [""] * 2)[1]
    assert (await oyuna.get("/console/problems")).status == 303
    assert (await oyuna.sign_in("oyuna")).status != 303
    assert (await oyuna.sign_in("oyuna", password)).status == 303


async def test_a_lost_phone_and_a_lock_are_undone(admin: Person, visit: Open, desk: Desk) -> None:
    await desk.users.change("oyuna", totp="sealed")
    assert (await admin.post("/console/users/oyuna/totp")).status == 303
    user = await desk.users.find("oyuna")
    assert user is not None
    assert user.totp == ""
    await admin.post("/console/users/oyuna/disable")
    stranger = await visit()
    assert (await stranger.sign_in("oyuna")).status != 303
    await admin.post("/console/users/oyuna/enable")
    assert (await stranger.sign_in("oyuna")).status == 303
    assert {"user.totp", "user.disable", "user.enable"} <= set(await actions(desk))


async def test_an_account_that_is_not_there_is_not_found(admin: Person) -> None:
    for act in ("", "/password", "/totp", "/disable"):
        assert (await admin.post(f"/console/users/nobody{act}")).status == 404
