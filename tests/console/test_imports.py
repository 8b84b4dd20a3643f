"""Lists brought in on the console: what is wrong is said in the reader's language."""

from __future__ import annotations

import pytest
from aiohttp import FormData

from tests.console.conftest import Open, Person

LIST = "code,name,kind,place\nS1,Сургууль,castle,6501\nS1,,school,6501\n"


async def upload(person: Person, path: str, data: bytes) -> str:
    """Send a file; the page that comes back."""
    await person.get(path)
    body = FormData()
    body.add_field("tag", "x")
    body.add_field("file", data, filename="list.csv")
    return await (await person.post(path, body)).text()


@pytest.mark.parametrize(
    ("language", "where", "what"),
    [("mn", "2-р мөр, «kind» багана", "хоосон байна"), ("en", "row 2, column «kind»", "is empty")],
)
async def test_findings_of_a_list_of_facilities(
    visit: Open, language: str, where: str, what: str
) -> None:
    admin = await visit("admin")
    await admin.post("/console/language", {"language": language, "back": "/console"})
    words = await upload(admin, f"/console/facilities/import?l={language}", LIST.encode())
    assert where in words
    assert what in words


@pytest.mark.parametrize(
    ("language", "what"), [("mn", "Windows-1251 бололтой"), ("en", "it looks like Windows-1251")]
)
async def test_a_list_of_people_in_the_wrong_letters(visit: Open, language: str, what: str) -> None:
    admin = await visit("admin")
    data = "citizen,нэр\nc1,Бат Ганбаатар\n".encode("cp1251")
    assert what in await upload(admin, f"/console/people?l={language}", data)
