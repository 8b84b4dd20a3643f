"""The story of a round, in a real browser: from a workbook with mistakes to a promise in a chat.

The platform runs whole in this process, with a stand-in Telegram on which 50 citizens answer.
With ONOO_SHOTS the pages are pictured into that folder, for the manual.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, ViewportSize, expect

from bots import senders
from bots.bundled import publish_bundled_surveys
from bots.platform import Platform
from campaigns import announcing
from campaigns.runner import running
from console.app import mount
from console.credentials import hash_password
from content.facilities import Facility
from content.hours import Hours
from settings import Settings
from storage.addresses import pseudonym
from storage.facilities import Facilities
from storage.store import Store
from storage.users import User, Users
from tests.world.browser import launch
from tests.world.database import KEY, free_port
from tests.world.quick_telegram import QuickPhone, QuickTelegram, quick_telegram

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
CITIZENS = 50
PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
SHOTS = os.environ.get("ONOO_SHOTS", "")
PATIENCE = 60_000


@pytest.fixture
async def telegram() -> AsyncIterator[QuickTelegram]:
    async with quick_telegram() as platform:
        yield platform


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """News goes out at any hour, within seconds, and soon after people wrote."""

    def all_day(start: datetime, end: datetime, *_: object) -> Hours:
        return Hours(start, end, time(0), time(23, 59))

    monkeypatch.setattr(announcing, "Hours", all_day)
    monkeypatch.setattr(announcing, "SPREAD", timedelta(seconds=2))
    monkeypatch.setattr(senders, "IDLE", timedelta(seconds=1))


@pytest.fixture
async def address(store: Store, telegram: QuickTelegram, tmp_path: Path) -> AsyncIterator[str]:
    """The whole platform on a free port, with one facilitator and a health centre."""
    port = free_port()
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        port=port,
        nlu_url="http://127.0.0.1:9",
        nlu_deadline=0.1,
        telegram_mode="webhook",
        public_url=f"http://127.0.0.1:{port}",
        **telegram.settings,
    )
    telegram.webhook = f"http://127.0.0.1:{port}/telegram/webhook"
    await publish_bundled_surveys(store)
    user = User("oyuna", "Оюунчимэг Дорж", "admin", hash_password(PASSWORD))
    await Users(store.database).add(user, datetime.now(UTC))
    name = "Цэцэрлэг сумын эрүүл мэндийн төв"
    await Facilities(store.database).store([Facility("H1", name, "health_centre", "6501")])
    platform = Platform.build(settings, store)
    platform.mount = mount
    async with (
        platform.working(),
        platform.serving(),
        platform.connected(intake=True),
        running(store, settings),
    ):
        yield f"http://127.0.0.1:{port}"


async def settle(store: Store) -> None:
    """Citizens of Arkhangai who agreed long ago and were last heard yesterday."""
    when = datetime.now(UTC) - timedelta(hours=36)
    state = {"consent": "given", "locale": "mn", "place": "6501"}
    ids = {pseudonym(KEY, "telegram", str(n)): str(n) for n in range(1, CITIZENS + 1)}
    database = store.database
    await database.addresses.insert_many(
        [{"_id": one, "channel": "telegram", "address": where} for one, where in ids.items()]
    )
    await database.sessions.insert_many(
        [{"_id": one, "version": 1, "state": state, "last_inbound": when} for one in ids]
    )
    shown = {"consent": "given", "locale": "mn", "place": "6501", "channel": "telegram"}
    await database.citizens.insert_many([{"_id": one, "seen_at": when, **shown} for one in ids])


class Citizen:
    """Follows the invitation and answers every question with a button."""

    def __init__(self, phone: QuickPhone) -> None:
        self.phone = phone
        self.dice = random.Random(phone.id)
        self.seen = 0

    async def live(self) -> None:
        """From the invitation to sending the answers."""
        while True:
            async with self.phone.changed:
                await self.phone.changed.wait_for(self._asked)
            self.seen = len(self.phone.screen)
            payloads = self.phone.screen[-1].payloads
            ends = [one for one in payloads if one.endswith(":send")]
            await self._act(payloads)
            if ends:
                return

    def _asked(self) -> bool:
        screen = self.phone.screen
        return len(screen) > self.seen and bool(screen[-1].payloads)

    async def _act(self, payloads: tuple[str, ...]) -> None:
        for wanted in (r":send$", r":start$", r"^(?!sv:|go:).*", r"^sv:[^:]+:[^:]+:\d+$"):
            fitting = [one for one in payloads if re.search(wanted, one)]
            if wanted.startswith("^sv"):
                fitting = [self.dice.choice(fitting)] if fitting else []
            if fitting:
                await self.phone.tap(fitting[0])
                return
        await self.phone.write("Эм олдохгүй байна")


async def all_answered(people: list[Citizen], lives: list[asyncio.Task[None]]) -> None:
    """Wait until everybody is done; else say what the others see."""
    _, waiting = await asyncio.wait(lives, timeout=200)
    stuck = [p.phone.screen[-1:] for p, life in zip(people, lives, strict=True) if life in waiting]
    for life in waiting:
        life.cancel()
    failed = [life.exception() for life in lives if life.done() and not life.cancelled()]
    assert not any(failed), failed
    assert not stuck, f"{len(stuck)} citizens are not done, such as {stuck[:3]}"


def broken_workbook(folder: Path) -> Path:
    """The health centre's survey with three mistakes people make."""
    book = load_workbook(ROOT / "content" / "surveys" / "health_centre.xlsx")
    sheet = book["survey"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(4, columns["type"]).value = "select_one scor"
    sheet.cell(6, columns["name"]).value = "hours"
    sheet.cell(19, columns["relevant"]).value = "${hour} = 1"
    path = folder / "Эрүүл мэндийн төв.xlsx"
    book.save(path)
    return path


async def picture(page: Page, name: str) -> None:
    """For the manual, in both sizes."""
    if not SHOTS:
        return
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        await page.set_viewport_size(viewport)
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=Path(SHOTS) / f"console-{name}-{size}.png")
    await page.set_viewport_size(DESKTOP)


