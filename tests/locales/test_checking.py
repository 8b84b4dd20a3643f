"""The check finds what is wrong, and the update mends what it may, on a small house."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages import Catalog

from locales.catalogues import BadCatalogue, path_of, read, words, written
from locales.checks import names_in, problems
from locales.commands import refresh
from locales.usage import find

CODE = """
'''Docstring: menu.docstring is no use of it.'''
from locales import text as speak

TABLE = {"a": "menu.table"}


def ask(turn, locale, item, sure):
    turn.t("menu.title")
    turn.t("menu.yes" if sure else "menu.no")
    speak(locale, "menu.greet", name=item)
    turn.t(f"menu.item.{item}")
"""
WORDS = {
    "menu.greet": "Hello {name}",
    "menu.item.one": "One",
    "menu.no": "No",
    "menu.table": "Table",
    "menu.title": "Menu",
    "menu.yes": "Yes",
}


class House:
    """A folder with code and catalogues."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "locales"
        self.code(CODE)
        for locale in ("mn", "en", "kk"):
            self.words(locale, WORDS)

    def code(self, source: str, name: str = "conversations/menu.py") -> None:
        """Write a module."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")

    def words(self, locale: str, said: dict[str, str], fuzzy: tuple[str, ...] = ()) -> None:
        """Write a catalogue."""
        catalogue = Catalog(locale=locale)
        for key, translation in said.items():
            catalogue.add(key, translation, flags=["fuzzy"] if key in fuzzy else ())
        path = path_of(locale, self.folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalogue))

    def problems(self) -> list[str]:
        """What the check says."""
        return problems(self.folder, self.root)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_whole_house_has_no_problem(house: House) -> None:
    assert house.problems() == []


def test_uses_are_found_however_a_key_is_written(house: House) -> None:
    usage = find(house.root)
    assert all(usage.uses(key) for key in WORDS)
    assert not usage.uses("menu.docstring")
    assert not usage.uses("menu.item.")
    assert not usage.uses("menu.other")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("turn.t('menu.lost')", "conversations/more.py:1 asks for menu.lost"),
        ("key = 'menu.lost'", "conversations/more.py:1 asks for menu.lost"),
        ("turn.t(f'menu.lost.{x}')", "conversations/more.py:1 puts a key together"),
        ("turn.t(f'{x}.lost')", "conversations/more.py:1 puts a key together without"),
        ("turn.t('menu.greet')", "conversations/more.py:1 gives menu.greet no {name}"),
        ("turn.t('menu.greet', nam=1)", "conversations/more.py:1 gives menu.greet no {name}"),
    ],
)
def test_code_that_asks_wrongly(house: House, line: str, said: str) -> None:
    house.code(line, "conversations/more.py")
    assert [problem for problem in house.problems() if problem.startswith(said)]


def test_values_handed_on_are_not_judged(house: House) -> None:
    house.code("turn.t('menu.greet', **values)", "conversations/more.py")
    assert house.problems() == []


def test_a_template_uses_keys_too(house: House) -> None:
    house.code("<p>{{ t('menu.title') }} {{ t('menu.gone') }}</p>", "console/page.html")
    assert house.problems() == ["console/page.html:1 asks for menu.gone, which no language has"]


@pytest.mark.parametrize("locale", ["mn", "en"])
def test_mongolian_and_english_must_be_whole(house: House, locale: str) -> None:
    house.words(locale, {**WORDS, "menu.no": ""})
    assert house.problems() == [f"menu.no is not translated into {locale}"]


def test_kazakh_must_have_some_and_may_lack_others(house: House) -> None:
    house.code("turn.t('budget.all')", "conversations/more.py")
    for locale in ("mn", "en"):
        house.words(locale, {**WORDS, "budget.all": "All"})
    assert house.problems() == []
    house.words("kk", {key: said for key, said in WORDS.items() if key != "menu.no"})
    assert house.problems() == ["menu.no is not translated into kk"]


def test_an_unsure_translation_is_none(house: House) -> None:
    house.words("mn", WORDS, fuzzy=("menu.no",))
    assert house.problems() == ["menu.no is not translated into mn (marked fuzzy)"]


def test_placeholders_must_be_the_same_everywhere(house: House) -> None:
    house.words("mn", {**WORDS, "menu.greet": "Сайн уу {ner}"})
    assert "menu.greet in mn has {ner}, but {name} in another language" in house.problems()
    house.words("mn", {**WORDS, "menu.greet": "Сайн уу"})
    assert house.problems() == [
        "menu.greet in mn has no placeholder, but {name} in another language"
    ]


def test_a_lone_brace_is_found(house: House) -> None:
    house.words("mn", {**WORDS, "menu.no": "Үгүй {"})
    assert [problem for problem in house.problems() if problem.startswith("menu.no in mn: ")]


def test_an_unused_key_is_found_and_pruned(house: House) -> None:
    for locale in ("mn", "en", "kk"):
        house.words(locale, {**WORDS, "menu.old": "Old"})
    assert [p for p in house.problems() if p.startswith("menu.old is used nowhere")]
    refresh(house.folder, house.root)
    assert "menu.old" in words("mn", house.folder).said
    refresh(house.folder, house.root, prune=True)
    assert words("mn", house.folder).said == WORDS
    assert house.problems() == []


def test_a_latin_letter_within_a_cyrillic_word_is_found(house: House) -> None:
    house.words("mn", {**WORDS, "menu.no": "Yгүй, Telegram-ийн"})
    assert house.problems() == ["menu.no in mn mixes Latin and Cyrillic letters: Yгүй"]


def test_a_key_written_twice_is_found_and_never_merged_in_silence(house: House) -> None:
    path = path_of("mn", house.folder)
    path.write_text(path.read_text("utf-8") + '\nmsgid "menu.no"\nmsgstr "Үгүй"\n', "utf-8")
    assert "menu.no stands twice in mn" in house.problems()
    before = path.read_bytes()
    with pytest.raises(BadCatalogue, match=r"menu\.no stands twice"):
        refresh(house.folder, house.root)
    assert path.read_bytes() == before


def test_a_broken_file_is_named(house: House) -> None:
    path_of("mn", house.folder).write_text('msgid "menu.no"\nmsgstr "x\n', "utf-8")
    with pytest.raises(BadCatalogue, match=r"mn/LC_MESSAGES/onoo\.po:2: "):
        house.problems()


def test_an_update_adds_what_is_new_with_the_english_beside(house: House) -> None:
    house.code("turn.t('menu.new')", "conversations/more.py")
    house.words("en", {**WORDS, "menu.new": "First\n\nSecond {name}"})
    refresh(house.folder, house.root)
    for locale in ("mn", "kk"):
        message = read(locale, house.folder).get("menu.new")
        assert message is not None
        assert message.string == ""
        assert message.auto_comments == ["English: First", "Second {name}"]
    assert words("mn", house.folder).said == WORDS
    assert "menu.new is not translated into mn" in house.problems()


def test_an_update_follows_the_english_and_is_stable(house: House) -> None:
    refresh(house.folder, house.root)
    house.words("en", {**WORDS, "menu.no": "Nope " * 40})
    refresh(house.folder, house.root)
    message = read("mn", house.folder).get("menu.no")
    assert message is not None
    assert " ".join(message.auto_comments).split() == ["English:", *["Nope"] * 40]
    first = [path_of(locale, house.folder).read_bytes() for locale in ("mn", "en", "kk")]
    report = refresh(house.folder, house.root)
    assert [path_of(locale, house.folder).read_bytes() for locale in ("mn", "en", "kk")] == first
    assert all(line.endswith("unchanged") for line in report)


def test_keys_stay_sorted(house: House) -> None:
    house.code("turn.t('menu.aaa'); turn.t('menu.zzz')", "conversations/more.py")
    refresh(house.folder, house.root)
    keys = [str(message.id) for message in read("kk", house.folder) if message.id]
    assert keys == sorted(keys)
    assert {"menu.aaa", "menu.zzz"} <= set(keys)


def test_names_of_placeholders() -> None:
    assert names_in("{a} and {b:>3} {{c}}") == {"a", "b"}
