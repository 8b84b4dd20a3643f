"""Fixtures of the console's tests: a desk over an empty database, and people who sign in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bots.web import page as chat_page
from console.app import add_console
from console.credentials import hash_password
from console.desk import Desk
from content.facilities import Facility
from settings import Settings
from storage.facilities import Facilities
from storage.store import Store
from storage.users import User

PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
"""Made once: a hash takes a tenth of a second of a core."""
HERE, THERE = "6501", "6504"
"""Erdenebulgan and Battsengel soums of Arkhangai."""
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')

PEOPLE = (
    User("admin", "Бат Ганбаатар", "admin", HASH),
    User("oyuna", "Оюунаа Дорж", "facilitator", HASH, (HERE,)),
    User("tuya", "Туяа Бат", "facilitator", HASH, (THERE,)),
    User("ann", "Анн Шинж", "analyst", HASH, locale="en"),
)


class Person:
    """Somebody with a browser of their own; pages are fetched without following redirects."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client
        self.csrf = ""

    async def get(self, path: str, **options: Any) -> ClientResponse:
        """Fetch a page."""
        response = await self.client.get(path, allow_redirects=False, **options)
        if "text/html" in response.headers.get("Content-Type", ""):
            found = TOKEN.search(await response.text())
            self.csrf = found[1] if found else self.csrf
        return response

    async def post(self, path: str, data: Any = None, **options: Any) -> ClientResponse:
        """Send a form with its token."""
        if isinstance(data, FormData):
            data.add_field("csrf", self.csrf)
            fields: Any = data
        else:
            fields = {"csrf": self.csrf, **(data or {})}
        return await self.client.post(path, data=fields, allow_redirects=False, **options)

    async def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> ClientResponse:
        """Through the sign-in page."""
        await self.get("/console/signin")
        form = {"name": name, "password": password, **fields}
        response = await self.post("/console/signin", form)
        if response.status == 303:
            await self.get("/console/account")
        return response

    def cookie(self) -> str:
        """The token in this browser's cookie."""
        found = self.client.session.cookie_jar.filter_cookies(URL(str(self.client.make_url("/"))))
        return found["onoo-console"].value if "onoo-console" in found else ""


Open = Callable[..., Awaitable[Person]]


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A desk with four people and two facilities."""
    made = Desk.build(Settings(_env_file=None), store)
    for person in PEOPLE:
        await made.users.add(person, datetime.now(UTC))
    await Facilities(store.database).store(
        [
            Facility("H1", "Эрдэнэбулган сумын эрүүл мэндийн төв", "health_centre", HERE),
            Facility("H2", "Батцэнгэл сумын эрүүл мэндийн төв", "health_centre", THERE),
        ]
    )
    return made


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[TestServer]:
    """The console on a free port."""
    app = web.Application(client_max_size=12 * 1024 * 1024)
    app.router.add_get(chat_page.PREFIX + "/{version}/{name}", _asset)
    add_console(app, desk)
    running = TestServer(app)
    await running.start_server()
    yield running
    await running.close()


async def _asset(request: web.Request) -> web.Response:
    return chat_page.asset(request)


@pytest.fixture
async def visit(server: TestServer) -> AsyncIterator[Open]:
    """`visit(name)`: a browser in which that person is signed in; nobody without a name."""
    clients = []

    async def visit(name: str = "") -> Person:
        client = TestClient(server)
        clients.append(client)
        person = Person(client)
        if name:
            assert (await person.sign_in(name)).status == 303
        return person

    yield visit
    for client in clients:
        await client.session.close()
