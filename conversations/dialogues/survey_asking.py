"""Saying what a step of a survey needs: the promise, a question, the summary."""

from __future__ import annotations

from conversations.dialogues import survey_words as words
from conversations.dialogues.survey_run import Run
from conversations.messages import Choice

LONG = 10
"""Questions from which on half of them deserve a word."""


def promise(run: Run) -> None:
    """What will happen with the answers, before the first question."""
    t = run.turn.t
    title = run.form.title_in(run.turn.locale)
    run.turn.say(
        t("survey.promise", title=title, total=len(run.form.questions)),
        [
            Choice(t("survey.start"), run.action("start")),
            Choice(t("survey.later"), run.action("later")),
        ],
    )


def start(run: Run) -> None:
    """The citizen begins: the case is there from now on."""
    run.data["started"] = run.turn.world.now
    run.data["locale"] = run.turn.locale
    run.report("started")
    run.frame.step = "ask"
    ask(run)


def ask(run: Run) -> None:
    """Ask what is not answered yet, or come to the end."""
    turn = run.turn
    if run.data.get("locale") not in (None, turn.locale):
        run.log("language", old=run.data["locale"], new=turn.locale)
    run.data["locale"] = turn.locale
    spot = run.walk.current()
    if spot is None:
        confirm(run)
        return
    run.frame.step = "ask"
    anew = run.asked_anew(spot)
    run.save()
    asked = words.question(run, spot)
    text = asked.text
    if anew and _is_half_way(run):
        text = f"{turn.t('survey.half_way')}\n\n{text}"
    turn.say(text, asked.choices, columns=asked.columns, wants=asked.wants)
    run.log("question", spot)


def _is_half_way(run: Run) -> bool:
    number, total = run.walk.progress()
    if total < LONG or run.data.get("half") or number <= total / 2:
        return False
    run.data["half"] = True
    return number < total - 1


def confirm(run: Run) -> None:
    """Read the answers back; nothing is sent on before the citizen says so."""
    turn = run.turn
    run.frame.step = "confirm"
    run.data.update(mark="", retries=0)
    run.save()
    notes = [run.walk.label(note) for note in run.walk.notes(None)]
    messages = words.summary(run)
    for message in messages[:-1]:
        turn.say(message)
    turn.say(
        "\n\n".join(filter(None, [*notes, messages[-1], turn.t("survey.confirm")])),
        [
            Choice(turn.t("survey.send"), run.action("send")),
            Choice(turn.t("survey.change"), run.action("change")),
        ],
    )
