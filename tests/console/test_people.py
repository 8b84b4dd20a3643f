"""Lists of people: taken in whole or not at all, and nobody of another place among them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import FormData

from campaigns.audience import Audience
from console.counting import count_tags
from console.desk import Desk
from console.people import by_tag, read_people, tag_of
from content.finding import Refused
from storage.addresses import pseudonym
from storage.store import Store
from tests.console.conftest import HERE, THERE, Open
from tests.world.database import KEY


def listed(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, "utf-8")
    return path


def upload(text: str, tag: str = "", name: str = "list.csv") -> FormData:
    form = FormData()
    form.add_field("tag", tag)
    form.add_field("file", text.encode(), filename=name)
    return form


@pytest.fixture
async def people(store: Store) -> None:
    """Two here, one there."""
    for citizen, place in (("c1", HERE), ("c2", HERE + "51"), ("c3", THERE)):
        await store.database.citizens.insert_one(
            {"_id": citizen, "place": place, "consent": "given", "channel": "telegram"}
        )


def test_each_line_is_read_or_complained_about(tmp_path: Path) -> None:
    text = "channel,address,tags\ntelegram,12,a;b\nviber,7,\nmessenger,,\ntelegram,12,\n"
    found = read_people(listed(tmp_path, text), KEY)
    assert [(one.row, one.key.rpartition(".")[2]) for one in found.faults] == [
        (3, "bad_channel"),
        (4, "no_address"),
        (5, "doubled"),
    ]
    [line] = found.lines
    assert (line.citizen, line.tags) == (pseudonym(KEY, "telegram", "12"), ("a", "b"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("name\nBat\n", "no_columns"),
        ("citizen\n", "nobody"),
        ("citizen\n../../etc\n", "bad_citizen"),
        ("citizen\n=cmd|x\n", "bad_citizen"),
        (f"citizen,tags\nc1,{'x' * 41}\n", "long_tag"),
    ],
)
def test_what_is_no_list_is_told(tmp_path: Path, text: str, key: str) -> None:
    [fault] = read_people(listed(tmp_path, text), KEY).faults
    assert fault.key == f"console.people.{key}"


def test_a_file_in_strange_letters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("citizen\nмалчин\n".encode("cp1251"))
    with pytest.raises(Refused, match="UTF-8"):
        read_people(path, KEY)


def test_tags_are_kept_tidy() -> None:
    assert tag_of("  малчин   2026 ") == "малчин 2026"
    assert tag_of("x" * 41) == tag_of("a\x07b") == ""


def test_rows_may_have_tags_of_their_own(tmp_path: Path) -> None:
    lines = read_people(listed(tmp_path, "citizen;tags\nc1;\nc2;teacher\n"), KEY).lines
    assert by_tag(lines, "all") == {"all": ["c1", "c2"], "teacher": ["c2"]}
    assert by_tag(lines, "") == {"teacher": ["c2"]}


async def test_a_facilitator_tags_people_of_their_places_only(
    visit: Open, desk: Desk, people: None
) -> None:
    oyuna = await visit("oyuna")
    await oyuna.get("/console/people")
    answer = await oyuna.post("/console/people", upload("citizen\nc1\nc2\nc3\nc9\n", "herders"))
    assert answer.status == 200
    shown = await answer.text()
    assert "4, 5" in shown
    assert re.search(r'class="num"[^>]*>2<', shown)
    assert await desk.tags.count("herders", None) == 2
    counts = await desk.campaigns.count(Audience(tags=("herders",)))
    assert counts.total == 2
    entry = (await desk.audit.page(action="people.tag"))[0]
    assert (entry.subject, entry.after) == ("herders", {"people": 2})


async def test_tags_are_shown_as_counted_and_to_whom_they_concern(
    visit: Open, desk: Desk, people: None
) -> None:
    await desk.tags.give(["c1", "c3"], "herders", "admin", desk.now())
    await desk.tags.give(["c3"], "elsewhere", "admin", desk.now())
    assert await count_tags(desk) == [
        {"tag": "elsewhere", "place": THERE, "n": 1},
        {"tag": "herders", "place": HERE, "n": 1},
        {"tag": "herders", "place": THERE, "n": 1},
    ]
    shown = await (await (await visit("oyuna")).get("/console/people")).text()
    assert "elsewhere" not in shown
    assert re.search(r'class="num"[^>]*>1<', shown)
    everything = await (await (await visit("admin")).get("/console/people")).text()
    assert "elsewhere" in everything
    assert re.search(r'class="num"[^>]*>2<', everything)


async def test_a_list_with_a_mistake_changes_nothing(visit: Open, desk: Desk, people: None) -> None:
    admin = await visit("admin")
    await admin.get("/console/people")
    answer = await admin.post("/console/people", upload("citizen\nc1\nc1\n", "x"))
    assert answer.status == 400
    assert (await admin.post("/console/people", upload("citizen\nc1\n"))).status == 400
    assert (
        await admin.post("/console/people", upload("citizen\nc1\n", "x", "l.exe"))
    ).status == 400
    assert await desk.tags.all() == []


async def test_a_tag_is_taken_away_where_one_works(visit: Open, desk: Desk, people: None) -> None:
    await desk.tags.give(["c1", "c3"], "herders", "tuya", desk.now())
    oyuna = await visit("oyuna")
    await oyuna.get("/console/people")
    assert (await oyuna.post("/console/people/untag", {"tag": "nothing"})).status == 404
    assert (await oyuna.post("/console/people/untag", {"tag": "herders"})).status == 303
    assert await desk.tags.count("herders", None) == 1
    assert "herders" not in await (await oyuna.get("/console/people")).text()
    admin = await visit("admin")
    await admin.get("/console/people")
    await admin.post("/console/people/untag", {"tag": "herders"})
    assert await desk.tags.all() == []


async def test_a_campaign_may_begin_with_a_tag(visit: Open, desk: Desk, people: None) -> None:
    await desk.tags.give(["c1"], "herders", "oyuna", desk.now())
    oyuna = await visit("oyuna")
    shown = await (await oyuna.get("/console/campaigns/new?tag=herders&tag=other")).text()
    assert 'name="tags" value="herders" checked' in shown
    assert "other" not in shown.partition('id="letters"')[0].partition('name="tags"')[2][:200]
