"""The survey as a conversation."""

from __future__ import annotations

from itertools import pairwise

import pytest

from conversations.facts import Understand
from conversations.state import State
from conversations.survey.preview import PreviewFacts
from nlu.understanding import Understanding
from tests.survey.forms import form
from tests.survey.talking import START, Talk

FORM = """
| survey |
| | type | name | label::Mongolian (mn) | label::English (en) | required | constraint | constraint_message::English (en) | relevant |
| | note | hello | Сайн уу | Hello there | | | | |
| | select_one score | care | Харилцаа | Care | | | | |
| | integer | times | Хэдэн удаа? | How many times? | yes | . < 100 | Fewer than 100, please. | |
| | select_multiple what | what | Юу? | What? | | | | |
| | text | why | Яагаад? | Why? | | | | ${care} = '1' |
| | geopoint | place | Хаана? | Where? | | | | |
| | image | photo | Зураг? | Photo? | | | | |
| choices |
| | list_name | name | label::Mongolian (mn) | label::English (en) |
| | score | 1 | 1 Муу | 1 Bad |
| | score | 2 | 2 Дунд | 2 Fair |
| | score | 3 | 3 Сайн | 3 Good |
| | what | bus | Автобус | Bus |
| | what | car | Машин | Car |
| | what | foot | Явган | On foot |
"""  # noqa: E501


@pytest.fixture
def talk() -> Talk:
    talk = Talk(form(FORM), "en")
    talk.taps("Start")
    return talk


def test_the_promise_comes_first_and_nothing_is_reported_before_the_start() -> None:
    talk = Talk(form(FORM), "en")
    assert "without your name" in talk.said
    assert talk.labels == ["Start", "Later"]
    assert talk.log == []
    talk.taps("Later")
    assert not talk.preview.is_open


def test_notes_stand_before_the_question_and_progress_with_it(talk: Talk) -> None:
    assert talk.said == "Hello there\n\n1/5 · Care"
    assert talk.labels == ["1 Bad", "2 Fair", "3 Good", "Skip"]


def test_an_answer_is_reported_before_the_next_question_is_asked(talk: Talk) -> None:
    talk.types("good")
    assert talk.case.values == {"care": "3"}
    kinds = [event.type for event in talk.events[-4:]]
    assert kinds.index("case") < kinds.index("said")


def test_two_numbers_are_asked_about_once(talk: Talk) -> None:
    talk.types("2-3")
    assert talk.said == "Which one do you mean?"
    assert talk.labels == ["2 Fair", "3 Good"]
    talk.taps("2 Fair")
    assert talk.case.values == {"care": "2"}


def test_asking_again_never_uses_the_same_words_and_then_shows_a_way_out(talk: Talk) -> None:
    heard = []
    for word in ("zebra", "giraffe", "lion", "tiger", "bear"):
        talk.types(word)
        heard.append(talk.said)
    assert all(one != other for one, other in pairwise(heard))
    assert "way" not in heard[0]
    assert "take a break" in heard[2]
    assert {"Previous question", "Take a break"} <= set(talk.labels)
    talk.types("3")
    assert talk.case.values == {"care": "3"}


def test_a_constraint_is_explained_in_the_forms_words(talk: Talk) -> None:
    talk.types("3")
    talk.types("1000")
    assert "Fewer than 100, please." in talk.said
    talk.types("skip")
    assert "needs an answer" in talk.said or "can't go on" in talk.said
    talk.types("twelve")
    assert talk.case.values["times"] == "12"


def test_several_answers_are_ticked_and_done(talk: Talk) -> None:
    talk.types("3")
    talk.types("5")
    talk.taps("▫️ Bus")
    assert "✅ Bus" in talk.labels
    talk.taps("▫️ On foot")
    talk.taps("✔️ Done")
    assert talk.case.values["what"] == "bus foot"


def test_several_answers_are_typed_at_once(talk: Talk) -> None:
    talk.types("3")
    talk.types("5")
    talk.types("1, car")
    assert talk.case.values["what"] == "bus car"


def test_a_place_and_a_picture_are_taken_and_others_are_not(talk: Talk) -> None:
    for reply in ("3", "5", "bus"):
        talk.types(reply)
    talk.shares(47.9, 106.9)
    assert talk.case.values["place"] == "47.9 106.9 0 0"
    talk.attaches("application/pdf")
    assert "picture" in talk.said
    talk.attaches("image/jpeg", 50_000_000)
    assert "20 MB" in talk.said
    talk.attaches("image/jpeg")
    assert talk.case.values["photo"] == "media-1"


def test_back_shows_the_answer_and_a_change_opens_what_depends_on_it(talk: Talk) -> None:
    talk.types("3")
    talk.types("back")
    assert "Your answer so far: 3 Good" in talk.said
    talk.types("bad")
    talk.types("5")
    talk.types("bus")
    assert "Why?" in talk.said
    assert [line.event for line in talk.log if line.event in ("back", "change")] == [
        "back",
        "change",
    ]


