"""How long every page of the console takes with a country in the database.

100,000 citizens, 300,000 answers (15,000 cases of 20 answers), 200 facilities, on the embedded
server: python -m benchmarks.console [--citizens 100000 --cases 15000 --facilities 200]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from bots.bundled import publish_bundled_surveys
from bots.web import page as chat_page
from campaigns.audience import Audience
from console.app import add_console
from console.counting import look
from console.credentials import hash_password
from console.desk import Desk
from content.facilities import Facility
from content.hours import Hours
from content.wording import gazetteer
from settings import Settings
from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.facilities import Facilities
from storage.store import Store
from storage.users import User
from tests.world.database import free_port

PASSWORD = "correct horse battery"
TIMES = 5
BATCH = 5000
NAMES = (
    *("hours", "wait", "attitude", "presence", "medicines", "equipment", "homevisit"),
    *("maternal", "immunisation", "fees", "information", "budget", "complaints"),
    *("accessibility", "hygiene"),
)
ABOUT = {
    "sex": ("female", "male"),
    "age_group": ("18_34", "35_54", "55"),
    "disability": ("yes", "no"),
    "herder": ("yes", "no"),
    "low_income": ("yes", "no"),
}
RANKS = {"invited": 10, "delivered": 20, "opened": 30, "started": 40, "complete": 60}


async def fill(desk: Desk, citizens: int, cases: int, facilities: int) -> tuple[str, str]:
    """A country: its people, one round under way, results published; (campaign, facility)."""
    dice, database, now = random.Random(1), desk.store.database, datetime.now(UTC)
    soums = [unit for unit in gazetteer() if unit.level == 2]
    made = [
        Facility(f"H{n}", f"{unit.name_mn} сумын эрүүл мэндийн төв {n}", "health_centre", unit.code)
        for n, unit in enumerate(dice.choices(soums, k=facilities))
    ]
    await Facilities(database).store(made)
    await publish_bundled_surveys(desk.store)
    form = (await desk.store.forms.versions("health_centre"))[0]["_id"]
    hours = Hours(now - timedelta(days=3), now + timedelta(days=9))
    campaign = await desk.campaigns.create(
        "admin", title="Улсын тойрог", form=form, audience=Audience(), hours=hours
    )
    await desk.store.campaigns.set(campaign.id, status="running", plan="queued")
    people = [
        {
            "_id": f"c{n:08d}",
            "place": dice.choice(soums).code,
            "locale": "mn",
            "channel": dice.choice(("telegram", "messenger", "web")),
            "consent": "given",
            "seen_at": now - timedelta(days=dice.random() * 30),
            "since": now,
        }
        for n in range(citizens)
    ]
    await _insert(database.citizens, people)
    await _insert(
        database.invitations,
        [_invitation(campaign.id, one, dice, now) for one in people[: cases * 2]],
    )
    await _insert(
        database.cases,
        [_case(campaign.id, form, n, one, made, dice, now) for n, one in enumerate(people[:cases])],
    )
    await _insert(
        database.reports,
        [
            {"_id": f"r{n}", "reference": f"{n:010d}", "text": "Хүйтэн байна", "topic": "",
             "place": dice.choice(soums).code, "facility": "", "citizen": f"c{n:08d}",
             "channel": "telegram", "at": now, "status": "new"}
            for n in range(2000)
        ],
    )  # fmt: skip
    await desk.results.publish(campaign.id, made[0].code, "admin")
    return campaign.id, made[0].code


def _invitation(campaign: str, one: dict[str, Any], dice: random.Random, now: datetime) -> Any:
    disposition = dice.choice(tuple(RANKS))
    return {
        "_id": f"{campaign}:{one['_id']}",
        "campaign": campaign,
        "citizen": one["_id"],
        "channel": one["channel"],
        "place": one["place"],
        "via": "push",
        "disposition": disposition,
        "rank": RANKS[disposition],
        "at": now,
    }


def _case(
    campaign: str,
    form: str,
    number: int,
    one: dict[str, Any],
    made: list[Facility],
    dice: random.Random,
    now: datetime,
) -> Any:
    values = {name: str(dice.randint(1, 5)) for name in NAMES}
    values |= {f"about_you/{name}": dice.choice(among) for name, among in ABOUT.items()}
    facility = dice.choice(made)
    return {
        "_id": f"case{number:08d}",
        "seq": 9,
        "form": form,
        "status": "complete" if number % 10 else "partial",
        "values": values,
        "last_node": "" if number % 10 else "wait",
        "started": now,
        "ended": now,
        "changed": now,
        "campaign": campaign,
        "facility": facility.code,
        "place": facility.place,
        "citizen": one["_id"],
        "channel": one["channel"],
        "locale": "mn",
        "is_test": False,
    }


async def _insert(collection: Any, documents: list[dict[str, Any]]) -> None:
    for start in range(0, len(documents), BATCH):
        await collection.insert_many(documents[start : start + BATCH], ordered=False)


def paths(campaign: str, facility: str) -> tuple[str, ...]:
    """Every page that somebody may open."""
    at = f"/console/facilities/{facility}"
    return (
        *("/console", "/console/surveys", "/console/surveys/new", "/console/surveys/health_centre"),
        *("/console/campaigns", "/console/campaigns/new", f"/console/campaigns/{campaign}"),
        *(f"/console/campaigns/{campaign}/progress", f"/console/campaigns/{campaign}/results"),
        *("/console/problems", "/console/problems/0000000001", "/console/facilities", at),
        *(f"{at}/rounds/{campaign}", f"{at}/commitments/new", "/console/commitments"),
        *("/console/policy", "/console/knowledge", "/console/users", "/console/users/new"),
        *("/console/tokens", "/console/audit", "/console/account", f"/open/{facility}"),
    )


async def measure(desk: Desk, campaign: str, facility: str) -> None:
    """Fetch every page several times, one after another, while counting goes on beside."""
    app = web.Application()
    app.router.add_get(chat_page.PREFIX + "/{version}/{name}", _asset)
    add_console(app, desk)
    began = time.perf_counter()
    await look(desk)
    print(
        f"{'counting everything once, in the background':60} {time.perf_counter() - began:7.3f} s"
    )
    async with (
        TestServer(app) as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser,
    ):
        await _sign_in(browser, server)
        for path in paths(campaign, facility):
            taken = []
            for _ in range(TIMES):
                began = time.perf_counter()
                async with browser.get(server.make_url(path)) as answer:
                    await answer.read()
                    assert answer.status == 200, (path, answer.status)
                taken.append(time.perf_counter() - began)
            middle, most = statistics.median(taken), max(taken)
            print(f"{path:60} {middle:7.3f} s {most:7.3f} s {'' if most < 1 else 'TOO SLOW'}")
        began = time.perf_counter()
        await desk.campaigns.count(Audience())
        print(f"{'live count of an audience, everybody':60} {time.perf_counter() - began:7.3f} s")
        began = time.perf_counter()
        await desk.campaigns.count(Audience(places=("65",)))
        print(f"{'live count of an audience, one aimag':60} {time.perf_counter() - began:7.3f} s")


async def _asset(request: web.Request) -> web.Response:
    return chat_page.asset(request)


async def _sign_in(browser: ClientSession, server: TestServer) -> None:
    async with browser.get(server.make_url("/console/signin")) as answer:
        found = re.search(r'name="csrf" value="(\w+)"', await answer.text())
    assert found
    fields = {"csrf": found[1], "name": "admin", "password": PASSWORD}
    async with browser.post(server.make_url("/console/signin"), data=fields) as answer:
        assert answer.status == 200


async def main(citizens: int, cases: int, facilities: int) -> None:
    """Fill a database of its own and measure."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), free_port())
        await server.start()
        store = Store(connect(server.uri, "onoo"), b"benchmark")
        try:
            await store.prepare()
            desk = Desk.build(Settings(_env_file=None), store)
            person = User("admin", "Admin", "admin", hash_password(PASSWORD))
            await desk.users.add(person, datetime.now(UTC))
            began = time.perf_counter()
            campaign, facility = await fill(desk, citizens, cases, facilities)
            print(f"filled in {time.perf_counter() - began:.0f} s")
            await measure(desk, campaign, facility)
        finally:
            store.close()
            await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--citizens", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=15_000)
    parser.add_argument("--facilities", type=int, default=200)
    asyncio.run(main(**vars(parser.parse_args())))