async def confirm(page: Page, button: str, go: str) -> None:
    """Press what asks once, and agree."""
    asked = page.locator("details.ask", has=page.locator("summary", has_text=button)).first
    await asked.locator("summary").click()
    await asked.get_by_role("button", name=go, exact=True).last.click()


@pytest.mark.parametrize("locale", ["mn"])
async def test_a_round_from_workbook_to_promise(
    address: str, store: Store, telegram: QuickTelegram, tmp_path: Path, locale: str
) -> None:
    faults: list[str] = []
    await settle(store)
    async with launch() as browser:
        context = await browser.new_context(viewport=DESKTOP)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "console",
            lambda line: faults.append(line.text) if "Content Security" in line.text else None,
        )
        await sign_in(page, address)
        await upload_and_mend(page, address, broken_workbook(tmp_path))
        await publish(page)
        await make_campaign(page, store)
        await try_it(page, context)
        people = [Citizen(telegram.phone(n)) for n in range(1, CITIZENS + 1)]
        lives = [asyncio.create_task(person.live()) for person in people]
        await launch_and_watch(page)
        await all_answered(people, lives)
        await expect(page.locator(".figure strong").nth(1)).to_have_text(
            str(CITIZENS), timeout=PATIENCE
        )
        await expect(page.locator(".lead .pill")).to_have_text("Явж байна")
        await picture(page, "campaign")
        await close_and_promise(page, telegram)
    assert faults == []


async def sign_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/console")
    await picture(page, "signin")
    await page.fill("#name", "oyuna")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("Оюунчимэг")
    await picture(page, "overview")


async def upload_and_mend(page: Page, address: str, workbook: Path) -> None:
    await page.goto(f"{address}/console/surveys/new")
    await page.set_input_files("#workbook", workbook)
    await page.click("button.primary")
    await expect(page.locator("tr.said")).to_have_count(3)
    await picture(page, "mistakes")
    mistakes = (
        (4, "type", "select_one score"),
        (6, "name", "attitude"),
        (19, "relevant", "${hours} = 1"),
    )
    for left, (row, column, right) in zip((2, 1, 0), mistakes, strict=True):
        await page.fill(f'[form="mend-{row}"][name="cell:{column}"]', right)
        await page.locator(f"#mend-{row} button").click()
        await expect(page.locator("tr.said.wrong")).to_have_count(left)
    await page.locator("#pane .taps button").first.click()
    await expect(page.locator("#pane .bubble.mine")).to_have_count(1)
    await picture(page, "preview")


