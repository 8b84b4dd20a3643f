"""Exports asked for on the page: by whom, what of, and a file that goes on where it broke off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.request import Request, RequestError, request_of
from analytics.worker import Progress
from console import exporting
from console.desk import Desk
from console.exporting import Exporter
from locales.told import Told
from storage.users import User
from tests.console.conftest import HASH, Open

CONTENT = bytes(range(256)) * 4000
"""A megabyte: several pieces of a file."""


class Maker:
    """Stands in for the process that makes exports."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.go = asyncio.Event()
        self.go.set()
        self.fault: Exception | None = None

    async def __call__(self, request: Request, path: Path, progress: Progress) -> dict[str, Any]:
        self.asked.append(request)
        progress("read", 7)
        await self.go.wait()
        if self.fault:
            raise self.fault
        await asyncio.to_thread(path.write_bytes, CONTENT)
        return {"rows": {"answers": 7, "child": 2}}


@pytest.fixture(autouse=True)
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Every exporter that is built makes its files with this."""
    made = Maker()
    plain: Callable[..., None] = Exporter.__init__

    def build(self: Exporter, desk: Desk, make: Any = made) -> None:
        plain(self, desk, make)

    monkeypatch.setattr(Exporter, "__init__", build)
    monkeypatch.setattr(exporting, "SEEN_EVERY", 0.02)
    return made


@pytest.fixture
async def form(desk: Desk) -> str:
    """A published form."""
    document = {"_id": "clinic-abc", "form": "clinic", "title": "Clinic", "titles": {}}
    await desk.store.forms.put(document, desk.now())
    return "clinic"


async def ready(desk: Desk, user: str = "ann", status: str = "ready") -> dict[str, Any]:
    """The user's latest export, once it stands as hoped."""
    async with asyncio.timeout(20):
        while True:
            found = await desk.exports.of(user, desk.now())
            if found and found[0]["status"] == status:
                return found[0]
            await asyncio.sleep(0.02)


async def asked(visit: Open, who: str = "ann", **fields: Any) -> Any:
    person = await visit(who)
    await person.get("/console/exports")
    given = {"dataset": "answers", "form": "clinic", "format": "csv", "profile": "restricted"}
    return person, await person.post("/console/exports", {**given, **fields})


async def test_an_export_is_made_noted_and_fetched(
    visit: Open, desk: Desk, maker: Maker, form: str
) -> None:
    ann, answer = await asked(visit, where="sex=female\nsex=male", fields="sex, age")
    assert answer.status == 303
    found = await ready(desk)
    assert maker.asked[0].where == {"sex": ("female", "male")}
    assert maker.asked[0].fields == ("sex", "age")
    assert maker.asked[0].places == ()
    [entry] = await desk.audit.page(action="export.answers")
    assert (entry.user, entry.after["rows"]) == ("ann", {"answers": 7, "child": 2})
    assert "female" not in str(entry)
    got = await ann.get(f"/console/exports/{found['_id']}/file")
    assert await got.read() == CONTENT
    assert got.headers["Content-Disposition"].startswith('attachment; filename="answers-clinic-')
    assert "Татах" in await (await ann.get("/console/exports/list?l=mn")).text()


