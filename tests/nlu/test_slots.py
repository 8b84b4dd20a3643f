"""Year, sector and facility, and the keywords that stand in for Rasa."""

import datetime

import pytest

from nlu import keywords, slots
from nlu.normalize import skeleton

TODAY = datetime.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024 оны төсөв", 2024),
        ("2023 ond yu hiisen", 2023),
        ("24 онд хэд байсан", 2024),
        ("24ond hed bsan", 2024),
        ("энэ жил юу хийх вэ", 2026),
        ("өнгөрсөн жилийн төсөв", 2025),
        ("ungursun jil", 2025),
        ("ирэх жил", 2027),
        ("утас 99202415", None),
        ("20 хүүхэд", None),
        ("төсөв", None),
    ],
)
def test_year(text: str, year: int | None) -> None:
    assert slots.year(text, TODAY) == year


@pytest.mark.parametrize(
    ("text", "facility", "sector"),
    [
        ("сургуулийн багш", "school", "education"),
        ("surguuliin bagsh", "school", "education"),
        ("сургалт хэзээ вэ", "", ""),
        ("цэцэрлэгт", "kindergarten", "education"),
        ("cecrlegt", "kindergarten", "education"),
        ("сургуулийн дотуур байр", "dormitory", "education"),
        ("dotor bairand", "dormitory", "education"),
        ("өрхийн эмнэлэг", "health_centre", "health"),
        ("urhiin emneleg", "health_centre", "health"),
        ("сумын эмнэлэгт", "health_centre", "health"),
        ("эрүүл мэндийн төв", "health_centre", "health"),
        ("аймгийн эмнэлэгт", "hospital", "health"),
        ("emnlegt", "hospital", "health"),
        ("боловсролын төсөв", "", "education"),
        ("eruul mendiin tusuv", "", "health"),
        ("орон байхгүй гээд эмнэлэгт хэвтүүлсэнгүй", "hospital", "health"),
    ],
)
def test_facility_and_sector(text: str, facility: str, sector: str) -> None:
    assert (slots.facility(text), slots.sector(text)) == (facility, sector)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("сайн уу", "greet"),
        ("bayarlalaa", "thank"),
        ("төсөв хэд вэ", "ask_budget"),
        ("tusuv", "ask_budget"),
        ("тєсєв", "ask_budget"),
        ("онхс юу барьсан", "ask_ldf_projects"),
        ("дотуур байранд", "ask_entitlement/dormitory"),
        ("shilen dans", "ask_entitlement/glass_account"),
        ("зогсоо", "stop_messages"),
        ("stop", "stop_messages"),
        ("за", "affirm"),
        ("үгүй", "deny"),
    ],
)
def test_keywords(text: str, intent: str) -> None:
    assert keywords.rank(text)[0][0] == intent


def test_no_keyword_no_intent() -> None:
    assert keywords.rank("ъъъ") == ()
    assert keywords.rank("") == ()


def test_a_whole_message_phrase_is_no_part_of_another() -> None:
    assert skeleton("за") in skeleton("заавар")
    assert "affirm" not in dict(keywords.rank("заавар"))
