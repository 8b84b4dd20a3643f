"""How long every page of the console takes with a country in the database.

100,000 citizens, 300,000 answers (15,000 cases of 20 answers), 200 facilities, on the embedded
server: python -m benchmarks.console [--citizens 100000 --cases 15000 --facilities 200]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer

from benchmarks.country import Country, fill
from bots.web import page as chat_page
from console.app import add_console
from console.counting import look
from console.credentials import hash_password
from console.desk import Desk
from settings import Settings
from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.store import Store
from storage.users import User
from tests.world.database import free_port

PASSWORD = "correct horse battery"
TIMES = 5
WORKBOOK = Path("content/surveys/health_centre.xlsx").read_bytes()
EVERYBODY: dict[str, str] = {}
AIMAG = {"places": "65"}


def pages(made: Country, draft: str) -> tuple[str, ...]:
    """Every page an admin may open."""
    at, campaign = f"/facilities/{made.facility}", f"/campaigns/{made.campaign}"
    below = (
        *("", "/account", "/surveys", "/surveys/new", f"/surveys/{made.form}"),
        *(f"/surveys/versions/{made.version}/workbook", f"/surveys/drafts/{draft}"),
        *(f"/surveys/drafts/{draft}/diff", f"/surveys/drafts/{draft}/workbook"),
        *("/people", "/campaigns", "/campaigns/new", campaign, f"{campaign}/edit"),
        *(f"{campaign}/head", f"{campaign}/progress", f"{campaign}/results"),
        *(f"{campaign}/poster.pdf", f"{campaign}/poster.pdf?size=A5&locale=en"),
        *("/problems", "/problems?status=new", "/problems?mine=1", "/problems/0000000001"),
        *("/problems/0000000001/thread", "/facilities", "/facilities/import", at),
        *(f"{at}/rounds/{made.campaign}", f"{at}/rounds/{made.campaign}/scorecard.pdf"),
        *(f"{at}/rounds/{made.campaign}/scorecard.png", f"{at}/commitments/new"),
        *(f"{at}/commitments/{made.commitment}", "/commitments", "/policy"),
        *("/policy?sector=health&aimag=65", "/knowledge", "/exports", "/exports/list"),
        *("/users", "/users/new", "/users/user1", "/tokens", "/setaside"),
        *("/audit", "/audit?user=user7", "/audit?action=problem.reply"),
    )
    opened = (f"/open/{made.facility}", f"/open/{made.facility}/{made.campaign}")
    return (*(f"/console{path}" for path in below), *opened)


OWN = ("", "/people", "/campaigns", "/campaigns/new", "/problems", "/facilities", "/commitments")
"""Pages that look otherwise to a facilitator, who has places of their own."""


class Browser:
    """Somebody signed in; notes how long each answer takes."""

    def __init__(self, http: ClientSession, server: TestServer) -> None:
        self._http, self._server = http, server
        self._csrf = ""

    async def get(self, path: str) -> float:
        """Fetch a page; the seconds it took."""
        began = time.perf_counter()
        async with self._http.get(self._server.make_url(path)) as answer:
            body = await answer.read()
            assert answer.status == 200, (path, answer.status)
        taken = time.perf_counter() - began
        if found := re.search(rb'name="csrf" value="(\w+)"', body):
            self._csrf = found[1].decode()
        return taken

    async def post(self, path: str, fields: dict[str, str]) -> tuple[float, str, str]:
        """Send a form; the seconds it took, what came back, and from where."""
        began = time.perf_counter()
        data: object = {"csrf": self._csrf, **fields}
        if "workbook" in fields:
            data = FormData({"csrf": self._csrf})
            data.add_field("workbook", WORKBOOK, filename="health_centre.xlsx")
        async with self._http.post(self._server.make_url(path), data=data) as answer:
            words = await answer.text()
            assert answer.status == 200, (path, answer.status, words)
        return time.perf_counter() - began, words, answer.url.path

    async def sign_in(self, name: str) -> None:
        """Through the door."""
        await self.get("/console/signin")
        await self.post("/console/signin", {"name": name, "password": PASSWORD})
        await self.get("/console/account")


def tell(what: str, taken: list[float]) -> None:
    """One line of the table."""
    middle, most = statistics.median(taken), max(taken)
    print(f"{what:64} {middle:7.3f} s {most:7.3f} s {'' if most < 1 else 'TOO SLOW'}", flush=True)


@asynccontextmanager
async def browsing(server: TestServer, name: str) -> AsyncIterator[Browser]:
    """A browser in which `name` is signed in."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        browser = Browser(http, server)
        await browser.sign_in(name)
        yield browser