async def publish(page: Page) -> None:
    await confirm(page, "Нийтлэх", "Энэ хувилбарыг нийтлэх")
    await expect(page.locator(".note.good")).to_be_visible()
    await page.click('a[href^="/console/campaigns/new?form="]')


async def make_campaign(page: Page, store: Store) -> None:
    await page.fill("#title", "Цэцэрлэг, эрүүл мэндийн төв, 2026 оны намар")
    await page.select_option("#facility", "H1")
    await page.fill("#day_from", "00:00")
    await page.fill("#day_to", "23:59")
    await page.select_option("#reminders", "")
    # Invitations are spread over the first half of the window, so it is a short one.
    now = datetime.now(UTC) + timedelta(hours=8)
    await page.fill("#start", (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M"))
    await page.fill("#end", (now + timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M"))
    await page.select_option("#places", "65")
    await expect(page.locator("#counts .figure strong")).to_have_text(str(CITIZENS))
    await picture(page, "audience")
    await page.locator("form#campaign button.primary").click()
    await expect(page.locator("h1")).to_contain_text("Цэцэрлэг")


async def try_it(page: Page, context: object) -> None:
    """The test link, in the web chat of another tab."""
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Веб чат").click()
    chat = await opened.value
    for button in ("Монгол", "Зөвшөөр", "Алгасах"):
        await chat.get_by_role("button", name=re.compile(button)).last.click()
    await expect(chat.get_by_role("button", name=re.compile("Эхлэх")).last).to_be_visible()
    await chat.close()
    await page.get_by_role("button", name="Туршиж үзлээ").click()
    await confirm(page, "Батлах", "Батлах")


async def launch_and_watch(page: Page) -> None:
    await confirm(page, "Одоо эхлэх", "Эхлүүлэх")
    await expect(page.locator(".note.good").first).to_be_visible()


async def heard(telegram: QuickTelegram, promise: str) -> None:
    """Wait until everybody has read the promise in their chat, and nobody twice."""
    async with asyncio.timeout(90):
        for phone in telegram.phones.values():
            async with phone.changed:
                await phone.changed.wait_for(
                    lambda phone=phone: any(promise in one.text for one in phone.screen)
                )
    times = [sum(promise in one.text for one in p.screen) for p in telegram.phones.values()]
    assert times == [1] * CITIZENS


async def close_and_promise(page: Page, telegram: QuickTelegram) -> None:
    await confirm(page, "Хаах", "Бүрмөсөн хаах")
    await page.get_by_role("link", name="Үр дүн харах").click()
    await page.locator("main table a").first.click()
    await expect(page.locator("svg.chart").first).to_be_visible()
    await picture(page, "results")
    card = await page.request.get(
        str(await page.get_by_role("link", name="PNG").evaluate("link => link.href"))
    )
    assert (await card.body()).startswith(b"\x89PNG")
    await confirm(page, "Нийтлэх", "Нээлттэй болгох")
    await page.get_by_role("link", name="Амлалт бичих").click()
    await page.fill("#issue", "Хүлээлгийн танхим хүйтэн")
    promise = "Зуухыг шинэчилж, өглөө 8 цагаас галлана"
    await page.fill("#action", promise)
    await page.fill("#who", "Эрүүл мэндийн төвийн эрхлэгч")
    await page.fill("#due", "2027-01-15")
    await page.locator("form button.primary").click()
    await picture(page, "commitment")
    await confirm(page, "Оролцогчдод мэдэгдэх", "Одоо мэдэгдэх")
    await expect(page.locator(".note.good")).to_be_visible()
    await heard(telegram, promise)
    public = await page.context.browser.new_page()  # type: ignore[union-attr]
    await public.goto(re.sub(r"/console.*", "/open/H1", page.url))
    await expect(public.locator("h1")).to_contain_text("Цэцэрлэг")
    await expect(public.locator("main")).to_contain_text(promise)
    await picture(public, "public")
    await public.close()
