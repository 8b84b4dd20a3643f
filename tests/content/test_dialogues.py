"""Entitlements, budgets, projects, reports and letters in conversation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from content.budgets import BudgetLine, BudgetSummary, summarise, totals
from content.facilities import Facility
from conversations.events import Reported
from conversations.facts import (
    BudgetOf,
    ChartPicture,
    FacilitiesOf,
    LetterFile,
    ReportState,
    ReportStatus,
)
from conversations.state import State
from tests.content.conversation import FILE, PICTURE, Citizen
from tests.content.transcripts import schools


@pytest.fixture
def talk() -> Citizen:
    return Citizen(
        answers={BudgetOf: schools, FacilitiesOf: lambda _: (), ReportStatus: lambda _: None}
    )


# -- entitlements -----------------------------------------------------------------------------


def test_an_answer_its_parts_and_follow_ups(talk: Citizen) -> None:
    told = talk.says("үдийн хоол үнэгүй юу", "ask_entitlement/school_lunch")
    assert "1,500 ₮" in told
    assert len(talk.messages) <= 3
    assert talk.state.topic == "school_lunch"
    assert "өрх" not in talk.taps("en:school_lunch:who")
    assert "Цэцэрлэг" in talk.says("цэцэрлэгт бол?")
    assert talk.state.topic == "kindergarten"
    assert "4,000 ₮" in talk.says("хэд вэ")
    assert "iNews" in talk.says("эх сурвалж нь юу вэ")
    assert "11-11" in talk.says("өгөхгүй бол яах вэ")
    assert talk.payloads[:3] == [
        "en:complaint_channels:what",
        "pr:new:kindergarten",
        "le:petition:kindergarten",
    ]


def test_topics_by_buttons(talk: Citizen) -> None:
    talk.taps("go:entitlement")
    assert talk.payloads[:3] == ["en:sector:education", "en:sector:health", "en:sector:rights"]
    talk.taps("en:sector:health")
    assert "en:vaccination:what" in talk.payloads
    assert "ХПВ" in talk.taps("en:vaccination:what")
    talk.taps("en:vaccination:related")
    assert "en:primary_care:what" in talk.payloads


def test_old_and_forged_buttons_do_no_harm(talk: Citizen) -> None:
    for payload in (
        "en:gold:what",
        "en:petition:gold",
        "en:",
        "en:sector:gold",
        "bu:at:xx",
        "ld:x",
    ):
        assert talk.taps(payload)
    for payload in (
        "bu:at:2101:20x4:::",
        "ld:at:1104:x",
        "pr:f:9",
        "pr:send",
        "le:to:king",
        "pr:x",
    ):
        assert talk.taps(payload)


def test_english(talk: Citizen) -> None:
    talk.state = State(locale="en", consent="given", place="2101")
    assert "1,500 ₮" in talk.says("is school lunch free", "ask_entitlement/school_lunch")
    assert "Kindergarten" in talk.says("and for kindergarten?")
    assert "5,100 ₮" in talk.says("how much is it?")


# -- budgets ----------------------------------------------------------------------------------


def test_a_budget_with_plan_execution_change_and_picture(talk: Citizen) -> None:
    told = talk.says("манай сургуулийн төсөв", "ask_budget", sector="education", facility="school")
    assert "Хэрлэн сумын сургуулийн төсөв, 2024 он" in told
    assert "Батлагдсан: 1.5 тэрбум ₮" in told
    assert "Өмнөх жилээс 14% их" in told
    assert "Нэг сурагчид: 1.8 сая ₮ (812 сурагч)" in told
    assert "1. Цалин хөлс: 1.2 тэрбум ₮" in told
    assert "Шилэн данс. Мэдээллийн огноо: 2024.12.31" in told
    assert talk.messages[0].picture == PICTURE
    drawn = talk.fact(ChartPicture)
    assert drawn.chart.labels == ("2022", "2023", "2024")
    assert drawn.chart.series[1].values == (1_139_944_000, 1_253_938_400, None)


def test_follow_ups_about_money(talk: Citizen) -> None:
    talk.says("манай сургуулийн төсөв", "ask_budget", facility="school")
    assert "2023 он" in talk.says("өмнөх жилд?")
    assert "Зарцуулсан: 1,253,938,400 ₮" in talk.says("яг хэд вэ")
    assert "2022 он" in talk.says("2022 онд?")
    assert "цэцэрлэгийн" in talk.says("цэцэрлэгийн?")


def test_a_year_that_is_not_loaded(talk: Citizen) -> None:
    told = talk.says("2010 оны төсөв", "ask_budget", year=2010)
    assert "2010 оных надад алга. 2024 оныхыг харуулъя." in told


def test_where_nothing_is_loaded_we_say_so_and_how_to_ask(talk: Citizen) -> None:
    told = talk.says("Ховд аймгийн төсөв", "ask_budget", places=("84",))
    assert "надад хараахан алга" in told
    assert "Шилэн дансны тухай хууль, 2014 он" in told
    assert "le:information:glass_account" in talk.payloads


def test_a_bag_has_the_budget_of_its_soum(talk: Citizen) -> None:
    talk.state.place = "210151"
    assert "Хэрлэн" in talk.says("төсөв", "ask_budget")


def test_a_shared_name_is_asked_about(talk: Citizen) -> None:
    talk.says("Сүхбаатарын төсөв", "ask_budget", ambiguous=("22", "1119"))
    assert talk.payloads == ["bu:at:22", "bu:at:1119"]
    assert "Сүхбаатар дүүргийн" in talk.taps("bu:at:1119")


def test_without_a_place_it_is_asked_for_once(talk: Citizen) -> None:
    talk.state.place = ""
    talk.says("төсөв хэд вэ", "ask_budget")
    assert talk.state.stack[-1].dialogue == "place"
    assert "нэрээр нь бичээрэй" in talk.taps("place:skip")


def test_made_up_figures_are_marked_on_every_answer(talk: Citizen) -> None:
    def made_up(query: BudgetOf) -> BudgetSummary | None:
        line = BudgetLine(2024, "2101", "approved", 5_000_000, "Зардал", "x", "2024-12-31")
        return summarise(query, totals([line]), demonstration=True)

    talk.answers[BudgetOf] = made_up
    assert "ЖИШЭЭ: энэ тоо бодит биш" in talk.says("төсөв", "ask_budget")
    drawn = talk.fact(ChartPicture)
    assert drawn.chart.warning == "ЖИШЭЭ"
    assert "ЖИШЭЭ" in talk.taps("bu:at:2101:2024:::exact")


# -- the Local Development Fund ---------------------------------------------------------------


def test_what_was_built(talk: Citizen) -> None:
    told = talk.says(
        "2014 онд Багахангайд юу барьсан бэ", "ask_ldf_projects", places=("1104",), year=2014
    )
    assert "Багахангай дүүрэгт 2014 онд" in told
    assert "4 төсөл" in told
    assert "Засвар (байрны дулаалга), 2-р хороо: 170 сая ₮" in told
    assert "The Asia Foundation" in told
    assert talk.messages[0].picture == PICTURE
    assert "9 төсөл" in talk.says("2013 онд?")
    assert "312,268,232 ₮" in talk.says("яг хэд вэ")
    assert "2020 оных надад алга" in talk.says("2020 онд?")


def test_a_long_list_has_more_pages(talk: Citizen) -> None:
    talk.taps("ld:at:1104::0")
    assert talk.payloads[0] == "ld:at:1104::12"
    assert "13. " in talk.taps("ld:at:1104::12")


def test_projects_elsewhere_are_not_known(talk: Citizen) -> None:
    assert "зөвхөн Улаанбаатарын есөн дүүргийн" in talk.says("ОНХС?", "ask_ldf_projects")
    assert "le:information:budget_participation" in talk.payloads


# -- reporting a problem ----------------------------------------------------------------------


def test_a_problem_is_reported_and_asked_about_later(talk: Citizen) -> None:
    school = Facility("S1", "1-р сургууль", "school", "2101")
    talk.answers[FacilitiesOf] = lambda query: (school,) if "school" in query.kinds else ()
    talk.taps("pr:new:school_lunch")
    talk.says("Хүүхдүүдэд хүйтэн хоол өгч байна")
    assert talk.payloads == ["pr:f:0", "pr:none"]
    assert "1-р сургууль" in talk.taps("pr:f:0")
    told = talk.taps("pr:send")
    (event,) = [event for event in talk.turn_events if isinstance(event, Reported)]
    assert (event.topic, event.place, event.facility) == ("school_lunch", "2101", "S1")
    assert event.text == "Хүүхдүүдэд хүйтэн хоол өгч байна"
    assert len(event.reference) == 10
    assert f"{event.reference[:4]}-{event.reference[4:7]}-{event.reference[7:]}" in told


def test_a_story_that_was_understood_is_not_asked_for_again(talk: Citizen) -> None:
    told = talk.says("манай сургууль маш хүйтэн байна", "report_problem", facility="school")
    assert "«манай сургууль маш хүйтэн байна»" in told
    assert "pr:send" in talk.payloads
    talk.taps("pr:edit")
    assert "«Анги хүйтэн, гал түлэхгүй»" in talk.says("Анги хүйтэн, гал түлэхгүй")
    assert "явуулсангүй" in talk.taps("pr:drop")
    assert not [event for event in talk.turn_events if isinstance(event, Reported)]


def test_nothing_is_kept_without_consent(talk: Citizen) -> None:
    talk.state.consent = "refused"
    talk.taps("pr:new:")
    talk.says("Эмч ажил дээрээ алга, удаан хүлээлгэлээ")
    assert talk.state.stack[-1].dialogue == "consent"
    assert "хадгалахгүй" in talk.taps("consent:no")
    assert "en:complaint_channels:what" in talk.payloads
    talk.taps("pr:new:")
    talk.says("Эмч ажил дээрээ алга, удаан хүлээлгэлээ")
    talk.taps("consent:yes")
    assert "pr:send" in talk.payloads


def test_what_became_of_a_report(talk: Citizen) -> None:
    state = ReportState("seen", datetime(2026, 11, 20, tzinfo=UTC), note="Сургуульд очиж шалгана.")
    talk.answers[ReportStatus] = lambda query: state if query.reference == "1234567890" else None
    talk.taps("pr:status")
    assert "10 оронтой" in talk.says("123")
    assert "дугаартай мэдээлэл алга" in talk.says("9999-999-999")
    told = talk.says("1234-567-890")
    assert "1234-567-890: хариуцсан хүн үзсэн" in told
    assert "2026.11.20" in told
    assert "Сургуульд очиж шалгана." in told


# -- letters ----------------------------------------------------------------------------------


def test_a_letter_from_the_citizen_s_own_words(talk: Citizen) -> None:
    talk.taps("le:information:school_fees")
    assert "le:to:school" in talk.payloads
    talk.taps("le:to:school")
    talk.says("Ангийн мөнгийг юунд зарцуулсан бэ")
    talk.says("Б.Өлзий")
    told = talk.taps("le:skip")
    assert "МЭДЭЭЛЭЛ АВАХ ХҮСЭЛТ" in told
    assert "Хэнд: Хэрлэн сумын сургуулийн захирал" in told
    assert "Ангийн мөнгийг юунд зарцуулсан бэ" in told
    talk.taps("le:pdf")
    assert talk.messages[-1].document == FILE
    asked = talk.fact(LetterFile)
    assert asked.letter.sender == "Б.Өлзий"


def test_a_letter_is_no_file_without_consent(talk: Citizen) -> None:
    talk.state.consent = ""
    talk.taps("le:petition:")
    for words in ("Засаг дарга", "Зам эвдэрсэн", "Бат", "Хаяг"):
        talk.says(words)
    assert "le:pdf" in talk.payloads
    talk.taps("le:pdf")
    assert "хуулж авч болно" in talk.taps("consent:no")
    assert not [message for message in talk.messages if message.document]
    talk.taps("le:pdf")
    talk.taps("consent:yes")
    assert talk.messages[-1].document == FILE


def test_back_and_skip_in_a_letter(talk: Citizen) -> None:
    talk.taps("le:petition:")
    talk.says("Засаг дарга")
    talk.says("Зам эвдэрсэн")
    assert "Юу болсон" in talk.says("буцах")
    talk.says("Гүүр эвдэрсэн")
    talk.says("алгасах")
    assert "Гүүр эвдэрсэн" in talk.says("алгасах")


# -- words that no label covers ---------------------------------------------------------------


def test_what_is_not_understood_is_searched_for(talk: Citizen) -> None:
    assert "алийг асуув" in talk.says("сахуугийн тариа")
    assert talk.payloads[0] == "en:vaccination:what"
    assert "Сахуу" in talk.taps("en:vaccination:what")


def test_what_is_out_of_scope_is_not_searched_for(talk: Citizen) -> None:
    assert "алийг асуув" not in talk.says("тэтгэврийн сахуу", "out_of_scope")
    assert "алийг асуув" not in talk.says("цаг агаар")