async def measure(desk: Desk, made: Country) -> None:
    """Fetch every page several times, one after another, while counting goes on beside."""
    app = web.Application(client_max_size=12 * 2**20)
    app.router.add_get(chat_page.PREFIX + "/{version}/{name}", _asset)
    add_console(app, desk)
    began = time.perf_counter()
    await look(desk)
    print(f"counting everything once, in the background: {time.perf_counter() - began:.3f} s")
    async with TestServer(app) as server:
        async with browsing(server, "admin") as admin:
            await count_live(admin, "everybody", EVERYBODY)
            await count_live(admin, "everybody again", {"languages": "mn"})
            await count_live(admin, "an aimag", AIMAG)
            taken, _, where = await admin.post("/console/surveys/new", {"workbook": ""})
            tell("uploading a workbook", [taken])
            draft = where.rsplit("/", 1)[-1]
            for path in pages(made, draft):
                tell(path, [await admin.get(path) for _ in range(TIMES)])
            form = {"form": made.version, "words_mn": "Сайн байна уу?"}
            forms = (
                ("/console/campaigns/words", form),
                (f"/console/surveys/drafts/{draft}/preview", {"steps": "[]"}),
                (f"/console/surveys/versions/{made.version}/preview", {"steps": "[]"}),
            )
            for path, fields in forms:
                tell(path, [(await admin.post(path, fields))[0] for _ in range(TIMES)])
        async with browsing(server, "oyuna") as oyuna:
            for path in OWN:
                taken_each = [await oyuna.get(f"/console{path}") for _ in range(TIMES)]
                tell(f"/console{path} (a facilitator's)", taken_each)


async def count_live(browser: Browser, whom: str, fields: dict[str, str]) -> None:
    """Ask for a count as the form does, until it is there, while another page is looked at."""
    asked, beside = [], []
    began = time.perf_counter()
    done = False

    async def look_on() -> None:
        while not done:
            beside.append(await browser.get("/console/problems"))
            await asyncio.sleep(0.2)

    looking = asyncio.create_task(look_on())
    while not done:
        taken, words, _ = await browser.post("/console/campaigns/count", fields)
        asked.append(taken)
        done = 'class="figure"' in words
        if not done:
            await asyncio.sleep(0.7)
    print(f"live count of {whom}: there after {time.perf_counter() - began:.3f} s")
    await looking
    tell("  each answer", asked)
    tell("  another page meanwhile", beside)


async def _asset(request: web.Request) -> web.Response:
    return chat_page.asset(request)


async def main(citizens: int, cases: int, facilities: int) -> None:
    """Fill a database of its own and measure."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), free_port())
        await server.start()
        store = Store(connect(server.uri, "onoo"), b"benchmark")
        try:
            await store.prepare()
            desk = Desk.build(Settings(_env_file=None), store)
            now, secret = datetime.now(UTC), hash_password(PASSWORD)
            await desk.users.add(User("admin", "Admin", "admin", secret), now)
            await desk.users.add(User("oyuna", "Oyuna", "facilitator", secret, ("65",)), now)
            began = time.perf_counter()
            made = await fill(desk, citizens, cases, facilities)
            print(f"filled in {time.perf_counter() - began:.0f} s")
            await measure(desk, made)
        finally:
            store.close()
            await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--citizens", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=15_000)
    parser.add_argument("--facilities", type=int, default=200)
    asyncio.run(main(**vars(parser.parse_args())))
