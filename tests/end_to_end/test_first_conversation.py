"""A whole conversation, on the web and on Telegram, ending with answers in the CSV."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from bots.bundled import publish_bundled_surveys
from bots.platform import Platform
from settings import Settings
from storage.store import Store
from tests.world.browser import launch
from tests.world.database import KEY, free_port
from tests.world.emulator import EmulatedTelegram
from tests.world.phones import EmulatorPhone
from tests.world.robots import Robot

ROOT = Path(__file__).parents[2]
NO_NLU = "http://127.0.0.1:9"


@asynccontextmanager
async def platform(store: Store, **values: Any) -> AsyncIterator[Settings]:
    """The whole platform in this process, without language understanding."""
    settings = Settings(_env_file=None, port=free_port(), nlu_url=NO_NLU, **values)
    await publish_bundled_surveys(store)
    built = Platform.build(settings, store)
    async with built.working(), built.serving(), built.connected(intake=True):
        yield settings
    await built.nlu.close()


async def exported(mongodb: str, store: Store, tmp_path: Path) -> list[dict[str, str]]:
    """The rows that `main.py export answers` writes."""
    environment = {
        **os.environ,
        "ONOO_MONGODB_URI": mongodb,
        "ONOO_MONGODB_DATABASE": store.database.name,
        "ONOO_SECRET_KEY": KEY.decode(),
    }
    target = tmp_path / "answers"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "main.py", "export", "answers", "health_centre", "-o", str(target)),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return _rows(target / "answers.csv")


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def press(page: Page, label: str) -> None:
    """Press the latest button with this label, once it is there."""
    button = page.get_by_role("button", name=label).last
    await button.click()


async def test_a_conversation_in_the_browser_ends_in_the_csv(
    store: Store, mongodb: str, tmp_path: Path
) -> None:
    async with platform(store) as settings, launch() as browser:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(f"http://127.0.0.1:{settings.port}/")
        await press(page, "Монгол")
        await press(page, "Зөвшөөрч байна")
        await page.get_by_role("textbox").fill("Ховд Буянт")
        await page.keyboard.press("Enter")
        await press(page, "Ингээд болно")
        await press(page, "Үйлчилгээг үнэлэх")
        await press(page, "Эрүүл мэндийн төв")
        await press(page, "Эхлэх")
        await press(page, "Тийм")
        await page.get_by_text("2/").last.wait_for()
        await page.get_by_role("textbox").fill("tav")
        await page.keyboard.press("Enter")
        await page.get_by_text("3/").last.wait_for()
        await press(page, "2 🙁 Муу")
        await page.get_by_text("4/").last.wait_for()
        await page.reload()
        await page.get_by_text("4/").last.wait_for()
    [row] = await exported(mongodb, store, tmp_path)
    assert (row["used"], row["hours"], row["wait"]) == ("yes", "5", "2")
    assert row["status"] == "partial"


async def test_a_conversation_on_telegram_ends_in_the_csv(
    store: Store, mongodb: str, emulator: EmulatedTelegram, tmp_path: Path
) -> None:
    phone = EmulatorPhone(emulator.citizen(4711))
    robot = Robot(phone, seed=3)
    async with platform(store, **emulator.settings):
        async with asyncio.timeout(60):
            await robot.live()
    [row] = await exported(mongodb, store, tmp_path)
    assert row["status"] == "complete"
    assert row["hours"] in {"1", "2", "3", "4", "5", "dk"}
    text = (await store.database.addresses.find_one({})) or {}
    assert text["address"] not in str(row), "no platform id in an export"


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["start", "--help"]])
async def test_the_command_line_answers(command: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "main.py", *command),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert b"Onoo" in output or b"platform" in output
