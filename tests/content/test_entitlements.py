"""What the bot knows of entitlements: whole, sourced, and told in a few short messages."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from content.answers import ASKED, MAX_MESSAGES, answer
from content.checks import check_content, check_topics, figures, source_figures
from content.entitlement import (
    FOLDER,
    SOURCES,
    ContentError,
    Part,
    entitlements,
    read_entitlement,
    sources,
)

TODAY = date(2026, 11, 24)
TOPICS = {
    *("free_schooling", "kindergarten", "school_lunch", "textbooks", "dormitory", "school_fees"),
    *("disability_education", "primary_care", "health_insurance", "emergency_care"),
    *("maternity_care", "vaccination", "medicine_discount", "screening", "complaint_channels"),
    *("right_to_information", "budget_participation", "glass_account", "petition"),
}
NLU = Path(__file__).parents[2] / "nlu" / "data" / "entitlement"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the content to break."""
    shutil.copytree(FOLDER, tmp_path / "entitlements")
    shutil.copy(SOURCES, tmp_path / "sources.yml")
    return tmp_path


def found(folder: Path, today: date = TODAY) -> list[str]:
    return [
        str(f) for f in check_content(today, None, folder / "entitlements", folder / "sources.yml")
    ]


def change(folder: Path, topic: str, edit: object) -> None:
    path = folder / "entitlements" / f"{topic}.yml"
    raw = yaml.safe_load(path.read_text("utf-8"))
    edit(raw)  # type: ignore[operator]
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")


# -- the content as it is ---------------------------------------------------------------------


def test_all_topics_are_there_and_nothing_is_wrong_with_them() -> None:
    assert set(entitlements()) == TOPICS
    assert [str(f) for f in check_content(TODAY) if f.severe] == []


def test_nlu_and_content_know_the_same_topics() -> None:
    assert check_topics(entitlements(), [path.stem for path in NLU.glob("*.yml")]) == []


def test_every_figure_is_in_a_source_that_its_statement_names() -> None:
    told = [item for entry in entitlements().values() for item in entry.told]
    assert len(told) > 80
    for item in told:
        stated = {number for key in item.sources for number in source_figures(sources()[key])}
        assert figures(item.text.mn) <= stated, item.text.mn


def test_what_has_no_source_is_not_stated_as_fact() -> None:
    for topic in ("maternity_care", "school_fees"):
        entry = entitlements()[topic]
        first = answer(entry, "what", "mn")[0]
        assert entry.verified is None
        assert entry.gaps[0].text.mn in first
        assert entry.gaps[0].ask.mn in first


# -- how it is told ---------------------------------------------------------------------------


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("locale", ["mn", "en", "kk"])
def test_answers_are_short(topic: str, locale: str) -> None:
    for asked in (*ASKED, "source"):
        messages = answer(entitlements()[topic], asked, locale)
        assert 1 <= len(messages) <= MAX_MESSAGES
        assert all(message.strip() and len(message) < 1024 for message in messages)


def test_a_fact_carries_its_source_and_year() -> None:
    first = answer(entitlements()["school_lunch"], "cost", "mn")[0]
    assert "1,500 ₮" in first
    assert "2021 он" in first
    assert "Засгийн газрын тогтоол № 237" in first


def test_the_source_part_names_article_date_and_link() -> None:
    (told,) = answer(entitlements()["petition"], "source", "en")
    assert "17 April 1995" in told
    assert "https://legalinfo.mn" in told
    assert "moderately sure" in told
    assert "24 November 2026" in told


def test_a_refusal_leads_to_the_complaint_channels() -> None:
    told = "\n".join(answer(entitlements()["school_lunch"], "refused", "mn"))
    assert "11-11" in told
    assert "108" in told


def test_a_part_that_nobody_knows_says_so() -> None:
    entry = entitlements()["emergency_care"].model_copy(update={"advice": (), "statements": ()})
    assert "баталсан эх сурвалж надад алга" in answer(entry, "where", "mn")[0]


# -- what the check finds ---------------------------------------------------------------------


