"""The engine: never silent, never a dead end, never the same words twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.events import CaseChanged, Erased, Heard, Profiled
from conversations.facts import Known, KnownAboutMe, OpenSurveys, SurveyOffer, Understand
from conversations.messages import Kind
from conversations.state import State
from conversations.survey.authoring import compile as compile_workbook
from conversations.survey.form import FormVersion
from nlu.understanding import Understanding
from tests.world.conversation import Conversation, labels, words

ROOT = Path(__file__).parents[2]


def understood(intent: str, confidence: float = 0.95, **more: Any) -> Any:
    ranking = more.pop("ranking", ((intent, confidence),))
    return lambda _: Understanding(intent, confidence, ranking, model="m1", **more)


def test_the_welcome_asks_language_then_consent_then_place() -> None:
    citizen = Conversation()
    assert labels(citizen.join()) == ["Монгол", "English", "Қазақша"]
    assert "Зөвшөөрч байна" in labels(citizen.tap("lang:mn"))
    assert "аймаг" in words(citizen.tap("consent:yes"))
    assert "Танд юугаар" in words(citizen.tap("place:skip"))


@pytest.mark.parametrize("locale", ["mn", "en", "kk"])
def test_menus_and_consent_speak_each_language(locale: str) -> None:
    citizen = Conversation()
    citizen.join()
    first = words(citizen.tap(f"lang:{locale}"))
    sign = {"mn": "Сайн байна уу", "en": "Hello", "kk": "Сәлеметсіз"}[locale]
    assert sign in first
    assert words(citizen.tap("consent:more"))


def test_without_consent_information_is_open_and_nothing_is_profiled_as_agreed() -> None:
    citizen = Conversation().welcomed(consent="no")
    agreed = [e for e in citizen.events if isinstance(e, Profiled) and "consent" in e.changes]
    assert agreed == []
    assert "Цэс" in labels(citizen.write("сонин асуулт"))


def test_a_question_typed_first_is_answered_after_the_welcome() -> None:
    citizen = Conversation(resolvers={Understand: understood("ask_entitlement/school_lunch")})
    citizen.write("сургуулийн хоол үнэгүй юу")
    citizen.tap("lang:mn")
    answer = words(citizen.tap("consent:no"))
    assert "хоол" in answer


@pytest.mark.parametrize(
    "typed", ["Хөвсгөл", "khuvsgul", "huvsgul", "хувсгул", "Hovsgol aimag", "Хөвсгөл аймаг"]
)
def test_an_aimag_is_found_however_it_is_typed(typed: str) -> None:
    citizen = Conversation()
    citizen.join()
    citizen.tap("lang:mn")
    citizen.tap("consent:yes")
    assert "Хөвсгөл аймаг" in words(citizen.write(typed))


def test_a_shared_name_is_asked_about_and_the_choice_is_kept() -> None:
    citizen = Conversation()
    citizen.join()
    citizen.tap("lang:mn")
    citizen.tap("consent:yes")
    offered = labels(citizen.write("Тариалан"))
    assert {"Увс аймаг, Тариалан сум", "Хөвсгөл аймаг, Тариалан сум"} <= set(offered)
    citizen.press("Увс аймаг, Тариалан сум")
    citizen.press("Ингээд болно")
    assert citizen.state.place == "8546" or citizen.state.place.startswith("85")
    assert any(
        isinstance(e, Profiled) and e.changes.get("place") == citizen.state.place
        for e in citizen.events
    )


def test_an_aimag_named_with_its_soum_decides_a_shared_name() -> None:
    citizen = Conversation()
    citizen.join()
    citizen.tap("lang:mn")
    citizen.tap("consent:yes")
    assert "Увс аймаг, Тариалан сум" in words(citizen.write("Увс Тариалан"))


@pytest.mark.parametrize(("intent", "answered"), [("ask_ldf_projects", True), ("greet", False)])
def test_a_question_about_a_place_is_no_answer_to_where(intent: str, answered: bool) -> None:
    citizen = Conversation(resolvers={Understand: understood(intent)})
    citizen.join()
    citizen.tap("lang:mn")
    citizen.tap("consent:yes")
    told = words(citizen.write("2014 онд Багахангай дүүрэгт юу барьсан бэ"))
    assert ("Яг хаана вэ" not in told) == answered


@pytest.mark.parametrize("typed", ["цэс", "tses", "/menu", "menu", "ЦЭС", "меню", "мэнү"])
def test_control_words_work_in_any_hand(typed: str) -> None:
    citizen = Conversation().welcomed()
    assert "Танд юугаар" in words(citizen.write(typed))


def test_stop_and_resume_take_effect_at_once() -> None:
    citizen = Conversation().welcomed()
    citizen.write("зогсоо")
    assert citizen.state.stopped
    citizen.press("🔔")
    assert not citizen.state.stopped


def test_what_is_known_is_told_and_erased() -> None:
    citizen = Conversation(
        resolvers={KnownAboutMe: lambda _: Known(counts=(("cases", 3), ("events", 40)))}
    ).welcomed()
    assert "40" in words(citizen.write("миний мэдээлэл"))
    citizen.press("🗑")
    said = citizen.press("Тийм, устга")
    assert "устгалаа" in words(said)
    assert isinstance(citizen.events[-2], Erased)
    assert citizen.state.consent == ""
    assert citizen.state.place == ""


def test_language_may_change_at_any_time() -> None:
    citizen = Conversation().welcomed()
    citizen.write("english")
    citizen.write("хэл")
    assert "English" in words(citizen.tap("lang:en"))
    assert "How can I help" in words(citizen.write("menu"))


def test_two_close_intents_are_both_offered() -> None:
    ranking = (("ask_entitlement/school_lunch", 0.45), ("ask_entitlement/school_fees", 0.40))
    citizen = Conversation(
        resolvers={Understand: understood(ranking[0][0], 0.45, ranking=ranking)}
    ).welcomed()
    offered = labels(citizen.write("хоолны мөнгө"))
    assert offered[:2] == ["Сургуулийн хоол", "Сургуулийн төлбөр хураамж"]
    assert "хоол" in words(citizen.press("Сургуулийн хоол"))


def test_what_is_not_understood_twice_leads_to_a_person() -> None:
    citizen = Conversation(resolvers={Understand: understood("greet", 0.1)}).welcomed()
    first, second = words(citizen.write("блабла")), words(citizen.write("блаблабла"))
    assert first != second
    assert "11-11" in second


def test_intent_confidence_and_model_are_logged() -> None:
    citizen = Conversation(resolvers={Understand: understood("thank")}).welcomed()
    citizen.write("баярлалаа шүү")
    heard = [event for event in citizen.events if isinstance(event, Heard)][-1]
    assert (heard.intent, heard.confidence, heard.model) == ("thank", 0.95, "m1")


def test_the_same_text_again_never_brings_only_the_same_words() -> None:
    citizen = Conversation().welcomed()
    assert words(citizen.write("аа")) != words(citizen.write("аа"))


@pytest.mark.parametrize("paused", [False, True])
def test_a_survey_chosen_again_goes_on_where_it_was(paused: bool) -> None:
    source = compile_workbook(ROOT / "content" / "surveys" / "health_centre.xlsx")
    offer = SurveyOffer(source.version, source.form_id, tuple(source.titles.items()))
    citizen = Conversation(
        resolvers={OpenSurveys: lambda _: (offer,), FormVersion: lambda _: source.compile()}
    ).welcomed()
    citizen.write("үнэлгээ")
    citizen.tap("place:skip")
    citizen.press("Эхлэх")
    citizen.press("Тийм")
    if paused:
        citizen.write("завсарлая")
    citizen.write("цэс")
    said = citizen.press("⭐")
    assert any(message.text.startswith("2/") or "\n\n2/" in message.text for message in said)
    cases = {event.case for event in citizen.events if isinstance(event, CaseChanged)}
    assert len(cases) == 1, "one run, not two"


def test_an_old_button_is_no_dead_end() -> None:
    citizen = Conversation().welcomed()
    assert labels(citizen.tap("nonsense:1"))


def test_leaving_and_returning_is_noted_without_a_word() -> None:
    citizen = Conversation().welcomed()
    assert citizen.do(Kind.LEFT) == []
    assert citizen.state.left
    assert citizen.do(Kind.RETURNED) == []
    assert not citizen.state.left
    noted = [event for event in citizen.events if isinstance(event, Profiled)][-2:]
    assert noted == [Profiled({"left": True}), Profiled({"left": False})]


def test_who_writes_again_is_no_longer_gone() -> None:
    citizen = Conversation().welcomed()
    citizen.do(Kind.LEFT)
    citizen.write("цэс")
    assert not citizen.state.left


ACTIONS = st.one_of(
    st.tuples(st.just("write"), st.text(max_size=60)),
    st.tuples(
        st.just("write"),
        st.sampled_from(
            [
                "буцах",
                "алгасах",
                "цэс",
                "зогс",
                "тусламж",
                "хэл",
                "тийм",
                "үгүй",
                "Ховд",
                "3",
                "намайг март",
                "миний мэдээлэл",
                "тохиргоо",
                "үргэлжлүүлэх",
                "/start",
                "/stop",
            ]
        ),
    ),
    st.tuples(st.just("press"), st.integers(0, 12)),
    st.tuples(st.just("tap"), st.text(max_size=30)),
    st.tuples(st.just("join"), st.sampled_from(["", "abc", "health_centre"])),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTIONS, max_size=25))
def test_whatever_a_citizen_does_the_bot_answers(actions: list[tuple[str, Any]]) -> None:
    citizen = Conversation()
    citizen.join()
    for action, what in actions:
        if action == "press":
            buttons = [c for m in citizen.screen[-3:] for c in m.choices]
            said = citizen.tap(buttons[what % len(buttons)].payload) if buttons else ["-"]
        else:
            said = getattr(citizen, action)(what)
        assert said, (action, what)
        assert len(citizen.state.stack) <= 6
        for message in said:
            if message != "-":
                assert message.text.strip()
                assert len(message.choices) <= 11
                assert all(len(c.payload.encode()) <= 64 for c in message.choices)


def test_a_state_survives_storage() -> None:
    citizen = Conversation().welcomed()
    citizen.write("тохиргоо")
    assert State.from_document(citizen.state.to_document()) == citizen.state
