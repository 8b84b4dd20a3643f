"""The engine: one citizen's conversation, advanced by one thing they did.

Pure and synchronous. The caller brings the state, what came in and a `World` (clock, ids,
facts), stores the new state together with the events, and sends what was said. Production,
the web preview and the tests all drive this same function.
"""

from __future__ import annotations

from conversations.controls import control_in
from conversations.dialogues import DIALOGUES
from conversations.dialogues.handover import from_staff
from conversations.events import Event, Heard, Profiled, Said
from conversations.messages import Choice, Incoming, Kind
from conversations.router import choose, route
from conversations.state import Frame, State
from conversations.turn import Turn
from conversations.world import World

OPENS = {
    "menu": "menu",
    "help": "help",
    "stop": "stop",
    "resume": "stop",
    "language": "language",
    "place": "place",
    "privacy": "privacy",
    "erase": "privacy",
    "survey": "surveys",
}
"""The dialogue that each control opens; `resume` and `erase` are also its first step."""
STEPS = {"resume": "resume", "erase": "erase"}


def advance(state: State, incoming: Incoming, world: World) -> tuple[State, list[Event]]:
    """The state after `incoming`, and what happened, in order.

    Raises `Missing` when a fact must be fetched first, and then nothing has happened.
    """
    turn = Turn(state.copy(), incoming, world, DIALOGUES)
    if incoming.kind in (Kind.LEFT, Kind.RETURNED):
        return _came_or_went(turn)
    if incoming.kind is Kind.STAFF:
        from_staff(turn)
        return turn.state, turn.events
    turn.state.left = False
    dialogue = turn.frame.dialogue if turn.frame else ""
    turn.emit(Heard(incoming.id, str(incoming.kind), incoming.text, incoming.payload, dialogue))
    _handle(turn)
    if not turn.spoke:
        _never_silent(turn)
    _never_twice(turn)
    return turn.state, turn.events


def apologise(state: State, world: World) -> tuple[State, list[Event]]:
    """What a citizen hears when their message could not be dealt with after several tries."""
    nothing = Incoming("", Kind.TEXT, world.now)
    turn = Turn(state.copy(), nothing, world, DIALOGUES)
    turn.say(turn.t("engine.sorry"), [Choice(turn.t("menu.title"), "go:menu")])
    return turn.state, turn.events


def _came_or_went(turn: Turn) -> tuple[State, list[Event]]:
    turn.state.left = turn.incoming.kind is Kind.LEFT
    turn.emit(Profiled({"left": turn.state.left}))
    return turn.state, turn.events


def _handle(turn: Turn) -> None:
    incoming = turn.incoming
    if incoming.kind is Kind.JOIN:
        _join(turn)
    elif not turn.state.locale and not _welcoming(turn.state):
        turn.state.asked = turn.typed
        turn.open("welcome")
    elif _control(turn) or _receive(turn) or _late_tap(turn):
        turn.state.misses = 0
    elif (meant := turn.tapped("mean")) is not None:
        choose(turn, meant)
    elif turn.typed:
        route(turn)
    elif incoming.kind is Kind.TAP:
        _stale_tap(turn)


def _join(turn: Turn) -> None:
    turn.state.referral = turn.incoming.payload or turn.state.referral
    if not turn.state.locale or turn.state.consent == "":
        turn.state.stack.clear()
        turn.open("welcome")
    elif turn.state.referral:
        turn.open("surveys")
    elif turn.state.stack:
        turn.say(turn.t("engine.welcome_back"))
        turn.prompt()
    else:
        turn.open("menu")


def _welcoming(state: State) -> bool:
    return any(frame.dialogue == "welcome" for frame in state.stack)


def _control(turn: Turn) -> bool:
    """Deal with a control word or a `go:` button; the open dialogue may have its own way."""
    place = turn.tapped("go")
    word = place or control_in(turn.typed)
    if not word:
        return False
    frame = turn.frame
    if frame is not None and not place:
        own = getattr(DIALOGUES[frame.dialogue], "control", None)
        if own is not None and own(turn, frame, word):
            return True
    if word in ("yes", "no"):
        return False
    if word in OPENS:
        turn.open(OPENS[word], STEPS.get(word, ""))
    elif word in DIALOGUES:
        turn.open(word)
    elif frame is None and word != "continue":
        turn.open("menu")
    elif word == "continue":
        _go_on(turn)
    else:
        turn.close()
        if turn.frame is None and not turn.spoke:
            turn.open("menu")
    return True


def _go_on(turn: Turn) -> None:
    """Return to the survey that waits beneath, or to whatever is open."""
    waiting = [frame for frame in turn.state.stack if frame.dialogue == "survey"]
    if waiting:
        turn.state.stack = [f for f in turn.state.stack if f.dialogue != "survey"]
        turn.state.stack.append(waiting[-1])
        turn.prompt()
    else:
        turn.open("menu")


def _receive(turn: Turn) -> bool:
    frame = turn.frame
    return frame is not None and DIALOGUES[frame.dialogue].receive(turn, frame)


def _late_tap(turn: Turn) -> bool:
    """A button of a dialogue that is not the open one: it is taken up again from there."""
    prefix = turn.incoming.payload.partition(":")[0] if turn.incoming.kind is Kind.TAP else ""
    for dialogue in DIALOGUES.values():
        if prefix and prefix == getattr(dialogue, "prefix", None):
            below = list(turn.state.stack)
            frame = next(
                (f for f in turn.state.stack if f.dialogue == dialogue.name), Frame(dialogue.name)
            )
            turn.state.stack = [f for f in turn.state.stack if f is not frame] + [frame]
            if dialogue.receive(turn, frame):
                return True
            turn.state.stack = below
    return False


def _stale_tap(turn: Turn) -> None:
    turn.say(turn.t("engine.old_button"))
    if turn.frame is not None:
        turn.prompt()
    else:
        turn.open("menu")


def _never_silent(turn: Turn) -> None:
    if turn.frame is not None:
        if turn.incoming.kind is not Kind.TAP:
            turn.say(turn.t("engine.not_here"))
        turn.prompt()
    else:
        turn.open("menu")


def _never_twice(turn: Turn) -> None:
    """The same words are never the whole answer twice in a row."""
    words = "\n".join(e.message.text for e in turn.events if isinstance(e, Said))
    if words and words == turn.state.last_text and turn.incoming.kind is not Kind.TAP:
        turn.say(turn.t("engine.still_here"), [Choice(turn.t("menu.title"), "go:menu")])
    turn.state.last_text = words
