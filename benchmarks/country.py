"""A country in the database, for the console's pages to be measured with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.bundled import publish_bundled_surveys
from campaigns.audience import Audience
from console.desk import Desk
from content.facilities import Facility
from content.hours import Hours
from content.wording import gazetteer
from storage.addresses import pseudonym
from storage.facilities import Facilities
from storage.users import User

BATCH = 5000
TAGS, PEOPLE, EXPORTS, ASIDE, LOG = 5, 50, 20, 200, 20_000
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


@dataclass(frozen=True, slots=True)
class Country:
    """What was made in it that pages are about."""

    campaign: str
    facility: str
    form: str
    version: str
    commitment: str


async def fill(desk: Desk, citizens: int, cases: int, facilities: int) -> Country:
    """Its people, one round under way, results published, and what people in the console did."""
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
            "_id": pseudonym(b"country", "telegram", str(n)),
            "place": dice.choice(soums).code,
            "locale": "mn",
            "channel": dice.choice(("telegram", "messenger", "web")),
            "consent": "given",
            "seen_at": now - timedelta(days=dice.random() * 30),
            "since": now,
            "tags": [f"жагсаалт {tag}" for tag in range(TAGS) if n % (5 * (tag + 1)) == 0],
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
             "place": dice.choice(soums).code, "facility": "", "citizen": people[n]["_id"],
             "channel": "telegram", "at": now, "status": "new"}
            for n in range(2000)
        ],
    )  # fmt: skip
    await desk.results.publish(campaign.id, made[0].code, "admin")
    promise = await desk.commitments.add(
        made[0].code, campaign.id, "Хүлээлт", "Цаг захиалга", "Дарга", now.date(), "admin"
    )
    await _fill_console(desk, people, now)
    return Country(campaign.id, made[0].code, "health_centre", form, promise.id)


async def _fill_console(desk: Desk, people: list[dict[str, Any]], now: datetime) -> None:
    """Lists, tokens, users, exports, what was set aside, and a long log."""
    for n in range(TAGS):
        await desk.tags.give([], f"жагсаалт {n}", "admin", now)
    for n in range(PEOPLE):
        person = User(f"user{n}", f"Хүн {n}", "facilitator", "", ("6501",))
        await desk.users.add(person, now)
        await desk.tokens.issue("admin", f"token {n}", 90, now)
    for n in range(EXPORTS):
        await desk.exports.begin("admin", f"export {n}", {"dataset": "answers"}, now)
    await _insert(
        desk.store.database.audit,
        [
            {"_id": f"a{n}", "at": now - timedelta(minutes=n), "user": f"user{n % PEOPLE}",
             "action": "problem.reply", "subject": f"{n}", "before": {}, "after": {"status": "new"}}
            for n in range(LOG)
        ],
    )  # fmt: skip
    await _insert(
        desk.store.database.poisoned,
        [
            {"_id": f"{people[n]['_id']}:{n}", "citizen": people[n]["_id"], "error": "ValueError",
             "entry": {"id": f"{n}", "kind": "text", "at": now, "text": "Сайн уу"}}
            for n in range(ASIDE)
        ],
    )  # fmt: skip


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
