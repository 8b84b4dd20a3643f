"""Invitations in a conversation: followed, declined, closed; results and promises asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from conversations.events import CaseChanged, Disputed, Invited
from conversations.facts import (
    CommitmentsOf,
    FacilitiesOf,
    FacilitiesWith,
    Indicator,
    Invite,
    OpenInvitation,
    OpenSurveys,
    Promise,
    Referral,
    ResultsOf,
    ResultsTold,
    SurveyOffer,
    Understand,
)
from conversations.survey.form import FormVersion
from conversations.survey.xform import compile_form
from locales import text
from nlu.understanding import Understanding
from tests.world.conversation import Conversation, labels, words

INVITE = Invite("camp1", "clinic-1", facility="f1")
AT = datetime(2026, 11, 20, tzinfo=UTC)


def form() -> object:
    """A form of one question."""
    xml = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Clinic</h:title><model><instance><data id="clinic"><q/></data></instance>
<bind nodeset="/data/q" type="int"/></model></h:head>
<h:body><input ref="/data/q"><label>How many?</label></input></h:body></h:html>"""
    return compile_form(xml, {}, "clinic-1")


@pytest.fixture
def talk() -> Conversation:
    found = {"inv:camp1": INVITE, "c123": INVITE}
    compiled = form()
    return Conversation(
        resolvers={
            Referral: lambda query: found.get(query.payload),
            OpenInvitation: lambda _: "camp1",
            FormVersion: lambda _: compiled,
            FacilitiesOf: lambda _: (),
            FacilitiesWith: lambda query: (("f1", "Өрхийн эмнэлэг"),),
            ResultsOf: lambda _: ResultsTold(
                "f1", "Өрхийн эмнэлэг", AT, 23, (Indicator((("mn", "Хүлээлт"),), 2.4, -0.5),)
            ),
            CommitmentsOf: lambda _: (
                "Өрхийн эмнэлэг",
                (Promise("p1", "Хүйтэн", "Засах", "Дарга", date(2027, 1, 31), "done", "Зураг"),),
            ),
        }
    )


def test_the_button_of_an_invitation_starts_the_campaigns_survey(talk: Conversation) -> None:
    talk.welcomed()
    talk.tap("inv:go:camp1")
    assert Invited("camp1", "opened", "f1", "push") in talk.events
    talk.press("Эхлэх")
    [case] = [e for e in talk.events if isinstance(e, CaseChanged)][:1]
    assert (case.campaign, case.facility, case.form) == ("camp1", "f1", "clinic-1")


@pytest.mark.parametrize("before", ["new", "known"])
def test_a_link_leads_into_the_campaign_before_and_after_the_welcome(
    talk: Conversation, before: str
) -> None:
    if before == "known":
        talk.welcomed()
        talk.join("c123")
    else:
        talk.join("c123")
        talk.tap("lang:mn")
        talk.tap("consent:yes")
        talk.tap("place:skip")
    assert any(isinstance(e, Invited) and e.campaign == "camp1" for e in talk.events)
    assert talk.state.referral == ""
    assert talk.state.stack[-1].dialogue == "survey"


def test_an_invitation_can_be_declined(talk: Conversation) -> None:
    talk.welcomed()
    said = talk.tap("inv:no:camp1")
    assert Invited("camp1", "refused", "f1", "push") in talk.events
    assert "дахин бичихгүй" in words(said)


@pytest.mark.parametrize("state", ["closed", "paused", "full", "done", "soon"])
def test_a_survey_that_is_not_open_says_why(talk: Conversation, state: str) -> None:
    talk.welcomed()
    talk.resolvers[Referral] = lambda _: Invite("camp1", "clinic-1", state=state, opens=AT)
    said = talk.tap("inv:go:camp1")
    assert words(said)
    assert not any(isinstance(e, Invited) for e in talk.events)
    assert all(frame.dialogue != "survey" for frame in talk.state.stack)


def test_saying_yes_follows_the_latest_invitation(talk: Conversation) -> None:
    talk.welcomed()
    talk.resolvers[Understand] = lambda _: Understanding("affirm", 0.9)
    talk.write("за тэгье тэгье")
    assert any(isinstance(e, Invited) for e in talk.events)


