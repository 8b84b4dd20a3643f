"""A person takes over a conversation, passes words both ways, and hands back."""

from __future__ import annotations

from conversations.events import Heard, Talked
from conversations.messages import Kind
from tests.world.conversation import Conversation, labels, words

REFERENCE = "4829135726"


def staff(talk: Conversation, act: str, text: str = "") -> str:
    """What the citizen reads when a facilitator does `act`."""
    payload = f"{act}:{REFERENCE}:Оюунаа"
    return words(talk.do(Kind.STAFF, text=text, payload=payload))


def told(talk: Conversation) -> list[str]:
    """What the citizen said to the person."""
    return [e.text for e in talk.events if isinstance(e, Talked) and e.act == "told"]


def test_a_reply_is_said_with_name_and_number_and_can_be_answered() -> None:
    talk = Conversation().welcomed("en")
    said = staff(talk, "reply", "We have fixed the stove.")
    assert "Оюунаа" in said
    assert "4829-135-726" in said
    assert "We have fixed the stove." in said
    talk.press("✍️")
    assert "Passed on" in words(talk.write("Thank you, it is warm now"))
    assert told(talk) == ["Thank you, it is warm now"]


def test_while_a_person_answers_the_bot_passes_everything_on() -> None:
    talk = Conversation().welcomed("en")
    assert "I step back" in staff(talk, "take")
    for text in ("What about my school?", "yes", "skip", "What about my school?"):
        said = talk.write(text)
        assert "Passed on" in words(said)
        assert "still here" not in words(said)
    assert told(talk) == ["What about my school?", "yes", "skip", "What about my school?"]


def test_the_menu_and_stop_stay_the_bots() -> None:
    talk = Conversation().welcomed("en")
    staff(talk, "take")
    talk.write("/stop")
    assert talk.state.stopped
    assert told(talk) == []


def test_handing_back_is_said_and_the_bot_answers_again() -> None:
    talk = Conversation().welcomed("en")
    staff(talk, "take")
    assert "I am back" in staff(talk, "back")
    talk.write("hello there, bot")
    assert told(talk) == []


def test_the_citizen_can_leave() -> None:
    talk = Conversation().welcomed("en")
    staff(talk, "take")
    talk.press("🤖")
    assert [e.act for e in talk.events if isinstance(e, Talked)] == ["take", "back"]
    assert not any(frame.dialogue == "handover" for frame in talk.state.stack)


def test_what_was_open_is_asked_again_afterwards() -> None:
    talk = Conversation().welcomed("en")
    talk.tap("go:problem")
    staff(talk, "take")
    said = talk.tap("ho:back")
    assert any(frame.dialogue == "problem" for frame in talk.state.stack)
    assert labels(said)


def test_a_facilitator_is_not_taken_for_the_citizen() -> None:
    talk = Conversation().welcomed("en")
    heard = sum(isinstance(event, Heard) for event in talk.events)
    staff(talk, "reply", "stop")
    assert not talk.state.stopped
    assert sum(isinstance(event, Heard) for event in talk.events) == heard


def test_taking_over_never_stacks_too_deep() -> None:
    talk = Conversation().welcomed("en")
    for place in ("problem", "settings", "privacy", "surveys", "language", "place", "letter"):
        talk.tap(f"go:{place}")
    staff(talk, "take")
    staff(talk, "take")
    assert len(talk.state.stack) <= 6
    assert sum(frame.dialogue == "handover" for frame in talk.state.stack) == 1