def test_an_old_button_changes_that_answer(talk: Talk) -> None:
    old = talk.choices[0].payload
    talk.types("3")
    talk.types("5")
    talk.presses(old)
    assert talk.case.values["care"] == "1"
    assert "What?" in talk.said


def test_a_pause_of_days_leads_back_to_the_same_question(talk: Talk) -> None:
    talk.types("3")
    talk.types("pause")
    talk.preview.state = State.from_document(talk.preview.state.to_document())
    talk.types("continue")
    assert "How many times?" in talk.said
    assert [line.event for line in talk.log][-3:] == ["pause", "resume", "question"]


def test_a_paused_survey_does_not_ask_on_its_own(talk: Talk) -> None:
    talk.types("pause")
    talk.types("menu")
    assert "Care" not in talk.said


def test_the_language_changes_in_the_middle(talk: Talk) -> None:
    talk.preview.state.locale = "mn"
    talk.types("3")
    assert "Хэдэн удаа?" in talk.said
    (line,) = [line for line in talk.log if line.event == "language"]
    assert (line.old, line.new) == ("en", "mn")


def _to_the_end(talk: Talk) -> None:
    for reply in ("3", "5", "bus", "skip", "skip"):
        talk.types(reply)


def test_the_summary_is_confirmed_and_the_case_complete(talk: Talk) -> None:
    _to_the_end(talk)
    assert "1. Care — 3 Good" in talk.said
    assert "5. Photo? — not answered" in talk.said
    assert talk.case.status == "partial"
    talk.taps("✅ Send")
    assert talk.case.status == "complete"
    assert talk.case.values == {"care": "3", "times": "5", "what": "bus"}
    assert talk.case.ended is not None
    assert talk.case.is_test
    assert not talk.preview.is_open


def test_a_line_of_the_summary_is_changed_by_its_number(talk: Talk) -> None:
    _to_the_end(talk)
    talk.types("2")
    assert "How many times?" in talk.said
    talk.types("7")
    assert "2. How many times? — 7" in talk.said


def test_leaving_keeps_what_was_answered(talk: Talk) -> None:
    talk.types("3")
    talk.types("pause")
    talk.taps("Leave the survey")
    assert talk.case.status == "break-off"
    assert talk.case.values == {"care": "3"}
    assert talk.case.last_node == "times"


def test_buttons_fit_every_channel(talk: Talk) -> None:
    for reply in ("3", "5", "bus", "skip", "skip"):
        assert all(len(choice.payload.encode()) <= 64 for choice in talk.choices)
        assert len(talk.choices) <= 10
        talk.types(reply)


def test_a_long_list_is_paged_and_searched() -> None:
    rows = "\n".join(f"| | soum | s{i} | Soum {i:02} |" for i in range(30))
    rows += "\n| | soum | tes | Тэс |"
    talk = Talk(form(f"""
        | survey |
        | | type | name | label |
        | | select_one soum | soum | Which soum? |
        | choices |
        | | list_name | name | label |
        {rows}"""), "en")  # fmt: skip
    talk.taps("Start")
    assert len(talk.choices) <= 8
    more = next(label for label in talk.labels if label.startswith("More"))
    talk.taps(more)
    assert "Soum 06" in talk.labels
    talk.types("tes")
    assert talk.case.values == {"soum": "tes"}


def test_paradata_has_times_retries_and_language(talk: Talk) -> None:
    talk.types("zebra")
    talk.types("3")
    answered = next(line for line in talk.log if line.event == "answer")
    assert (answered.node, answered.old, answered.new) == ("care", "", "3")
    assert (answered.retries, answered.locale) == (1, "en")
    assert answered.start is not None
    assert answered.end is not None
    assert answered.start < answered.end
    retried = next(line for line in talk.log if line.event == "retry")
    assert retried.new == "", "what was typed is not kept where analysts see it"


def test_a_question_in_the_middle_is_answered_and_the_survey_goes_on(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood = Understanding("ask_bot", 0.9, ranking=(("ask_bot", 0.9),))

    def know(facts: PreviewFacts, query: object) -> object:
        return understood if isinstance(query, Understand) else facts._form

    monkeypatch.setattr(PreviewFacts, "__getitem__", know)
    talk.types("who are you anyway?")
    assert len(talk.texts) == 2
    assert "1/5 · Care" in talk.texts[1]
    talk.types("3")
    assert talk.case.values == {"care": "3"}


def test_without_consent_nothing_is_asked_and_a_refusal_is_reported() -> None:
    talk = Talk(form(FORM), "en")
    talk.preview.state = State(locale="en")
    talk._note(talk.preview.begin(START))
    assert "consent" in talk.said
    talk.types("no")
    assert (talk.case.status, talk.case.place) == ("refused", "")
    assert talk.case.values == {}
    assert not talk.preview.is_open