def campaigns_survey(talk: Conversation) -> str:
    """The campaign whose survey is being answered, or ""."""
    surveys = [frame for frame in talk.state.stack if frame.dialogue == "survey"]
    return surveys[-1].data.get("campaign", "") if surveys else ""


OTHER = SurveyOffer("school-9", "school", (("mn", "Сургууль"),))
SAME = SurveyOffer("clinic-2", "clinic", (("mn", "Эмнэлэг"),))


def test_the_menu_holds_an_invitation_that_was_not_answered(talk: Conversation) -> None:
    talk.welcomed()
    said = talk.tap("go:menu")
    assert labels(said)[0] == text("mn", "invitation.button.open")
    talk.press(labels(said)[0])
    assert campaigns_survey(talk) == "camp1"
    assert labels(talk.tap("go:menu")).count(text("mn", "invitation.button.open")) == 0
    talk.resolvers[OpenInvitation] = lambda _: ""
    assert text("mn", "invitation.button.open") not in labels(talk.tap("go:menu"))


@pytest.mark.parametrize("offers", [(), (SAME,)])
def test_the_only_survey_there_is_is_the_campaigns(
    talk: Conversation, offers: tuple[SurveyOffer, ...]
) -> None:
    talk.resolvers[OpenSurveys] = lambda _: offers
    talk.welcomed()
    talk.tap("go:surveys")
    assert campaigns_survey(talk) == "camp1"


@pytest.mark.parametrize("how", ["press", "number"])
def test_the_campaigns_survey_is_the_first_of_those_offered(talk: Conversation, how: str) -> None:
    talk.resolvers[OpenSurveys] = lambda _: (OTHER, SAME)
    talk.welcomed()
    said = talk.tap("go:surveys")
    assert labels(said)[:2] == ["Эмнэлэг", "Сургууль"]
    if how == "press":
        talk.press("Эмнэлэг")
    else:
        talk.write("1")
    assert campaigns_survey(talk) == "camp1"
    assert [frame.dialogue for frame in talk.state.stack].count("surveys") == 0


def test_another_survey_can_be_chosen_all_the_same(talk: Conversation) -> None:
    talk.resolvers[OpenSurveys] = lambda _: (OTHER, SAME)
    talk.welcomed()
    talk.tap("go:surveys")
    talk.write("2")
    talk.tap("place:skip")
    assert [f.data["form"] for f in talk.state.stack if f.dialogue == "survey"] == ["school-9"]
    assert campaigns_survey(talk) == ""


def test_another_unfinished_survey_is_not_lost(talk: Conversation) -> None:
    talk.welcomed()
    talk.tap("inv:go:camp1")
    talk.press("Эхлэх")
    talk.resolvers[Referral] = lambda _: Invite("camp2", "clinic-1")
    said = talk.tap("inv:go:camp2")
    assert len(labels(said)) == 2
    [survey] = [f for f in talk.state.stack if f.dialogue == "survey"]
    assert survey.data["campaign"] == "camp1"


def test_results_are_told_with_best_worst_and_change(talk: Conversation) -> None:
    talk.welcomed()
    said = talk.tap("rs:f:f1")
    assert "Өрхийн эмнэлэг" in words(said)
    assert "2.4" in words(said)
    assert "-0.5" in words(said)


def test_a_promise_can_be_disputed(talk: Conversation) -> None:
    talk.welcomed()
    said = talk.tap("cm:f:f1")
    assert "Засах" in words(said)
    said = talk.tap("cm:no:p1")
    assert Disputed("p1") in talk.events


@pytest.mark.parametrize("intent", ["ask_results", "ask_commitments"])
def test_asking_leads_to_the_same_data(talk: Conversation, intent: str) -> None:
    talk.welcomed()
    talk.resolvers[Understand] = lambda _: Understanding(intent, 0.95)
    said = talk.write("дүн ямар гарсан бэ")
    assert "Өрхийн эмнэлэг" in words(said)
