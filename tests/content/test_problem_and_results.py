"""Reporting a problem by all its ways, and what is told of a facility's results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from content.facilities import Facility
from conversations.events import Reported
from conversations.facts import (
    FacilitiesOf,
    FacilitiesWith,
    Indicator,
    ReportState,
    ReportStatus,
    ResultsOf,
    ResultsTold,
)
from conversations.messages import Kind
from tests.content.conversation import Citizen

AT = datetime(2026, 11, 20, tzinfo=UTC)
STORY = "Хүүхдүүдэд хүйтэн хоол өгч байна"
SCHOOLS = tuple(Facility(f"S{n}", f"{n}-р сургууль", "school", "2101") for n in range(9))


@pytest.fixture
def talk() -> Citizen:
    return Citizen(answers={FacilitiesOf: lambda _: SCHOOLS, ReportStatus: lambda _: None})


def reported(talk: Citizen) -> Reported:
    """What the last turn reported."""
    (event,) = [event for event in talk.turn_events if isinstance(event, Reported)]
    return event


# -- a problem --------------------------------------------------------------------------------


def test_a_facility_beyond_the_first_page_is_found_behind_more(talk: Citizen) -> None:
    talk.taps("pr:new:school_lunch")
    talk.says(STORY)
    assert "pr:f:7" not in talk.payloads
    talk.taps("pr:more")
    assert "pr:f:7" in talk.payloads
    talk.taps("pr:f:7")
    talk.taps("pr:send")
    assert reported(talk).facility == "S7"


def test_a_facility_that_is_not_listed_is_written_under_the_story(talk: Citizen) -> None:
    talk.taps("pr:new:school_lunch")
    talk.says(STORY)
    talk.says("Шинэ сургууль")
    talk.taps("pr:send")
    assert reported(talk).facility == ""
    assert reported(talk).text == f"{STORY}\n(Шинэ сургууль)"


@pytest.mark.parametrize("tapped", [True, False])
def test_the_facility_may_be_left_out(talk: Citizen, tapped: bool) -> None:
    talk.taps("pr:new:school_lunch")
    talk.says(STORY)
    talk.taps("pr:none") if tapped else talk.says("алгасах")
    assert "pr:send" in talk.payloads
    talk.says("тийм")
    assert (reported(talk).facility, reported(talk).text) == ("", STORY)


def test_no_at_the_end_sends_nothing(talk: Citizen) -> None:
    talk.taps("pr:new:school_lunch")
    talk.says(STORY)
    talk.taps("pr:none")
    assert "явуулсангүй" in talk.says("үгүй")
    assert not [event for event in talk.turn_events if isinstance(event, Reported)]


def test_what_is_added_before_sending_belongs_to_the_story(talk: Citizen) -> None:
    talk.taps("pr:new:school_lunch")
    talk.says(STORY)
    talk.taps("pr:none")
    talk.says("Бас хэмжээ нь бага")
    talk.taps("pr:send")
    assert reported(talk).text == f"{STORY}\nБас хэмжээ нь бага"


def test_a_question_instead_of_a_number_is_answered_as_one(talk: Citizen) -> None:
    talk.taps("pr:status")
    assert "1,500 ₮" in talk.says("үдийн хоол үнэгүй юу", "ask_entitlement/school_lunch")


def test_a_report_without_a_day_or_a_note_has_its_state_alone(talk: Citizen) -> None:
    talk.answers[ReportStatus] = lambda _: ReportState("seen", None)
    talk.taps("pr:status")
    told = talk.says("1234567890")
    assert "1234-567-890: хариуцсан хүн үзсэн" in told
    assert "20" not in told.split("үзсэн")[1].split("\n\n")[0]


# -- results ----------------------------------------------------------------------------------


def scored(number: int, mean: float | None, change: float | None = None) -> Indicator:
    return Indicator((("mn", f"Үзүүлэлт {number}"),), mean, change)


def told(*indicators: Indicator, **more: Any) -> ResultsTold:
    return ResultsTold("S1", "1-р сургууль", AT, 23, indicators, **more)


def test_results_name_the_best_the_worst_the_meeting_and_the_themes(talk: Citizen) -> None:
    result = told(
        *(scored(n, 1.0 + n / 2, 0.01) for n in range(8)), themes=("хүйтэн",), meeting=3.5
    )
    talk.answers[ResultsOf] = lambda _: result
    said = talk.taps("rs:f:S1")
    assert said.index("Үзүүлэлт 7") < said.index("Үзүүлэлт 0")
    assert "4.5" in said
    assert "+0.0" not in said, "so small a change is none"
    assert "хүйтэн" in said
    assert "3.5" in said


def test_a_result_of_too_few_shows_no_figure(talk: Citizen) -> None:
    talk.answers[ResultsOf] = lambda _: told(scored(1, None))
    said = talk.taps("rs:f:S1")
    assert "1-р сургууль" in said
    assert "23" not in said


def test_a_facility_without_results_says_so(talk: Citizen) -> None:
    talk.answers[ResultsOf] = lambda _: None
    assert "S1" in talk.taps("rs:f:S1")
    assert talk.payloads == ["go:menu"]


def test_where_there_is_nothing_in_the_soum_the_aimag_is_looked_at(talk: Citizen) -> None:
    asked = []

    def with_results(query: FacilitiesWith) -> tuple[tuple[str, str], ...]:
        asked.append(query.place)
        return (("S1", "1-р сургууль"), ("S2", "2-р сургууль")) if query.place == "21" else ()

    talk.answers[FacilitiesWith] = with_results
    talk.says("дүн ямар гарсан бэ", "ask_results")
    assert asked[:2] == ["2101", "21"]
    assert [p for p in talk.payloads if p.startswith("rs:f:")] == ["rs:f:S1", "rs:f:S2"]


def test_where_there_is_nothing_at_all_that_is_said(talk: Citizen) -> None:
    talk.answers[FacilitiesWith] = lambda _: ()
    said = talk.says("дүн ямар гарсан бэ", "ask_results")
    assert "Дорнод" in said
    assert not [p for p in talk.payloads if p.startswith("rs:f:")]


def test_a_button_that_names_no_facility_is_an_old_one(talk: Citizen) -> None:
    talk.answers[FacilitiesWith] = lambda _: ()
    assert talk.taps("rs:x:S1")
    assert all(frame.dialogue != "results" for frame in talk.state.stack)


# -- a place ----------------------------------------------------------------------------------


def test_a_place_is_reached_step_by_step_and_back(talk: Citizen) -> None:
    talk.taps("go:place")
    first = list(talk.payloads)
    talk.taps(next(p for p in talk.payloads if p.startswith("place:from-")))
    assert talk.payloads != first
    while any(p.startswith("place:from-") and p != "place:from-0" for p in talk.payloads):
        talk.taps(next(p for p in talk.payloads if p.startswith("place:from-")))
    assert "place:from-0" in talk.payloads
    talk.taps("place:from-0")
    assert talk.payloads == first
    talk.taps("place:in-65")
    assert any(p.startswith(("place:in-65", "place:is-65")) for p in talk.payloads)
    talk.says("буцах")
    assert talk.payloads == first


def test_skipping_within_an_aimag_takes_the_aimag(talk: Citizen) -> None:
    talk.taps("go:place")
    talk.taps("place:in-65")
    talk.says("алгасах")
    assert talk.state.place == "65"


def test_a_position_is_not_taken_for_a_place(talk: Citizen) -> None:
    talk.taps("go:place")
    said = talk.do(Kind.LOCATION, latitude=47.9, longitude=106.9)
    assert len(said) == 2
    assert talk.state.place == "2101"
    assert talk.taps("place:in-nowhere")
    assert talk.state.place == "2101"