async def test_a_download_that_broke_off_goes_on(
    visit: Open, desk: Desk, maker: Maker, form: str
) -> None:
    ann, _ = await asked(visit)
    url = f"/console/exports/{(await ready(desk))['_id']}/file"
    whole = await ann.get(url)
    tag = whole.headers["ETag"]
    part = await ann.get(url, headers={"Range": "bytes=700000-", "If-Range": tag})
    assert (part.status, await part.read()) == (206, CONTENT[700000:])
    size = len(CONTENT)
    assert part.headers["Content-Range"] == f"bytes 700000-{size - 1}/{size}"
    last = await ann.get(url, headers={"Range": "bytes=-10"})
    assert await last.read() == CONTENT[-10:]
    other = await ann.get(url, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (other.status, len(await other.read())) == (200, size)
    beyond = await ann.get(url, headers={"Range": f"bytes={size}-"})
    assert beyond.status == 416


async def test_exports_of_others_might_as_well_not_be(
    visit: Open, desk: Desk, maker: Maker, form: str
) -> None:
    await asked(visit)
    found = await ready(desk)
    admin, oyuna = await visit("admin"), await visit("oyuna")
    assert (await admin.get(f"/console/exports/{found['_id']}/file")).status == 404
    assert (await admin.post(f"/console/exports/{found['_id']}/drop")).status == 404
    assert (await oyuna.get("/console/exports")).status == 403
    assert (await oyuna.get(f"/console/exports/{found['_id']}/file")).status == 403
    assert (await oyuna.post("/console/exports", {"dataset": "answers"})).status == 403


async def test_whoever_is_held_to_places_gets_those(
    visit: Open, desk: Desk, maker: Maker, form: str
) -> None:
    await desk.users.add(User("loc", "Local", "analyst", HASH, ("65",)), desk.now())
    await asked(visit, "loc")
    await ready(desk, "loc")
    await asked(visit, "loc", places="11")
    async with asyncio.timeout(20):
        while len(maker.asked) < 2:
            await asyncio.sleep(0.02)
    assert [request.places for request in maker.asked] == [("65",), ("65",)]
    _, public = await asked(visit, "loc", profile="public")
    assert public.status == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"form": ""},
        {"form": "unknown"},
        {"dataset": "users"},
        {"format": "exe"},
        {"where": "nothing"},
        {"started_from": "soon"},
        {"profile": "public", "dataset": "problems"},
        {"profile": "public", "where": "sex=male"},
        {"profile": "public", "places": "65"},
    ],
    ids=str,
)
async def test_what_can_t_be_is_told_and_not_begun(
    visit: Open, desk: Desk, maker: Maker, form: str, fields: dict[str, str]
) -> None:
    _, answer = await asked(visit, **fields)
    assert answer.status == 400
    assert await desk.exports.of("ann", desk.now()) == []


async def test_what_went_wrong_is_said(visit: Open, desk: Desk, maker: Maker, form: str) -> None:
    maker.fault = RequestError(Told("exports.fault.column_near", column="sx", near="sex"), "dull")
    ann, _ = await asked(visit)
    found = await ready(desk, status="failed")
    for locale, words in (("en", "did you mean sex?; dull"), ("mn", "Магадгүй sex үү?; dull")):
        assert words in await (await ann.get(f"/console/exports?l={locale}")).text()
    assert (await ann.get(f"/console/exports/{found['_id']}/file")).status == 404
    maker.fault = RuntimeError("mongodb://user:secret@host")
    await asked(visit)
    async with asyncio.timeout(20):
        while len(await desk.exports.of("ann", desk.now())) < 2 or maker.fault is None:
            await asyncio.sleep(0.02)
    assert "secret" not in await (await ann.get("/console/exports")).text()
    assert await desk.audit.page(action="export.answers") == []


async def test_nobody_fills_the_queue(visit: Open, desk: Desk, maker: Maker, form: str) -> None:
    maker.go.clear()
    answers = [(await asked(visit))[1].status for _ in range(4)]
    assert answers == [303, 303, 303, 429]
    assert len(maker.asked) == 1
    maker.go.set()
    async with asyncio.timeout(20):
        while any(one["status"] == "running" for one in await desk.exports.of("ann", desk.now())):
            await asyncio.sleep(0.02)


async def test_what_its_process_left_is_known_and_old_files_go(desk: Desk) -> None:
    request = request_of({"dataset": "problems", "cutoff": desk.now()})
    now = desk.now()
    asked_for = request.model_dump(mode="json")
    export = await desk.exports.begin("ann", "x.zip", asked_for, now)
    later = now + timedelta(minutes=2)
    assert (await desk.exports.get(export, later))["status"] == "failed"
    with pytest.raises(KeyError):
        await desk.exports.get(export, now + timedelta(hours=2))
    await desk.exports.forget_old(now + timedelta(hours=2))
    assert await desk.store.database.exports.count_documents({}) == 0
