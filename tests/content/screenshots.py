"""Screenshots of five conversations in the web chat, for `docs/content.md`.

Take them anew with `python -m tests.content.screenshots [name ...]`, and look at them. The
whole platform runs in this process with the trained model; the figures of the budget are those
of the tests, marked as made up.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, expect

from nlu.service import serving
from settings import Settings
from storage.database import connect
from storage.store import Store
from tests.content.test_on_channels import WELCOME, platform
from tests.world.browser import launch
from tests.world.database import KEY, embedded, free_port

IMAGES = Path(__file__).parents[2] / "docs" / "img"
PHONE = ViewportSize(width=390, height=844)
TALKS: dict[str, tuple[str, ...]] = {
    "entitlement": ("surguuliin udiin hool unegui yu", "tsetserlegt bol?"),
    "budget": ("манай сумын сургуулийн төсөв хэд вэ",),
    "ldf": ("2014 онд Багахангайд юу барьсан бэ",),
    "letter": (
        "сургуулийн гэрээг үзэх эрхтэй юу",
        "[le:information:right_to_information]",
        "Сургуулийн захирал",
        "2025 оны засварын гэрээ",
        "[le:skip]",
        "[le:skip]",
    ),
    "problem": (
        "Манай сургуулийн халаалт 3 хоног ажиллахгүй байна, хүүхдүүд дааралдаж байна",
        "[pr:f:0]",
        "[pr:send]",
    ),
}
"""What is typed, and in brackets what is pressed."""


async def act(page: Page, what: str) -> None:
    """Type or press, and wait until the answer has come and stands still."""
    before = await page.locator(".onoo").count()
    if what.startswith("["):
        await page.locator(f'button[data-payload="{what[1:-1]}"]').last.click()
    else:
        await page.locator("#input").fill(what)
        await page.keyboard.press("Enter")
    await expect(page.locator(".onoo")).not_to_have_count(before, timeout=30_000)
    count = -1
    while count != (count := await page.locator(".onoo").count()):
        await page.wait_for_timeout(1500)


async def take(browser: Browser, address: str, name: str) -> None:
    """One conversation, on a new phone."""
    context = await browser.new_context(viewport=PHONE, device_scale_factor=2, has_touch=True)
    page = await context.new_page()
    await page.goto(address)
    for _, pressed in WELCOME:
        await page.locator(f'button[data-payload="{pressed}"]').last.click(timeout=30_000)
    await expect(page.locator('button[data-payload="go:help"]')).to_be_visible(timeout=30_000)
    for what in TALKS[name]:
        await act(page, what)
    # From the question on, as somebody sees it who reads from the top.
    await page.locator(".turn.visitor").last.evaluate("turn => turn.scrollIntoView()")
    await page.locator("#input").blur()
    await page.wait_for_timeout(500)
    await page.screenshot(path=IMAGES / f"{name}.png")
    await context.close()


async def main(uri: str) -> None:
    """All of them."""
    IMAGES.mkdir(exist_ok=True)
    store = Store(connect(uri, "screenshots"), KEY)
    await store.prepare()
    async with (
        serving(Settings(_env_file=None, nlu_port=free_port())) as rasa,
        platform(store, marked=True, nlu_url=rasa.url) as address,
        launch() as browser,
    ):
        for name in sys.argv[1:] or TALKS:
            await take(browser, address, name)
            print(name, flush=True)
    store.close()


if __name__ == "__main__":
    with embedded(Path(tempfile.mkdtemp(prefix="onoo-screenshots-"))) as server:
        asyncio.run(main(server.uri))
