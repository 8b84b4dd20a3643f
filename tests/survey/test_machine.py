"""Whatever the order of answers, back, pause and change of language: the case is the same."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from conversations.survey.case import Case, path_of
from conversations.survey.interpreter import Rejected, Walk
from tests.survey.forms import NOW, form

FORM = form("""
    | survey |
    | | type | name | label::Mongolian (mn) | label::English (en) | relevant | calculation | constraint | choice_filter | repeat_count |
    | | select_one yn | used | Хэрэглэсэн үү? | Used? | | | | | |
    | | begin_group | visit | Очсон | Visit | ${used} = 'y' | | | | |
    | | integer | times | Хэд? | How often? | | | . > 0 and . < 5 | | |
    | | select_one aimag | aimag | Аймаг? | Aimag? | | | | | |
    | | select_one soum | soum | Сум? | Soum? | | | | aimag = ${aimag} | |
    | | select_multiple yn | both | Хоёул? | Both? | ${times} > 1 | | | | |
    | | end_group | | | | | | | | |
    | | begin_repeat | child | Хүүхэд | Child | | | | | ${times} |
    | | integer | age | Нас? | Age? | | | . >= 0 | | |
    | | calculate | older | | | | ${age} + position(..) | | | |
    | | end_repeat | | | | | | | | |
    | | begin_repeat | visitor | Зочин | Visitor | | | | | |
    | | text | name | Нэр? | Name? | | | | | |
    | | end_repeat | | | | | | | | |
    | | calculate | total | | | | sum(${older}) | | | |
    | | text | why | Яагаад? | Why? | ${total} > 10 or ${used} = 'n' | | | | |
    | choices |
    | | list_name | name | label::Mongolian (mn) | label::English (en) | aimag |
    | | yn | y | Тийм | Yes | |
    | | yn | n | Үгүй | No | |
    | | aimag | uvs | Увс | Uvs | |
    | | aimag | khovd | Ховд | Khovd | |
    | | soum | tes | Тэс | Tes | uvs |
    | | soum | malchin | Малчин | Malchin | uvs |
    | | soum | buyant | Буянт | Buyant | khovd |
""")  # noqa: E501


def straight_through(answers: dict[str, str]) -> dict[str, str]:
    """The case of a citizen who gives these answers in the form's own order."""
    walk = Walk.start(FORM, "case-1", NOW)
    for _ in range(500):
        spot = walk.current()
        if spot is None:
            return walk.values()
        value = answers.get(spot.mark, "")
        walk.answer(spot, value) if value else walk.skip(spot)
        walk = Walk(FORM, Case.from_document(walk.case.to_document()), NOW)
    raise AssertionError("the form does not end")


def from_scratch(document: dict[str, Any]) -> Walk:
    """The case when every rule is applied to its answers anew, all at once."""
    case = Case.from_document(document)
    calculated = {rule.node.path for rule in FORM.rules if rule.aspect == "calculate"}
    case.values = {ref: v for ref, v in case.values.items() if path_of(ref) not in calculated}
    case.off = set()
    walk = Walk(FORM, case, NOW)
    for _ in range(2):
        walk.state.follow(FORM.rules)
    return walk


class Interview(RuleBasedStateMachine):
    """A restless citizen; every step starts from the stored document."""

    @initialize()
    def begin(self) -> None:
        self.document: dict[str, Any] = Walk.start(FORM, "case-1", NOW).case.to_document()
        self.locale = "mn"

    @property
    def walk(self) -> Walk:
        return Walk(FORM, Case.from_document(self.document), NOW, locale=self.locale)

    def keep(self, walk: Walk) -> None:
        self.document = walk.case.to_document()

    def respond(self, walk: Walk, mark: str, data: st.DataObject) -> None:
        spot = walk.find(mark)
        assert spot is not None
        kind = spot.node.kind
        if spot.is_more:
            value = "no" if "[4]" in mark else data.draw(st.sampled_from(("yes", "no")))
        elif kind in ("select_one", "select_multiple"):
            names = [option.name for option in walk.options(spot)]
            value = data.draw(st.sampled_from([*names, ""]))
        elif kind == "integer":
            value = str(data.draw(st.integers(-1, 5)))
        else:
            value = data.draw(st.sampled_from(("", "Бат", "x")))
        before = walk.case.to_document()
        try:
            walk.answer(spot, value)
        except Rejected:
            assert walk.case.to_document() == before, "a refused answer changes nothing"
        self.keep(walk)

    @precondition(lambda self: self.walk.current() is not None)
    @rule(data=st.data())
    def answer_what_is_asked(self, data: st.DataObject) -> None:
        walk = self.walk
        spot = walk.current()
        assert spot is not None
        self.respond(walk, spot.mark, data)

    @precondition(lambda self: self.walk.current() is not None)
    @rule(data=st.data())
    def answer_the_next_few(self, data: st.DataObject) -> None:
        for _ in range(4):
            walk = self.walk
            spot = walk.current()
            if spot is not None:
                self.respond(walk, spot.mark, data)

    @rule(data=st.data())
    def change_any_answer(self, data: st.DataObject) -> None:
        walk = self.walk
        done = [s.mark for s in walk.spots() if s.is_asked and s.mark in walk.case.done]
        if done:
            self.respond(walk, data.draw(st.sampled_from(done)), data)

    @rule()
    def go_back(self) -> None:
        walk = self.walk
        walk.back()
        self.keep(walk)

    @precondition(lambda self: self.walk.current() is not None)
    @rule()
    def skip(self) -> None:
        walk = self.walk
        spot = walk.current()
        assert spot is not None
        walk.skip(spot)
        self.keep(walk)

    @rule(locale=st.sampled_from(("mn", "en", "kk")))
    def change_language(self, locale: str) -> None:
        self.locale = locale

    @rule()
    def pause_and_return(self) -> None:
        self.document = Case.from_document(self.document).to_document()

    @precondition(lambda self: "visit/soum" in self.walk.values())
    @rule()
    def move_to_the_other_aimag(self) -> None:
        walk = self.walk
        spot = walk.find("visit/aimag")
        assert spot is not None
        walk.answer(spot, "khovd" if walk.value(spot) == "uvs" else "uvs")
        self.keep(walk)

    @invariant()
    def what_is_stored_is_what_the_answers_come_to(self) -> None:
        if hasattr(self, "document"):
            walk, anew = self.walk, from_scratch(self.document)
            assert walk.values() == anew.values()
            assert [s.mark for s in walk.spots()] == [s.mark for s in anew.spots()]

    @invariant()
    def every_choice_is_one_that_is_offered(self) -> None:
        if hasattr(self, "document"):
            walk = self.walk
            for spot in walk.spots():
                if spot.node.kind == "select_one" and walk.value(spot):
                    assert walk.value(spot) in [option.name for option in walk.options(spot)]

    def teardown(self) -> None:
        if not hasattr(self, "document"):
            return
        walk = self.walk
        for _ in range(500):
            spot = walk.current()
            if spot is None:
                break
            if walk.value(spot):
                walk.answer(spot, walk.value(spot))
            else:
                walk.skip(spot)
            walk = Walk(FORM, Case.from_document(walk.case.to_document()), NOW)
        given = dict(walk.case.values)
        for spot in walk.spots():
            if spot.is_more:
                base, _, place = spot.ref.rpartition("[")
                there = int(place[:-1]) <= walk.case.counts.get(base, 0)
                given[spot.mark] = "yes" if there else "no"
        assert walk.values() == straight_through(given)


Interview.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestInterview = Interview.TestCase
