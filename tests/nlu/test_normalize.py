"""The normaliser: one spelling whatever was typed, and safe on anything."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.normalize import MAX_CHARACTERS, canonical, consonants, skeleton, words

BUDGET = ["төсөв", "тєсєв", "tusuv", "tosov", "tösöv", "тосов", "ТӨСӨВ", "tusuw", "т0с0в", "tөsөv"]


@pytest.mark.parametrize("typed", BUDGET)
def test_every_spelling_of_budget_is_one_skeleton(typed: str) -> None:
    assert skeleton(typed) == skeleton("төсөв")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bayar", "баяр"),
        ("arvan", "арван"),
        ("tvmen", "түмэн"),
        ("zvvn", "зүүн"),
        ("emneleg", "эмнэлэг"),
        ("tsetserleg", "цэцэрлэг"),
        ("cecerleg", "цэцэрлэг"),
        ("xvvxed", "хүүхэд"),
        ("khuukhed", "хуухэд"),
        ("zavxan", "завхан"),
        ("surguuliin", "сургуулийн"),
        ("shalgah", "шалгах"),
        ("chimee", "чимээ"),
        ("yasan", "ясан"),
        ("bnu", "байна уу"),
        ("bhgui", "байхгүй"),
        ("ymuu", "юм уу"),
        ("юувэ", "юу вэ"),
        ("бну", "байна уу"),
        ("emd", "эмд"),
        ("cургууль", "сургууль"),  # a Latin c
        ("hөgjil", "хөгжил"),
        ("Ѳвєрхангай", "өвөрхангай"),
        ("ҮЙЛ", "үйл"),
        ("мєнгє", "мөнгө"),
        ("бvх", "бүх"),
    ],
)
def test_canonical(typed: str, meant: str) -> None:
    assert canonical(typed) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Өвөрхангай", "uvurkhangai"),
        ("хүүхдийн", "huuhdiin"),
        ("цэцэрлэгт", "tsetserlegt"),
        ("зөвлөл", "zuwlul"),
        ("хөгжлийн", "hugjliin"),
        ("сургууль", "surguuli"),
        ("дүүрэг", "дvvрэг"),
    ],
)
def test_scripts_meet_in_the_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_dropped_vowels_meet_in_the_consonants() -> None:
    assert consonants("эмнэлэг") == consonants("эмнлэг") == consonants("emneleg")


def test_offsets_are_those_of_what_was_typed() -> None:
    text = "\u200bЭмч\u200d ирсэнгүй, zo\u0308vlol\u200b!"
    found = words(text)
    assert [text[word.start : word.end] for word in found] == [word.typed for word in found]
    assert [word.canonical for word in found] == ["эмч", "ирсэнгүй", "зөвлол"]


def test_invisible_characters_change_nothing() -> None:
    assert canonical("тө\u200bс\u00adө\u2060в") == "төсөв"
    assert canonical("\u202eтөсөв\u202c") == "төсөв"
    assert canonical("т\u0336ө\u0336с\u0336ө\u0336в\u0336") == "төсөв"


def test_letters_in_disguise() -> None:
    assert canonical("ｔｕｓｕｖ") == canonical("tusuv")
    assert canonical("𝐭𝐮𝐬𝐮𝐯") == canonical("tusuv")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_offsets_lie_in_the_text_and_in_order(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        assert text[word.start : word.end] == word.typed
        end = word.end


@settings(deadline=None)
@given(st.text(max_size=200))
def test_canonical_is_lower_and_spaced_once(text: str) -> None:
    found = canonical(text)
    assert found == " ".join(found.split())
    assert not any(letter.isupper() and letter.lower() != letter for letter in found)


@settings(deadline=None)
@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшыьэюяөү ", max_size=80))
def test_case_does_not_matter(text: str) -> None:
    assert canonical(text.upper()) == canonical(text)


FLOODS = {
    "letters": "a" * 100_000,
    "zero-width": "\u200b" * 100_000,
    "emoji": "👍🏽" * 50_000,
    "combining marks": "e\u0301\u0301" * 34_000,
    "mixed scripts": "аb" * 50_000,
    "right-to-left": "\u202eа" * 50_000,
    "joiners": "'-" * 50_000,
    "v": "v" * 100_000,
    "spaces": " " * 100_000,
    "controls": "\x00\x07" * 50_000,
    "y": "ay" * 50_000,
    "surrogates": "\ud800" * 100_000,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_read_as_far_as_it_matters(flood: str) -> None:
    began = time.process_time()
    found = canonical(flood)
    assert len(found) <= 3 * MAX_CHARACTERS
    assert time.process_time() - began < 0.5


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_the_end_of_a_long_text_changes_nothing(text: str) -> None:
    body = "төсөв " * MAX_CHARACTERS
    assert canonical(body) == canonical(body + text)
