"""Review: what was not understood, masked, labelled, added to the training data."""

from pathlib import Path

import pytest
import yaml

from nlu import review
from nlu.masking import mask
from nlu.review import ReviewItem


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("утас 99112233 байна", "утас [phone] байна"),
        ("9911-2233", "[phone]"),
        ("+976 9911 2233 руу залгаарай", "[phone] руу залгаарай"),
        ("УБ85010112 миний регистр", "[register] миний регистр"),
        ("уб 85010112", "[register]"),
        ("a.b+c@mail.mn руу", "[mail] руу"),
        ("намайг Болд гэдэг", "намайг [name] гэдэг"),
        ("namaig Bat Bold gedeg", "namaig [name] gedeg"),
        ("https://facebook.com/bold.bat үзээрэй", "[link] үзээрэй"),
        ("@boldbat бичээрэй", "[name] бичээрэй"),
        ("2024 онд 5-р хороо", "2024 онд 5-р хороо"),
        ("данс 5012345678", "данс [number]"),
    ],
)
def test_mask(typed: str, shown: str) -> None:
    assert mask(typed) == shown


def folder(tmp_path: Path) -> Path:
    (tmp_path / "greet.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - сайн уу\n', encoding="utf-8"
    )
    return tmp_path


def test_a_label_becomes_an_example_once(tmp_path: Path) -> None:
    data = folder(tmp_path)
    review.add("амар [мэнд]{x} 99112233", "greet", data)
    path = review.add("амар [мэнд]{x} 99112233", "greet", data)
    review.add("юу байна", "greet", data)
    assert path == data / "reviewed" / "greet.yml"
    block = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"][0]
    assert block["intent"] == "greet"
    assert block["examples"].splitlines() == ["- амар мэнд x phone", "- юу байна"]


def test_a_foreign_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(review.UnknownIntent, match="no intent 'nonsense'"):
        review.add("х", "nonsense", folder(tmp_path))


def test_only_the_uncertain_is_listed_once_and_masked() -> None:
    items = [
        ReviewItem("ойлгомжгүй зүйл 99112233", "ask_bot", 0.2),
        ReviewItem("oilgomjgui zuil 99112233", "ask_bot", 0.2),
        ReviewItem("төсөв хэд вэ", "ask_budget", 0.95),
        ReviewItem("😀", "", 0.0),
    ]
    assert [item.text for item in review.uncertain(items)] == ["ойлгомжгүй зүйл [phone]"]


def test_the_contract_has_all_intents() -> None:
    names = review.intents()
    assert len([name for name in names if name.startswith("ask_entitlement/")]) == 19
    assert len(names) == 18 + 19 + 5 + 1
