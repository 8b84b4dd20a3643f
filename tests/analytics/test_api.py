"""The API: who may, pages that fit together, formats, and its description."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pandas
import pytest

from analytics import api, openapi
from analytics.request import Request
from storage.store import Store
from tests.analytics.conftest import Client, token
from tests.analytics.forms import CUTOFF, case

ANSWERS = "/api/v1/data/answers?form=school_visit"


async def test_nobody_without_a_token(client: Client, store: Store) -> None:
    for headers in ({}, {"Authorization": "Bearer onoo_x"}, await token(store, days=-1)):
        answer = await client.get(ANSWERS, headers=headers)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await client.get(ANSWERS, headers=await token(store, "fay"))).status == 403


async def test_pages_of_json_show_one_moment(
    client: Client, store: Store, survey: tuple[str, str]
) -> None:
    headers = await token(store)
    url, seen = f"{ANSWERS}&limit=3", []
    answer = await client.get(url, headers=headers)
    first = await answer.json()
    later = case(50, survey[1], {}, started=datetime.now(UTC) - timedelta(days=1))
    await store.database.cases.insert_one(later)
    seen += first["data"]
    assert first["cutoff"]
    assert 'rel="next"' in answer.headers["Link"]
    rest = await (await client.get(f"{url}&cursor={first['next']}", headers=headers)).json()
    seen += rest["data"]
    assert rest["next"] is None
    assert len({row["case"] for row in seen}) == len(seen) == 4


async def test_nothing_is_sent_twice(client: Client, store: Store) -> None:
    headers = await token(store)
    url = f"{ANSWERS}&cutoff=2026-11-24T09:00:00Z"
    for accept in ("application/json", "text/csv"):
        asked = {**headers, "Accept": accept}
        first = await client.get(url, headers=asked)
        again = await client.get(url, headers={**asked, "If-None-Match": first.headers["ETag"]})
        assert again.status == 304


async def test_formats_by_accept(client: Client, store: Store) -> None:
    headers = await token(store)
    text = await client.get(ANSWERS, headers={**headers, "Accept": "text/csv"})
    assert text.content_type == "text/csv"
    assert text.headers["Content-Encoding"] == "gzip"
    frame = pandas.read_csv(io.BytesIO(await text.read()))
    assert len(frame) == 4
    binary = await client.get(
        ANSWERS, headers={**headers, "Accept": "application/vnd.apache.parquet;q=1, text/csv;q=0.5"}
    )
    assert len(pandas.read_parquet(io.BytesIO(await binary.read()))) == 4
    children = await client.get(f"{ANSWERS}&table=child", headers={**headers, "Accept": "text/csv"})
    assert len(pandas.read_csv(io.BytesIO(await children.read()))) == 2
    assert (await client.get(ANSWERS, headers={**headers, "Accept": "image/png"})).status == 406


async def test_a_broken_download_goes_on(client: Client, store: Store) -> None:
    headers = {**await token(store), "Accept": "application/vnd.apache.parquet"}
    url = f"{ANSWERS}&cutoff=2026-11-24T09:00:00Z"
    whole = await (await client.get(url, headers=headers)).read()
    rest = await client.get(url, headers={**headers, "Range": "bytes=100-"})
    assert rest.status == 206
    assert await rest.read() == whole[100:]


async def test_scopes(client: Client, store: Store) -> None:
    only = await token(store, datasets=("scorecards",))
    assert (await client.get(ANSWERS, headers=only)).status == 403
    assert (
        await client.get("/api/v1/data/scorecards?form=school_visit", headers=only)
    ).status == 200
    local = await token(store, "loc")
    assert len((await (await client.get(ANSWERS, headers=local)).json())["data"]) == 4
    assert (await client.get(f"{ANSWERS}&places=05", headers=local)).status == 403
    narrow = await token(store, places=("0402",))
    assert (await (await client.get(ANSWERS, headers=narrow)).json())["data"] == []
    outside = await token(store, "loc", places=("05",))
    assert (await (await client.get(ANSWERS, headers=outside)).json())["data"] == []


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("answers", 400, "answers needs a form"),
        ("answers?form=school_visit&limit=0", 400, "from 1 to 10000"),
        ("answers?form=school_visit&cursor=x", 400, "take it from `next`"),
        ("answers?form=school_visit&colour=red", 400, "unknown: colour"),
        ("answers?form=school_visit&fields=teachin", 400, "did you mean teaching"),
        ("answers?form=school_visit&cutoff=soon", 400, "cutoff"),
        ("answers?form=school_visit&table=x", 404, "no table 'x'"),
        ("nothing", 404, "no data set 'nothing'"),
    ],
)
async def test_bad_requests_are_told(
    client: Client, store: Store, query: str, status: int, words: str
) -> None:
    answer = await client.get(f"/api/v1/data/{query}", headers=await token(store))
    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    assert words in (await answer.json())["detail"]


async def test_filters(client: Client, store: Store) -> None:
    url = f"{ANSWERS}&where=sex=female&where=sex=male&fields=sex,teaching"
    found = (await (await client.get(url, headers=await token(store))).json())["data"]
    assert sorted(row["sex"] for row in found) == ["female", "male"]
    assert set(found[0]) == {"case", "sex", "teaching"}


async def test_who_asks_too_often_waits(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PER_MINUTE", 2)
    headers = await token(store)
    answers = [await client.get("/api/v1/forms", headers=headers) for _ in range(6)]
    # A new minute may begin meanwhile: then two more are let through.
    assert 2 <= sum(answer.status == 200 for answer in answers) <= 4
    refused = next(answer for answer in answers if answer.status == 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (await client.get("/api/v1/forms", headers=await token(store))).status == 200


async def test_every_export_is_in_the_audit_log(client: Client, store: Store) -> None:
    headers = await token(store)
    for _ in range(2):
        await client.get(f"{ANSWERS}&where=sex=female", headers=headers)
    entries = [entry async for entry in store.database.audit.find({"action": "export.answers"})]
    assert [entry["user"] for entry in entries] == ["ana (token laptop)"]
    assert entries[0]["after"]["rows"]["answers"] == 1
    assert "female" not in str(entries[0])


async def test_it_describes_itself(client: Client, store: Store) -> None:
    described = await (await client.get("/api/v1/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    page = await (await client.get("/api/v1/")).text()
    for name in openapi.PARAMETERS:
        assert f"<code>{name}</code>" in page
    assert "http://" not in page.replace("https://…", "")
    assert "<script" not in page
    package = await client.get(
        "/api/v1/data/answers/datapackage.json?form=school_visit", headers=await token(store)
    )
    names = {
        f["name"]
        for f in (await package.json(content_type=None))["resources"][0]["schema"]["fields"]
    }
    assert "teaching" in names


def test_every_parameter_is_one_of_a_request() -> None:
    assert set(openapi.PARAMETERS) <= set(Request.model_fields)
    assert CUTOFF.tzinfo is UTC