def test_an_unsourced_figure(copied: Path) -> None:
    def edit(raw: dict[str, list[dict[str, dict[str, str]]]]) -> None:
        raw["statements"][1]["text"]["mn"] += " Одоо 9,999 ₮."
        raw["statements"][1]["text"]["en"] += " Now 9,999 ₮."

    change(copied, "school_lunch", edit)
    assert found(copied) == ["school_lunch.yml, cost: figures that no named source states: 9999"]


def test_figures_that_differ_between_languages(copied: Path) -> None:
    def edit(raw: dict[str, list[dict[str, dict[str, str]]]]) -> None:
        text = raw["statements"][1]["text"]
        text["en"] = text["en"].replace("1,500", "1,800")

    change(copied, "school_lunch", edit)
    assert found(copied) == ["school_lunch.yml, cost: mn and en give different figures: 1500"]


def test_an_amount_without_a_year(copied: Path) -> None:
    def edit(raw: dict[str, list[dict[str, dict[str, str]]]]) -> None:
        raw["statements"][1]["text"] = {"mn": "Өдөрт 1,500 ₮.", "en": "1,500 ₮ a day."}

    change(copied, "school_lunch", edit)
    assert found(copied) == ["school_lunch.yml, cost: an amount of money without its year"]


def test_a_missing_translation(copied: Path) -> None:
    def edit(raw: dict[str, list[dict[str, dict[str, str]]]]) -> None:
        del raw["statements"][0]["text"]["en"]

    change(copied, "dormitory", edit)
    problems = found(copied)
    assert "dormitory.yml: dormitory.yml: statements.0.text.en: Field required" in problems


def test_a_fact_without_a_source(copied: Path) -> None:
    def edit(raw: dict[str, list[dict[str, list[str]]]]) -> None:
        raw["statements"][0]["sources"] = []

    change(copied, "dormitory", edit)
    assert any("statements.0.sources" in problem for problem in found(copied))


def test_an_unknown_source_and_one_that_nobody_quotes(copied: Path) -> None:
    def edit(raw: dict[str, list[dict[str, list[str]]]]) -> None:
        raw["statements"][0]["sources"] = ["hearsay"]

    change(copied, "medicine_discount", edit)
    problems = "\n".join(found(copied))
    assert "source 'hearsay' is not in sources.yml" in problems


def test_structure_that_leads_nowhere(copied: Path) -> None:
    def edit(raw: dict[str, list[object]]) -> None:
        raw["advice"] = []
        raw["related"] = ["gold_mines"]

    change(copied, "vaccination", edit)
    assert found(copied) == [
        "vaccination.yml: nothing under how: the button would lead nowhere",
        "vaccination.yml: nothing under refused: the button would lead nowhere",
        "vaccination.yml: related topic 'gold_mines' does not exist",
    ]


def test_an_old_entry_is_a_warning_only(copied: Path) -> None:
    later = TODAY + timedelta(days=366)
    findings = check_content(later, None, copied / "entitlements", copied / "sources.yml")
    assert len(findings) == len(TOPICS)
    assert not any(finding.severe for finding in findings)


def test_topics_known_on_one_side_only() -> None:
    told = [str(f) for f in check_topics(["petition", "gold"], ["petition", "silver"])]
    assert told == [
        "silver.yml: NLU knows this topic, content does not",
        "gold.yml: NLU has no examples of this topic",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("topic: [", "not readable as UTF-8 YAML"),
        ("topic: other\n", "Field required"),
        ("just words", "valid dictionary"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "petition.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(ContentError, match=r"petition\.yml") as error:
        read_entitlement(path)
    assert told in str(error.value)


def test_a_file_named_otherwise_than_its_topic(tmp_path: Path) -> None:
    path = tmp_path / "other.yml"
    shutil.copy(FOLDER / "petition.yml", path)
    with pytest.raises(ContentError, match="the file says 'other'"):
        read_entitlement(path)


def test_numbers_and_months_are_read_as_figures() -> None:
    assert figures("1,500 ₮ in October 2024, 46.21%, 11-11") == {
        "1500",
        "10",
        "2024",
        "46.21",
        "11",
    }
    assert figures("60,000–150,000") == {"60000", "150000"}


def test_every_part_has_a_way_to_be_asked() -> None:
    assert {part for parts in ASKED.values() for part in parts} == set(Part)
