"""Signing in to the console: guesses, cookies, one-time codes, and who may stay."""

from __future__ import annotations

import re

import pyotp
import pytest

from console.desk import Desk
from console.sealing import Seal, Unsealable
from tests.console.conftest import PASSWORD, Open


async def test_signing_in_gives_a_token_nobody_has_seen(visit: Open, desk: Desk) -> None:
    person = await visit()
    await person.get("/console/signin")
    planted = person.cookie()
    assert planted
    assert (await person.sign_in("admin")).status == 303
    assert person.cookie() != planted
    other = await visit()
    other.client.session.cookie_jar.update_cookies({"onoo-console": planted})
    assert (await other.get("/console")).status == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visit: Open) -> None:
    person = await visit()
    await person.get("/console/signin")
    response = await person.post("/console/signin", {"name": "admin", "password": PASSWORD})
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert person.cookie() not in str(response.headers["Location"])


async def test_guessing_is_stopped_and_told_apart_from_nothing(visit: Open) -> None:
    person = await visit()
    await person.get("/console/signin")
    answers = []
    for number in range(7):
        response = await person.post(
            "/console/signin", {"name": "admin", "password": f"guess number {number}"}
        )
        answers.append(response.status)
    assert answers == [401] * 5 + [429] * 2
    right = await person.post("/console/signin", {"name": "admin", "password": PASSWORD})
    assert right.status == 429
    assert (await visit("oyuna")).cookie()


async def test_unknown_names_are_answered_like_known_ones(visit: Open) -> None:
    person = await visit()
    await person.get("/console/signin")
    known = await person.post("/console/signin", {"name": "admin", "password": "wrong"})
    unknown = await person.post("/console/signin", {"name": "nobody", "password": "wrong"})
    strip = [(await one.text()).replace("nobody", "admin") for one in (known, unknown)]
    assert known.status == unknown.status
    assert strip[0] == strip[1]


async def test_a_one_time_code_works_once(visit: Open, desk: Desk) -> None:
    secret = pyotp.random_base32()
    await desk.users.change("admin", totp=desk.seal.close(secret))
    person = await visit()
    assert (await person.sign_in("admin")).status == 200
    code = pyotp.TOTP(secret).now()
    assert (await person.sign_in("admin", code=code)).status == 303
    other = await visit()
    assert (await other.sign_in("admin", code=code)).status == 401


async def test_the_secret_of_one_time_codes_is_kept_sealed(visit: Open, desk: Desk) -> None:
    person = await visit("oyuna")
    page = await (await person.get("/console/account?totp=1")).text()
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
    assert found
    code = pyotp.TOTP(found[1]).now()
    given = {"secret": found[1], "code": code}
    assert (await person.post("/console/account/totp", given)).status == 303
    stored = str(await desk.store.database.users.find_one({"_id": "oyuna"}))
    assert found[1] not in stored
    user = await desk.users.find("oyuna")
    assert user is not None
    assert desk.seal.open(user.totp) == found[1]
    with pytest.raises(Unsealable):
        Seal(b"another secret key").open(user.totp)


async def test_codes_are_switched_off_by_whoever_knows_the_password(
    visit: Open, desk: Desk
) -> None:
    person = await visit("oyuna")
    await desk.users.change("oyuna", totp=desk.seal.close(pyotp.random_base32()))
    assert 'name="password_now"' in await (await person.get("/console/account")).text()
    refused = await person.post("/console/account/totp/off", {"password_now": "not this one"})
    assert refused.status == 400
    user = await desk.users.find("oyuna")
    assert user is not None
    assert user.totp
    given = {"password_now": PASSWORD}
    assert (await person.post("/console/account/totp/off", given)).status == 303
    user = await desk.users.find("oyuna")
    assert user is not None
    assert not user.totp


async def test_secrets_stored_plain_are_sealed_once(desk: Desk) -> None:
    secret = pyotp.random_base32()
    await desk.users.change("admin", totp=secret)
    assert await desk.users.seal_codes(desk.seal.close) == 1
    assert await desk.users.seal_codes(desk.seal.close) == 0
    user = await desk.users.find("admin")
    assert user is not None
    assert desk.seal.open(user.totp) == secret


async def test_codes_sealed_with_another_key_let_nobody_in(visit: Open, desk: Desk) -> None:
    secret = pyotp.random_base32()
    await desk.users.change("admin", totp=Seal(b"the key before").close(secret))
    person = await visit()
    await person.sign_in("admin")
    assert (await person.sign_in("admin", code=pyotp.TOTP(secret).now())).status == 401


async def test_signing_out_ends_it_on_the_server(visit: Open) -> None:
    person = await visit("admin")
    token = person.cookie()
    await person.post("/console/signout")
    thief = await visit()
    thief.client.session.cookie_jar.update_cookies({"onoo-console": token})
    assert (await thief.get("/console")).status == 303


async def test_a_disabled_account_is_out_at_once(visit: Open) -> None:
    admin, oyuna = await visit("admin"), await visit("oyuna")
    await admin.post("/console/users/oyuna/disable")
    assert (await oyuna.get("/console")).status == 303
    assert (await (await visit()).sign_in("oyuna")).status == 401


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/console//evil.example", "/\\evil.example",
     "/console/%2f%2fevil.example", "javascript:alert(1)", "/chat"],
)  # fmt: skip
async def test_signing_in_leads_nowhere_else(visit: Open, target: str) -> None:
    person = await visit()
    response = await person.sign_in("admin", next=target)
    assert response.headers["Location"] == "/console"
