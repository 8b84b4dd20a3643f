"""Words that no label covers, and short follow-ups, in any script and spelling."""

from __future__ import annotations

import pytest

from content.followups import FollowUp, MoneyFollowUp, follow_up, money_follow_up
from content.search import search


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("сургууль дээр халуун хоол", "school_lunch"),
        ("surguuliin hool", "school_lunch"),
        ("дотуур байрны мөнгө", "dormitory"),
        ("дотуур байр", "dormitory"),
        ("herder children boarding", "dormitory"),
        ("түргэн дуудах", "emergency_care"),
        ("хөнгөлөлттэй эм", "medicine_discount"),
        ("hungulult em", "medicine_discount"),
        ("шилэн данс", "glass_account"),
        ("shilen dans", "glass_account"),
        ("өргөдлийн хариу", "petition"),
        ("тариа хийлгэх", "vaccination"),
        ("11-11", "complaint_channels"),
        ("жирэмсэн", "maternity_care"),
        ("эрт илруулэг", "screening"),
    ],
)
def test_search_finds(text: str, topic: str) -> None:
    assert search(text)[0].topic == topic


@pytest.mark.parametrize("text", ["", "хүүхдийн мөнгө", "цаг агаар", "!!!", "🐴🐴", "малын тэжээл"])
def test_search_finds_nothing_by_chance(text: str) -> None:
    assert search(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("хэд вэ", FollowUp("cost")),
        ("hed we", FollowUp("cost")),
        ("how much is it?", FollowUp("cost")),
        ("цэцэрлэгт бол?", FollowUp("", "kindergarten")),
        ("and for kindergarten?", FollowUp("", "kindergarten")),
        ("харин дотуур байранд?", FollowUp("", "dormitory")),
        ("ном нь үнэгүй юу", FollowUp("cost", "textbooks")),
        ("яаж авах вэ", FollowUp("how")),
        ("yaj avah we", FollowUp("how")),
        ("өгөхгүй бол яах вэ", FollowUp("refused")),
        ("эх сурвалж нь юу вэ", FollowUp("source")),
        ("хаана вэ", FollowUp("where")),
        ("хэнд?", FollowUp("who")),
    ],
)
def test_follow_up(text: str, expected: FollowUp) -> None:
    assert follow_up(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "сайн байна уу", "эмч хэд дээр ирэх вэ", "манай сумын төсөв хэд вэ", "вэ", "за баярлалаа"],
)
def test_no_follow_up(text: str) -> None:
    assert follow_up(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013 онд?", MoneyFollowUp(2013)),
        ("2013 ond", MoneyFollowUp(2013)),
        ("өмнөх жилд?", MoneyFollowUp(-1)),
        ("эрүүл мэндийн?", MoneyFollowUp(sector="health")),
        ("харин цэцэрлэгийн?", MoneyFollowUp(facility="kindergarten")),
        ("яг хэд вэ", MoneyFollowUp(exact=True)),
        ("and education in 2014?", MoneyFollowUp(2014, "education")),
    ],
)
def test_money_follow_up(text: str, expected: MoneyFollowUp) -> None:
    assert money_follow_up(text) == expected


@pytest.mark.parametrize("text", ["", "хэд вэ", "Багахангайд 2014 онд", "9999", "баярлалаа"])
def test_no_money_follow_up(text: str) -> None:
    assert money_follow_up(text) is None
