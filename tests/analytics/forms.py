"""A form with every kind of question, in two versions, and cases that answer it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conversations.survey.authoring import FormSource, compile
from storage.store import Store

PUBLISHED = datetime(2026, 9, 1, tzinfo=UTC)
STARTED = datetime(2026, 10, 5, 4, 0, 0, 250_000, tzinfo=UTC)
CUTOFF = datetime(2026, 11, 24, 9, tzinfo=UTC)
LONG_NAME = "a_question_whose_name_is_much_longer_than_stata_can_hold"

HEAD = "| | type | name | label::Mongolian (mn) | label::English (en) | calculation |"
CHOICES = """
| choices |
| | list_name | name | label::Mongolian (mn) | label::English (en) |
| | score | 1 | Маш муу | Very poor |
| | score | 2 | Муу | Poor |
| | score | 3 | Дунд | Fair |
| | score | 4 | Сайн | Good |
| | score | 5 | Маш сайн | Very good |
| | score | dk | Мэдэхгүй | Don’t know |
| | sex | female | Эмэгтэй | Female |
| | sex | male | Эрэгтэй | Male |
| | need | water | Өдөр тутмын ус | Water |
| | need | heat | Дулаан | Heat |
| | need | light | Гэрэл | Light |
| settings |
| | form_id | version | form_title |
| | school_visit | {version} | Сургуулийн айлчлал |
"""
QUESTIONS = (
    "| | begin group | visit | Айлчлал | Visit | |",
    "| | integer | pupils | Хэдэн сурагч вэ? | How many pupils? | |",
    "| | decimal | distance | Хэр хол вэ? | How far is it? | |",
    "| | date | day | Хэзээ очсон бэ? | When were you there? | |",
    "| | time | hour | Хэдэн цагт вэ? | At what time? | |",
    "| | geopoint | where | Хаана вэ? | Where is it? | |",
    "| | end group | visit | | | |",
    "| | select_one score | teaching | Сургалтын чанар | Quality of teaching | |",
    f"| | select_one score | {LONG_NAME} | {'Өдөр бүрийн хоол ' * 20} | Meals | |",
    "| | select_multiple need | needs | Юу дутагдаж байна вэ? | What is missing? | |",
    "| | select_one sex | sex | Таны хүйс? | Your sex? | |",
    "| | text | reason | Яагаад? | Why? | |",
    "| | image | picture | Зураг | Picture | |",
    "| | calculate | twice | | | ${pupils} * 2 |",
    "| | begin repeat | child | Хүүхэд | Child | |",
    "| | text | name | Нэр | Name | |",
    "| | integer | age | Нас | Age | |",
    "| | begin repeat | illness | Өвчин | Illness | |",
    "| | text | what | Ямар? | What? | |",
    "| | end repeat | illness | | | |",
    "| | end repeat | child | | | |",
)
LATER = "| | select_one score | heating | Дулаан | Heating | |"


def source(folder: Path, *, later: bool = False) -> FormSource:
    """The form; `later` is its second version, with another question and label."""
    questions = list(QUESTIONS)
    if later:
        questions[7] = "| | select_one score | teaching | Хичээлийн чанар | Quality of lessons | |"
        questions.insert(8, LATER)
    rows = ["| survey |", HEAD, *questions]
    path = folder / ("later.md" if later else "first.md")
    path.write_text("\n".join(rows) + CHOICES.format(version=1 + later), "utf-8")
    return compile(path)


async def publish(store: Store, folder: Path) -> tuple[str, str]:
    """Both versions in the database; their names."""
    first, second = source(folder), source(folder, later=True)
    await store.forms.put(first.to_document(), PUBLISHED)
    await store.forms.put(second.to_document(), PUBLISHED + timedelta(days=30))
    return first.version, second.version


def case(number: int, form: str, values: dict[str, str], **more: Any) -> dict[str, Any]:
    """A case as filing stores it."""
    started = more.pop("started", STARTED + timedelta(minutes=number))
    ended = more.pop("ended", started + timedelta(seconds=200 + number % 60))
    found: dict[str, Any] = {
        "_id": f"case{number:08d}",
        "citizen": more.pop("citizen", f"citizen{number:06d}"),
        "channel": "telegram",
        "seq": 9,
        "form": form,
        "status": "complete",
        "values": values,
        "last_node": "",
        "started": started,
        "ended": ended,
        "changed": more.pop("changed", ended or started),
        "locale": "mn",
        "campaign": "",
        "facility": "",
        "place": "0401",
        "is_test": False,
    }
    return {**found, **more}


FULL: dict[str, str] = {
    "visit/pupils": "420",
    "visit/distance": "1.5",
    "visit/day": "2026-10-04",
    "visit/hour": "14:30:05",
    "visit/where": "47.9184 106.9177 1300 5",
    "teaching": "4",
    LONG_NAME: "dk",
    "needs": "water light",
    "sex": "female",
    "reason": '=HYPERLINK("x") Өвөл хүйтэн, "дулаан" алга\nбайна',
    "picture": "0123456789abcdef0123456789abcdef",
    "twice": "840",
    "child[1]/name": "Нарантуяа",
    "child[1]/age": "7",
    "child[1]/illness[1]/what": "ханиад",
    "child[1]/illness[2]/what": "шүд",
    "child[2]/name": "Өнөрбаяр",
    "child[2]/age": "9",
}
"""Answers to everything, with what trips spreadsheets."""
