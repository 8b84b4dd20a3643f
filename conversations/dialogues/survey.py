"""A survey as a conversation: one question at a time, patiently, at the citizen's pace.

Opened by `turn.open("survey", form=<version>, campaign=..., facility=..., place=...,
is_test=...)`. Everything it remembers is in the frame, so that a run may be left and taken
up days later. Each answer is reported before the next question is asked.
"""

from __future__ import annotations

from conversations.controls import control_in
from conversations.dialogues import survey_asking as asking
from conversations.dialogues import survey_replies as replies
from conversations.dialogues import survey_words as words
from conversations.dialogues.survey_run import Run
from conversations.facts import Understand
from conversations.messages import Choice, Kind
from conversations.state import Frame
from conversations.survey import typed
from conversations.survey.choices import Option
from conversations.survey.interpreter import Rejected, Spot
from conversations.turn import Turn

PATIENCE = 3
"""The attempt at which a way out is offered."""
SURE = 0.6
"""How sure the meaning of a text must be to leave an open question for it."""
ANSWERLIKE = frozenset(
    ("", "affirm", "deny", "greet", "goodbye", "thank", "out_of_scope", "skip", "go_back")
)
"""Intents that are no question of their own in the middle of a survey."""


class SurveyDialogue:
    """Asks a form's questions; steps are "" (the promise), ask, confirm and paused."""

    name = "survey"
    prefix = "sv"

    # -- asking ----------------------------------------------------------------------------

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Say what the run's step needs now."""
        if frame.step == "paused":
            if not self._comes_back(turn, frame):
                return
            self._resume(turn, frame)
        elif frame.step == "":
            self._promise(turn, frame)
        elif frame.step == "confirm":
            asking.confirm(Run(turn, frame))
        else:
            asking.ask(Run(turn, frame))

    def _comes_back(self, turn: Turn, frame: Frame) -> bool:
        if frame.data.pop("wanted", False):
            return True
        word = turn.tapped("go") or control_in(turn.typed)
        return word == "continue" or turn.incoming.kind is Kind.JOIN or bool(turn.tapped("sv"))

    def _promise(self, turn: Turn, frame: Frame) -> None:
        """What will happen with the answers; before it the consent, where it is missing."""
        if turn.state.consent == "given" or not turn.knows("consent"):
            asking.promise(Run(turn, frame))
        elif frame.data.get("consent") == "asked":
            self._refuse(turn, frame)
        else:
            frame.data["consent"] = "asked"
            turn.open("consent")

    def _refuse(self, turn: Turn, frame: Frame) -> None:
        Run(turn, frame).report("refused")
        turn.state.stack = [other for other in turn.state.stack if other is not frame]

    # -- answering -------------------------------------------------------------------------

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """Take a button, a typed word, a place or an attachment as an answer."""
        if "form" not in frame.data:
            return False
        if (payload := turn.tapped("sv")) is not None:
            return self._tapped(Run(turn, frame), payload)
        if turn.incoming.kind in (Kind.TEXT, Kind.LOCATION, Kind.ATTACHMENT):
            if frame.step == "ask":
                return self._replied(Run(turn, frame))
            if frame.step == "confirm":
                return self._picks_line(Run(turn, frame))
        return False

    def _tapped(self, run: Run, payload: str) -> bool:
        tag, _, rest = payload.partition(":")
        code, _, choice = rest.partition(":")
        if tag != run.tag:
            return False
        if code == "go":
            return self._steer(run, choice)
        if run.frame.step == "":
            return False
        if run.frame.step == "paused":
            run.log("resume")
            run.frame.step = "ask"
        spot = run.spot(code)
        if spot is None or not self._press(run, spot, choice):
            run.turn.say(run.turn.t("survey.not_now"))
            self.prompt(run.turn, run.frame)
        return True

    def _press(self, run: Run, spot: Spot, choice: str) -> bool:
        """Deal with a button under `spot`; False if it means nothing there (any more)."""
        if choice == "s":
            self._skip(run, spot)
        elif choice == "k":
            self._take(run, spot, run.walk.value(spot))
        elif choice in ("y", "n") and spot.is_more:
            self._take(run, spot, "yes" if choice == "y" else "no")
        elif choice == "ok":
            self._take(run, spot, "OK")
        elif choice == "d":
            self._take_several(run, spot)
        elif choice[:1] == "p" and choice[1:].isdigit():
            run.asked_anew(spot)
            run.case.at = spot.mark
            run.data["page"] = int(choice[1:])
            asking.ask(run)
        elif choice[:1] == "=":
            self._take(run, spot, choice[1:])
        else:
            return self._choose(run, spot, choice)
        return True

    def _choose(self, run: Run, spot: Spot, index: str) -> bool:
        option = next((o for o in run.walk.options(spot) if str(o.index) == index), None)
        if option is None:
            return False
        if spot.node.kind not in ("select_multiple", "rank"):
            self._take(run, spot, option.name)
            return True
        picked = run.picked(spot)
        if option.name in picked:
            picked.remove(option.name)
        else:
            picked.append(option.name)
        run.asked_anew(spot)
        run.case.at = spot.mark
        run.data["picked"] = picked
        left = len(run.walk.options(spot)) - len(picked)
        if spot.node.kind == "rank" and left <= 1:
            rest = [o.name for o in run.walk.options(spot) if o.name not in picked]
            self._take(run, spot, " ".join([*picked, *rest]))
        else:
            asking.ask(run)
        return True

    def _take_several(self, run: Run, spot: Spot) -> None:
        picked = run.picked(spot)
        if picked:
            self._take(run, spot, " ".join(picked))
        else:
            self._skip(run, spot)

    def _replied(self, run: Run) -> bool:
        """A typed reply, a place or an attachment, to the question that is open."""
        spot = run.walk.current()
        if spot is None:
            return False
        reading = replies.read(run, spot)
        if reading.value:
            self._take(run, spot, reading.value)
        elif reading.options:
            self._which(run, spot, reading.options)
        elif self._asks_something(run.turn):
            return False
        else:
            self._again(run, spot, spot.node.kind if not spot.is_more else "more")
        return True

    def _asks_something(self, turn: Turn) -> bool:
        """Whether a text that is no answer is a question that someone else can answer."""
        if len(turn.typed.split()) < 2 and "?" not in turn.typed:
            return False
        understood = turn.world.get(Understand(turn.typed, turn.locale, turn.state.place))
        return understood.intent not in ANSWERLIKE and understood.confidence >= SURE

    def _which(self, run: Run, spot: Spot, options: tuple[Option, ...]) -> None:
        """Ask once which of several was meant."""
        run.data["retries"] = run.data.get("retries", 0) + 1
        run.log("retry", spot)
        indexed = spot.node.kind in ("select_one", "range")
        choices = [
            Choice(o.label, run.button(spot, str(o.index) if indexed else f"={o.name}"))
            for o in options
        ]
        run.save()
        run.turn.say(run.turn.t("survey.which"), choices)

    def _take(self, run: Run, spot: Spot, value: str) -> None:
        """Try an answer; go on if the form accepts it, else say kindly what it wants."""
        old = run.walk.value(spot)
        earlier = spot.mark in run.case.done
        try:
            run.walk.answer(spot, value)
        except Rejected as rejected:
            reason = spot.node.kind if rejected.reason == "choice" else rejected.reason
            self._again(run, spot, reason, rejected.message)
            return
        run.log("change" if earlier and old != value else "answer", spot, old=old, new=value)
        self._went_on(run)

    def _skip(self, run: Run, spot: Spot) -> None:
        if run.walk.value(spot):
            self._take(run, spot, run.walk.value(spot))
            return
        try:
            run.walk.skip(spot)
        except Rejected as rejected:
            self._again(run, spot, "required", rejected.message)
            return
        run.log("skip", spot)
        self._went_on(run)

    def _went_on(self, run: Run) -> None:
        run.data.update(mark="", retries=0, picked=None)
        run.report("partial")
        run.save()
        asking.ask(run)

    def _again(self, run: Run, spot: Spot, reason: str, message: str = "") -> None:
        """Ask again, in other words each time; from the third time on with a way out."""
        turn = run.turn
        if run.data.get("mark") != spot.mark:
            run.asked_anew(spot)
        run.case.at = spot.mark
        attempt = run.data["retries"] = run.data.get("retries", 0) + 1
        run.log("retry", spot)
        turned = 1 if attempt % 2 else 2
        text = turn.t(f"survey.again.{reason}.{turned}", message=message).strip()
        choices = words.buttons(run, spot)
        if attempt >= PATIENCE:
            text = f"{text}\n\n{turn.t(f'survey.way_out.{turned}')}"
            choices += [
                Choice(turn.t("survey.back"), run.action("back")),
                Choice(turn.t("survey.pause"), run.action("pause")),
            ]
        run.save()
        wants = "location" if spot.node.kind == "geopoint" else ""
        turn.say(text, choices, columns=words.columns(run, spot, choices), wants=wants)

    def _picks_line(self, run: Run) -> bool:
        """At the summary, a typed number opens that answer again."""
        found = typed.numbers_in(run.turn.typed)
        spots = words.answered(run)
        if len(found) != 1 or not 1 <= found[0] <= len(spots):
            return False
        run.case.at = spots[int(found[0]) - 1].mark
        run.log("back", spots[int(found[0]) - 1])
        asking.ask(run)
        return True

    # -- steering --------------------------------------------------------------------------

    def control(self, turn: Turn, frame: Frame, word: str) -> bool:
        """Back, skip, pause and the like, typed; an answer that reads the same goes first."""
        if "form" not in frame.data:
            return False
        run = Run(turn, frame)
        if frame.step == "ask" and self._is_choice(run):
            return self._replied(run)
        if frame.step == "":
            action = {"yes": "start", "continue": "start"}.get(word, "later")
            known = word in ("yes", "no", "continue", "skip", "back", "pause")
            return known and self._steer(run, action)
        if frame.step == "paused":
            return word == "continue" and self._steer(run, "resume")
        if frame.step == "confirm":
            action = {"yes": "send", "no": "change", "back": "back", "pause": "pause"}.get(word, "")
            return bool(action) and self._steer(run, action)
        if word == "help":
            return self._guide(run)
        return word in ("back", "skip", "pause") and self._steer(run, word)

    @staticmethod
    def _is_choice(run: Run) -> bool:
        spot = run.walk.current()
        if spot is None or spot.is_more or spot.node.kind not in ("select_one", "select_multiple"):
            return False
        said = run.turn.typed.lower()
        return any(said == typed.bare(o.label).lower() for o in run.walk.options(spot))

    def _guide(self, run: Run) -> bool:
        spot = run.walk.current()
        guidance = run.walk.guidance(spot) if spot is not None else ""
        if not guidance:
            return False
        run.turn.say(guidance)
        asking.ask(run)
        return True

    def _steer(self, run: Run, action: str) -> bool:
        if action == "start" and run.frame.step == "":
            asking.start(run)
        elif action == "later" and run.frame.step == "":
            run.turn.say(run.turn.t("survey.later.said"))
            run.turn.close()
        elif action == "quit":
            self._quit(run)
        elif action == "resume" or run.frame.step == "paused":
            self._resume(run.turn, run.frame)
        elif action == "back":
            self._back(run)
        elif action == "skip":
            spot = run.walk.current()
            if spot is None:
                return False
            self._skip(run, spot)
        elif action == "pause":
            self._pause(run)
        elif action in ("send", "change") and run.frame.step == "confirm":
            self._finish(run) if action == "send" else self._choose_line(run)
        else:
            return False
        return True

    def _back(self, run: Run) -> None:
        before = run.walk.current()
        if run.walk.back():
            run.log("back", before)
        else:
            run.turn.say(run.turn.t("survey.first"))
        asking.ask(run)

    def _pause(self, run: Run) -> None:
        run.log("pause", run.walk.current())
        run.save()
        run.frame.step = "paused"
        run.turn.say(
            run.turn.t("survey.paused"),
            [
                Choice(run.turn.t("survey.go_on"), run.action("resume")),
                Choice(run.turn.t("survey.quit"), run.action("quit")),
                Choice(run.turn.t("menu.title"), "go:menu"),
            ],
        )

    def _resume(self, turn: Turn, frame: Frame) -> None:
        run = Run(turn, frame)
        frame.step = "ask"
        run.log("resume", run.walk.current())
        turn.say(turn.t("survey.resumed"))
        asking.ask(run)

    def _quit(self, run: Run) -> None:
        run.log("break-off", run.walk.current())
        run.report("break-off")
        run.turn.say(run.turn.t("survey.quit.said"))
        run.turn.close()

    def _choose_line(self, run: Run) -> None:
        run.turn.say(run.turn.t("survey.change.which"))

    def _finish(self, run: Run) -> None:
        """The end: what no longer fits is asked again, else the case is complete."""
        problem = run.walk.problem()
        if problem is not None:
            spot, message = problem
            run.turn.say(run.turn.t("survey.refit", message=message).strip())
            run.case.at = spot.mark
            asking.ask(run)
            return
        run.walk.finish()
        run.log("finalize")
        run.report("complete")
        run.turn.say(run.turn.t("survey.thanks"), [Choice(run.turn.t("menu.title"), "go:menu")])
        run.turn.close()
