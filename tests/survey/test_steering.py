"""Words and buttons that steer a survey, at each of its steps."""

from __future__ import annotations

import pytest

from tests.survey.forms import form
from tests.survey.talking import Talk

FORM = """
| survey |
| | type | name | label | guidance_hint | constraint | constraint_message | required |
| | select_one yn | ever | Ever been? | | | | |
| | integer | all | All? | Count everybody. | | | |
| | integer | some | Some? | | . <= ${all} | No more than all. | |
| | rank what | order | In which order? | | | | |
| | select_multiple what | liked | Liked? | | | | |
| | acknowledge | seen | Seen? | | | | |
| choices |
| | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
| | what | bus | Bus |
| | what | car | Car |
| | what | foot | Foot |
"""
REPEAT = """
| survey |
| | type | name | label |
| | begin_repeat | child | Child |
| | text | name | Name? |
| | end_repeat | | |
"""


def begun(markdown: str = FORM) -> Talk:
    talk = Talk(form(markdown), "en")
    talk.taps("Start")
    return talk


def at_the_summary() -> Talk:
    """All is answered, and is shown to be confirmed."""
    talk = begun()
    for reply in ("No", "10", "8", "skip", "skip", "skip"):
        talk.types(reply)
    assert "✅ Send" in talk.labels
    return talk


@pytest.mark.parametrize(("word", "goes_on"), [("yes", True), ("continue", True), ("no", False)])
def test_the_promise_is_answered_in_words_as_well(word: str, goes_on: bool) -> None:
    talk = Talk(form(FORM), "en")
    talk.types(word)
    assert talk.preview.is_open is goes_on
    assert ("Ever been?" in talk.said) is goes_on


def test_a_control_word_that_is_a_choice_is_the_answer() -> None:
    talk = begun()
    talk.types("no")
    assert talk.case.values == {"ever": "n"}


def test_back_at_the_first_question_says_so() -> None:
    talk = begun()
    talk.types("back")
    assert talk.texts[0] == "This is the first question."
    assert "Ever been?" in talk.texts[-1]


def test_help_is_the_forms_own_guidance_where_it_has_one() -> None:
    talk = begun()
    talk.types("help")
    assert "Count everybody." not in talk.said
    talk.types("no")
    talk.types("help")
    assert talk.texts[0] == "Count everybody."
    assert "All?" in talk.texts[1]


def test_the_skip_button_skips_but_never_drops_an_answer() -> None:
    talk = begun()
    skip = next(choice.payload for choice in talk.choices if choice.label == "Skip")
    talk.presses(skip)
    assert "All?" in talk.said
    talk.types("back")
    talk.types("no")
    talk.presses(skip)
    assert talk.case.values == {"ever": "n"}


def test_the_last_of_a_ranking_needs_no_tap() -> None:
    talk = begun()
    for reply in ("No", "10", "8"):
        talk.types(reply)
    for label in ("Foot", "Bus"):
        talk.taps(next(one for one in talk.labels if label in one))
    assert talk.case.values["order"] == "foot bus car"


def test_a_tick_is_taken_back_and_none_at_all_is_a_skip() -> None:
    talk = begun()
    for reply in ("No", "10", "8", "skip"):
        talk.types(reply)
    talk.taps("▫️ Bus")
    done = next(choice.payload for choice in talk.choices if choice.label == "✔️ Done")
    talk.taps("✅ Bus")
    assert "▫️ Bus" in talk.labels
    talk.presses(done)
    assert "Seen?" in talk.said
    assert "liked" not in talk.case.values


def test_what_was_to_be_read_is_acknowledged() -> None:
    talk = begun()
    for reply in ("No", "10", "8", "skip", "skip"):
        talk.types(reply)
    assert "Seen?" in talk.said
    talk.presses(talk.choices[0].payload)
    assert talk.case.values["seen"] == "OK"


def test_another_one_is_added_and_not_added_by_buttons() -> None:
    talk = begun(REPEAT)
    talk.types("Bat")
    talk.taps("Yes")
    talk.types("Tuya")
    assert talk.case.values == {"child[1]/name": "Bat", "child[2]/name": "Tuya"}
    talk.taps("No")
    assert "✅ Send" in talk.labels


def test_a_button_of_a_choice_that_is_not_there_asks_again() -> None:
    talk = begun()
    tag, _, rest = talk.choices[0].payload.rpartition(":")
    talk.presses(f"{tag}:99")
    assert rest != "99"
    assert talk.texts[0] == "That button doesn't apply any more."
    assert "Ever been?" in talk.texts[-1]
    talk.presses("sv:other:ever:0")
    assert talk.texts


def test_a_button_of_a_paused_survey_takes_it_up_again() -> None:
    talk = begun()
    no = next(choice.payload for choice in talk.choices if choice.label == "No")
    talk.types("pause")
    talk.presses(no)
    assert talk.case.values == {"ever": "n"}
    assert "resume" in [line.event for line in talk.log]
    assert "All?" in talk.said


@pytest.mark.parametrize(
    ("word", "said"),
    [("no", "Write the number of the answer"), ("back", "Seen?"), ("pause", "")],
)
def test_the_summary_is_answered_in_words_as_well(word: str, said: str) -> None:
    talk = at_the_summary()
    talk.types(word)
    assert said in talk.said
    assert talk.case.status == "partial"


def test_yes_to_the_summary_sends_it() -> None:
    talk = at_the_summary()
    talk.types("yes")
    assert talk.case.status == "complete"


def test_a_number_that_is_no_line_of_the_summary_changes_nothing() -> None:
    talk = at_the_summary()
    talk.types("99")
    assert talk.preview.is_open
    assert talk.case.values == {"ever": "n", "all": "10", "some": "8"}
    talk.types("skip")
    assert talk.case.status == "partial"


def test_what_no_longer_fits_is_asked_again_before_it_is_sent() -> None:
    talk = at_the_summary()
    talk.types("2")
    talk.types("5")
    talk.taps("✅ Send")
    assert "One answer no longer fits the others. No more than all." in talk.said
    assert "Some?" in talk.said
    talk.types("4")
    talk.taps("✅ Send")
    assert talk.case.status == "complete"
    assert talk.case.values["some"] == "4"
