"""The privacy page: open to everybody, in every language, true to the settings."""

from __future__ import annotations

import pytest

from console.desk import Desk
from locales import LOCALES, text
from settings import Settings
from tests.console.conftest import Open


def configure(desk: Desk, **fields: object) -> None:
    """Other settings for this desk."""
    object.__setattr__(desk, "settings", Settings(_env_file=None, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("locale", LOCALES)
async def test_anybody_reads_it_in_every_language(visit: Open, locale: str) -> None:
    stranger = await visit()
    answer = await stranger.get(f"/privacy?l={locale}")
    words = await answer.text()
    assert answer.status == 200
    assert f'<html lang="{locale}">' in words
    for part in ("title", "consent_means", "abroad_means"):
        assert text(locale, f"privacy.page.{part}") in words
    assert 'id="rights"' in words
    assert "privacy.page" not in words
    assert "Set-Cookie" not in answer.headers


async def test_the_browsers_language_counts_else_mongolian(visit: Open) -> None:
    stranger = await visit()
    english = await stranger.get("/privacy", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en">' in await english.text()
    other = await stranger.get("/privacy?l=de", headers={"Accept-Language": "fr"})
    assert '<html lang="mn">' in await other.text()


async def test_it_says_how_long_as_it_is_configured(visit: Open, desk: Desk) -> None:
    configure(desk, retention_conversations_days=77, retention_answers_days=0)
    words = await (await (await visit()).get("/privacy?l=en")).text()
    assert "What was written and said: 77 days." in words
    assert "Answers to surveys: until they are deleted." in words


async def test_it_names_who_answers_for_it_and_escapes_it(visit: Open, desk: Desk) -> None:
    stranger = await visit()
    assert 'id="contact"' not in await (await stranger.get("/privacy?l=en")).text()
    configure(desk, operator="Ил тод <b>Сан</b>", contact="data@example.org")
    words = await (await stranger.get("/privacy?l=en")).text()
    assert "Ил тод &lt;b&gt;Сан&lt;/b&gt;" in words
    assert 'href="mailto:data@example.org"' in words
