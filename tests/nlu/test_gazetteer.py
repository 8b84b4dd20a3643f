"""Places: looked up, searched for, and found in running text."""

import csv
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.gazetteer import Gazetteer

MENTIONS = Path(__file__).parent / "mentions.csv"


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


def codes(text: str, within: str | None = None) -> list[tuple[str, ...]]:
    return [mention.codes for mention in gazetteer().find(text, within)]


def test_the_whole_country_is_there() -> None:
    assert len(gazetteer().children()) == 22
    assert len(gazetteer().children("11")) == 9
    assert gazetteer().place("2101").name_mn == "Хэрлэн"
    assert [place.code for place in gazetteer().parents("111059")] == ["1110", "11"]
    assert gazetteer().parents("85") == []


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        gazetteer().place("99")


def rows() -> list[dict[str, str]]:
    with MENTIONS.open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def test_mentions_are_resolved() -> None:
    """At least 95 % of hand-written mentions in each script, inflected and misspelt."""
    wrong: dict[str, list[str]] = {}
    marked = rows()
    assert len(marked) >= 200
    for row in marked:
        found = codes(row["text"], row["within"] or None)
        expected = [tuple(mention.split("|")) for mention in row["codes"].split() if mention]
        if [set(c) for c in found] != [set(c) for c in expected]:
            wrong.setdefault(row["script"], []).append(f"{row['text']}: {found}")
    for script in {row["script"] for row in marked}:
        total = sum(row["script"] == script for row in marked)
        misses = wrong.get(script, [])
        assert len(misses) / total <= 0.05, (script, misses)


def test_every_unit_is_found_beside_its_aimag_in_every_case() -> None:
    """What the table of forms holds is recognised: all units, six cases."""
    asked = found = 0
    for place in gazetteer():
        if place.level != 2:
            continue
        above = gazetteer().decline(place.parent_code, "gen")
        for case, form in place.cases.items():
            unit = {"soum": "сум", "district": "дүүрэг"}[place.type]
            text = f"Бид {above} {form if case == 'dat' else place.name_mn + ' ' + unit} тухай"
            asked += 1
            found += (place.code,) in codes(text)
    assert found / asked >= 0.98


ORDINARY = [
    "Эрүүл мэндийн төв хаана байдаг вэ",
    "цэцэрлэгт хүүхдээ яаж бүртгүүлэх вэ",
    "түргэн тусламж дуудах",
    "хэдэн төгрөг төлөх вэ",
    "төлбөр хэд вэ",
    "tulbur avch boloh uu",
    "баян хүн ядуу хүн ялгаагүй",
    "сайхан өдөр байна",
    "нүүр хуудас руу буцъя",
    "худаг гаргах",
    "хоёр сургуулийн хооронд",
    "манай сумын төсөв",
    "өвс тэжээл",
    "малчин хүний хүүхэд",
    "dotuur bair zereg yumand",
    "ногоон цэнхэр дэвтэр",
    "бага сургууль",
    "за баяртай",
    "yasan shd",
    "хороололд эмнэлэг алга",
    "Эмийн сан нь хаалттай, сумандаа эм олдохгүй байна",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_name_no_place(text: str) -> None:
    assert codes(text) == []


def test_own_place_decides_between_places_of_one_name() -> None:
    assert set(codes("Тосонцэнгэлд")[0]) == {"6734", "8140"}
    assert codes("Тосонцэнгэлд", "81") == [("8140",)]
    assert codes("Тосонцэнгэлд", "810451") == [("8140",)]
    assert codes("5-р хороонд", "1110") == [("111059",)]
    assert codes("5-р хороонд", "111061") == [("111059",)]
    assert codes("5-р хороонд") == []


def test_offsets_are_those_of_the_text() -> None:
    text = "Танай Увс аймгийн Тэс суманд эмч байна уу"
    (mention,) = gazetteer().find(text)
    assert text[mention.start : mention.end] == mention.text == "Увс аймгийн Тэс суманд"


def test_search_forgives() -> None:
    def best(text: str, within: str | None = None) -> str:
        return gazetteer().search(text, within)[0].code

    assert best("uvurhangai") == "62"
    assert best("Хархорин сумын") == "6252"
    assert best("сонгинхайрхан") == "1116"
    assert best("бзд") == "1110"
    assert best("5", "1110") == "111059"
    assert best("5-р хороо", "1110") == "111059"
    assert best("баян", "41") == "4116"
    assert len(gazetteer().search("булган")) >= 7
    assert gazetteer().search("") == []


def test_declension_by_table_and_by_rule() -> None:
    assert gazetteer().decline("85", "dat") == "Увсад"
    assert gazetteer().decline("111059", "gen") == "5-р хорооны"
    assert gazetteer().decline("431653", "dat") == "2-р багт (Моностой)"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_anything_may_be_typed(text: str) -> None:
    for mention in gazetteer().find(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.codes
    gazetteer().search(text, limit=3)


def test_a_flood_of_names_is_no_slow_path() -> None:
    gazetteer().find("Увс")
    began = time.process_time()
    gazetteer().find("Увсыын аймгаас БЗДД хорооо " * 4000)
    assert time.process_time() - began < 1.0
