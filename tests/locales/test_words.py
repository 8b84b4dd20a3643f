"""What Onoo really says: complete, used, and the same in every language."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from conversations import router
from conversations.dialogues import DIALOGUES
from conversations.dialogues.menu import ITEMS
from locales import LOCALES, catalogue, text
from locales.catalogues import read, words
from locales.checks import problems
from nlu.normalize import skeleton

ROOT = Path(__file__).parent.parent.parent


def test_every_word_is_there_and_used() -> None:
    assert problems() == []


@pytest.mark.parametrize("locale", ["mn", "kk"])
def test_translators_see_today_s_english(locale: str) -> None:
    english = words("en").said
    for message in read(locale):
        if message.id:
            beside = " ".join(message.auto_comments).split()
            said = ["English:", *english[str(message.id)].split()]
            assert beside == said, f"{message.id}: run main.py locales update"


def intents() -> list[str]:
    """Every intent that understanding can find."""
    files = (ROOT / "nlu" / "data").rglob("*.yml")
    found = {
        name
        for path in files
        for name in re.findall(r"^\s*- intent: (\S+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert len(found) > 20
    return sorted(found)


@pytest.mark.parametrize("intent", intents())
def test_every_intent_has_a_label_to_offer(intent: str) -> None:
    if intent != "out_of_scope":
        for locale in LOCALES:
            assert text(locale, f"intent.{intent}")


@pytest.mark.parametrize("intent", router.SAYS)
def test_every_intent_answered_with_words_has_them(intent: str) -> None:
    for locale in LOCALES:
        assert text(locale, f"router.{intent}")


@pytest.mark.parametrize("item", [item for item in ITEMS if item in DIALOGUES])
def test_every_item_of_the_menu_has_a_label(item: str) -> None:
    for locale in LOCALES:
        assert text(locale, f"menu.{item}")


def test_every_kind_of_place_can_be_named() -> None:
    kinds = set()
    for name in ("admin_units.csv", "bags_khoroos.csv"):
        with (ROOT / "content" / "places" / name).open(encoding="utf-8", newline="") as rows:
            kinds |= {row["type"] for row in csv.DictReader(rows)}
    assert kinds
    for kind in kinds:
        for locale in LOCALES:
            assert "Хонгор" in text(locale, f"place.named_{kind}", name="Хонгор")


def test_control_words_mean_one_thing() -> None:
    """A word that steers the conversation two ways would steer it by the file's order."""
    controls: dict[str, list[str]] = yaml.safe_load(
        (ROOT / "locales" / "controls.yml").read_text("utf-8")
    )
    meaning: dict[str, str] = {}
    for control, typed in controls.items():
        assert isinstance(control, str), f"quote {control!r}: YAML takes it for something else"
        for word in typed:
            key = skeleton(word)
            assert meaning.setdefault(key, control) == control, f"{word}: {control} or which?"


def test_kazakh_falls_back_to_mongolian_and_never_shows_a_key() -> None:
    lacking = words("kk").keys - words("kk").said.keys()
    for key in lacking or {"router.not_understood"}:
        expected = words("kk").said.get(key) or words("mn").said[key]
        assert catalogue("kk").gettext(key) in (key, expected)
        assert text("kk", key) == expected
