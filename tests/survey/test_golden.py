"""The five templates talked through in Mongolian and English, as transcripts to read.

After a wanted change of words: `ONOO_WRITE_GOLDEN=1 pytest tests/survey/test_golden.py`,
then read the difference as an interviewer would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conversations.survey import authoring
from tests.survey.talking import Talk

GOLDEN = Path(__file__).parent / "golden"
SURVEYS = Path(__file__).parents[2] / "content" / "surveys"
TEMPLATES = ("health_centre", "school", "kindergarten", "dormitory", "citizen_report_card")

# What a citizen replies, in turn: words, figures, galig, a mistake, a change of mind.
REPLIES = {
    "mn": {
        "score": ["tav", "сайн", "3-4", "4", "удаан", "дунд", "маш сайн", "mash muu", "2", "🙂"],
        "number": ["хорин", "5", "50 мянга"],
        "text": ["Хүлээлгийг багасгамаар байна.", "Цагтаа ажилладаг болгох."],
        "back": "буцах", "pause": "завсарлах", "go": "үргэлжлүүлэх", "skip": "алгасах",
    },
    "en": {
        "score": ["five", "good", "3-4", "4", "slow", "fair", "very good", "very poor", "2", "🙂"],
        "number": ["twenty", "5", "50,000"],
        "text": ["The waiting should be shorter.", "Keep to the opening hours."],
        "back": "back", "pause": "pause", "go": "continue", "skip": "skip",
    },
}  # fmt: skip


def talk_through(name: str, locale: str) -> Talk:
    """One citizen's whole conversation about a template."""
    talk = Talk(authoring.compile(SURVEYS / f"{name}.xlsx").compile(), locale)
    replies = REPLIES[locale]
    talk.taps(talk.labels[0])
    asked, scores, texts = 0, 0, 0
    while talk.preview.is_open:
        asked += 1
        assert asked < 100, talk.transcript
        codes = [choice.payload.rpartition(":")[2] for choice in talk.choices]
        if "send" in codes:
            talk.taps(talk.labels[codes.index("send")])
        elif asked == 6:
            talk.types(replies["back"])
            talk.taps(talk.labels[-1])
            talk.types(replies["pause"])
            talk.types(replies["go"])
        elif "d" in codes:
            talk.taps(talk.labels[0])
            talk.taps(talk.labels[codes.index("d")])
        elif any(label.startswith("5 ") for label in talk.labels):
            talk.types(replies["score"][scores % len(replies["score"])])
            scores += 1
        elif codes == ["s"]:
            kind = "text" if "?" in talk.said and not _wants_number(talk) else "number"
            talk.types(replies[kind][texts % len(replies[kind])])
            texts += 1
        else:
            talk.taps(talk.labels[0])
    return talk


def _wants_number(talk: Talk) -> bool:
    how = ("Тоогоор", "Write a number", "тоогоор", "number", "minutes", "минут")
    return any(word in talk.said for word in how)


@pytest.mark.parametrize("locale", ["mn", "en"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_the_interview_reads_as_agreed(name: str, locale: str) -> None:
    talk = talk_through(name, locale)
    assert talk.case.status == "complete"
    path = GOLDEN / f"{name}.{locale}.txt"
    if os.environ.get("ONOO_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(talk.transcript, "utf-8")
    assert talk.transcript == path.read_text("utf-8")


@pytest.mark.parametrize("path", sorted(SURVEYS.glob("*.md")), ids=lambda path: path.stem)
def test_every_workbook_is_its_source_and_passes_the_checks(path: Path) -> None:
    from conversations.survey import checks, workbook

    report = checks.check(path.with_suffix(".xlsx"))
    assert report.passed
    assert [finding.code for finding in report.findings] == []
    assert report.source is not None
    assert report.source.version == authoring.compile(path).version
    assert {"mn", "en"} <= set(report.source.titles)
    assert workbook.build(path) == path.with_suffix(".xlsx")


@pytest.mark.parametrize("name", TEMPLATES)
def test_background_questions_are_voluntary_and_offer_not_to_say_first(name: str) -> None:
    form = authoring.compile(SURVEYS / f"{name}.xlsx").compile()
    background = [node for node in form.questions if node.path.startswith("about_you/")]
    assert [node.name for node in background] == [
        "sex", "age_group", "disability", "herder", "low_income",
    ]  # fmt: skip
    talk = Talk(form, "en")
    for node in background:
        spot = next(s for s in _walk(talk).spots() if s.node is node)
        assert _walk(talk).options(spot)[0].name == "refused"
        assert node.required is None


def _walk(talk: Talk):  # type: ignore[no-untyped-def]
    from conversations.survey.case import Case
    from conversations.survey.interpreter import Walk
    from tests.survey.talking import START

    frame = talk.preview.state.stack[-1]
    facts = talk.preview._facts
    return Walk(facts._form, Case.from_document(frame.data["case"]), START)
