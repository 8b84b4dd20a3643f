"""Chromium for tests of pages: found on PATH, driven by Playwright.

Without it such tests are skipped, saying so; never in CI, where they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import pytest
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",  # inside a container as root there is no user namespace to be had
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
)


@cache
def chromium() -> str:
    """The path of a Chromium on this machine, or ""."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def chromium_or_skip() -> str:
    """The path of Chromium; skips the test where there is none, or fails it when CI=true."""
    if path := chromium():
        return path
    reason = "Chromium is not installed: apt-get install chromium (./onoo test does it as root)"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@asynccontextmanager
async def launch() -> AsyncIterator[Browser]:
    """A running Chromium without a window, closed at the end."""
    path = chromium_or_skip()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()
