"""What can't be done is said in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from campaigns.campaign import MOVES
from campaigns.commitments import STATUSES
from campaigns.refusal import Refusal, commitment_word, status_word
from locales import text
from tests.campaigns.conftest import Desk

SOURCES = Path(__file__).parents[2] / "campaigns"
KEYS = sorted(
    key
    for source in SOURCES.glob("*.py")
    for key in re.findall(r'Refusal\(\s*"([^"]+)"', source.read_text("utf-8"))
)


def test_every_refusal_has_words_of_its_own_in_both_languages() -> None:
    assert len(KEYS) > 20
    for key in set(KEYS):
        mongolian, english = text("mn", key), text("en", key)
        assert re.search("[а-яөү]", mongolian), key
        assert re.search("[a-z]", english), key


@pytest.mark.parametrize("locale", ["mn", "en"])
def test_statuses_are_said_in_the_readers_language(locale: str) -> None:
    words = [status_word(each) for each in MOVES] + [commitment_word(each) for each in STATUSES]
    said = Refusal("refusal.move", now=words[0], then=words[1], allowed=words).words(locale)
    assert all(text(locale, str(word)) in said for word in words)
    assert "console." not in said


async def test_a_refusal_keeps_its_language_until_it_is_read(desk: Desk) -> None:
    made = await desk.campaign()
    with pytest.raises(Refusal) as caught:
        await desk.campaigns.resume(made.id, "author")
    assert caught.value.key == "refusal.not_paused"
    assert "Approved" in str(caught.value)
    assert text("mn", "console.campaign.approved") in caught.value.words("mn")
