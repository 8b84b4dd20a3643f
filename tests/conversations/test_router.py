"""How sure understanding must be before it is followed, and what the choice then keeps."""

from __future__ import annotations

import pytest

from conversations.facts import Understand
from nlu.understanding import Understanding
from tests.world.conversation import Conversation, labels, words

ASKED = "2014 онд Багахангайд юу барьсан бэ"


def asked(*ranking: tuple[str, float]) -> Conversation:
    """Somebody whose question about Bagakhangai in 2014 is understood so surely."""
    meant = Understanding(*ranking[0], ranking, places=("1104",), year=2014)
    citizen = Conversation(resolvers={Understand: lambda _: meant}).welcomed()
    citizen.write(ASKED)
    return citizen


@pytest.mark.parametrize(
    ("best", "second", "clear"),
    [
        (0.90, 0.10, True),
        (0.50, 0.30, True),
        (0.50, 0.36, False),
        (0.31, 0.09, True),
        (0.31, 0.12, False),
        (0.29, 0.02, False),
    ],
)
def test_a_clear_intent_is_answered_and_others_are_offered(
    best: float, second: float, clear: bool
) -> None:
    citizen = asked(("ask_ldf_projects", best), ("ask_budget", second))
    told = words(citizen.screen[-2:])
    assert ("361 сая ₮" in told) is clear
    assert ("Та аль нь гэсэн бэ" in told) is not clear


def test_one_weak_guess_alone_is_offered() -> None:
    told = labels(asked(("ask_ldf_projects", 0.45)).screen[-1:])
    assert len(told) == 2


def test_what_was_asked_is_kept_while_its_meaning_is_chosen() -> None:
    citizen = asked(("ask_ldf_projects", 0.3), ("ask_budget", 0.25))
    told = words(citizen.tap("mean:ask_ldf_projects"))
    assert "Багахангай дүүрэгт 2014 онд" in told
    assert not citizen.state.asked
