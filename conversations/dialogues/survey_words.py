"""How a question of a survey reads in chat: its text and what can be pressed under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.dialogues.survey_run import Run
from conversations.messages import Choice
from conversations.survey.case import lies_under
from conversations.survey.choices import Option
from conversations.survey.interpreter import Spot
from conversations.turn import PAGE

OUTS = frozenset(("dk", "na", "refused", "skip"))
"""Names of choices that are a way not to answer: beside them no button to skip is needed."""
SHORT = 3
"""Characters of a label that still fits five to a row."""
HOW = ("integer", "decimal", "date", "time", "datetime", "geopoint", "image", "audio", "video",
       "file", "select_multiple", "rank")  # fmt: skip
"""Kinds of question that say how to answer, where the form itself does not."""
SUMMARY = 1500
"""Characters of a summary in one message: well within every channel's limit."""
SUMMARY_LINE = 70


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is said."""

    text: str
    choices: tuple[Choice, ...]
    columns: int = 1
    wants: str = ""


def question(run: Run, spot: Spot) -> Question:
    """The whole question: notes and headings before it, progress, hint, buttons."""
    walk, t = run.walk, run.turn.t
    lines = _before(run, spot)
    number, total = walk.progress()
    label = walk.label(spot)
    if spot.is_more:
        asking = t("survey.more.ask", title=label or t("survey.more.entry"))
    else:
        asking = t("survey.question", number=number, total=total, question=label or spot.node.name)
    lines.append("\n".join(filter(None, (asking, _below(run, spot)))))
    choices = buttons(run, spot)
    return Question(
        "\n\n".join(filter(None, lines)),
        tuple(choices),
        columns(run, spot, choices),
        "location" if spot.node.kind == "geopoint" else "",
    )


def _before(run: Run, spot: Spot) -> list[str]:
    """Notes not shown yet, and titles of groups that begin here, each over its own notes."""
    notes = run.walk.notes(spot)
    titles = run.walk.headings(spot)
    lines = []
    for note in notes:
        while titles and lies_under(note.ref, titles[0][0]):
            lines.append(titles.pop(0)[1])
        lines.append(run.walk.label(note))
    return lines + [title for _, title in titles]


def _below(run: Run, spot: Spot) -> str:
    """The hint, how to answer, and the answer that is there already."""
    walk, t = run.walk, run.turn.t
    lines = [walk.hint(spot)]
    if not lines[0] and spot.node.kind in HOW:
        lines.append(t(f"survey.how.{spot.node.kind}"))
    if spot.node.kind == "rank":
        lines += [
            f"{place}. {_label_of(walk.options(spot), name)}"
            for place, name in enumerate(run.picked(spot), 1)
        ]
    elif walk.value(spot) and spot.node.kind != "select_multiple":
        lines.append(t("survey.present", answer=walk.shown(spot)))
    if len(_pickable(run, spot)) > PAGE and spot.node.kind == "select_one":
        lines.append(t("survey.how.search"))
    return "\n".join(filter(None, lines))


def _label_of(options: Sequence[Option], name: str) -> str:
    return next((option.label for option in options if option.name == name), name)


def _pickable(run: Run, spot: Spot) -> list[Option]:
    """The choices that still can be pressed."""
    if spot.is_more or spot.node.kind not in ("select_one", "select_multiple", "rank", "range"):
        return []
    options = run.walk.options(spot)
    if spot.node.kind == "rank":
        taken = run.picked(spot)
        return [option for option in options if option.name not in taken]
    return options


def buttons(run: Run, spot: Spot) -> list[Choice]:
    """What can be pressed under a question."""
    t = run.turn.t
    if spot.is_more:
        return [
            Choice(t("survey.more.yes"), run.button(spot, "y")),
            Choice(t("survey.more.no"), run.button(spot, "n")),
        ]
    if spot.node.kind == "acknowledge":
        return [Choice(t("survey.ok"), run.button(spot, "ok")), *_leave(run, spot)]
    leave = _leave(run, spot)
    if spot.node.kind == "select_multiple":
        leave.insert(0, Choice(t("survey.done"), run.button(spot, "d")))
    return [*_page(run, spot, PAGE - len(leave)), *leave]


def _leave(run: Run, spot: Spot) -> list[Choice]:
    """Keep what is there, or skip."""
    t = run.turn.t
    if run.walk.value(spot) and spot.node.kind != "select_multiple":
        return [Choice(t("survey.keep"), run.button(spot, "k"))]
    if run.walk.is_required(spot) or spot.node.kind == "select_multiple":
        return []
    if spot.node.kind == "select_one" and any(o.name in OUTS for o in run.walk.options(spot)):
        return []
    return [Choice(t("survey.skip"), run.button(spot, "s"))]


def _page(run: Run, spot: Spot, room: int) -> list[Choice]:
    """The choices, or the page of them that is open and a way to the next."""
    options = _pickable(run, spot)
    ticked = run.picked(spot) if spot.node.kind == "select_multiple" else []
    shown, more = options, []
    if len(options) > max(room, PAGE):
        size = max(1, room - 1)
        pages = (len(options) + size - 1) // size
        page = run.data.get("page", 0) % pages
        shown = options[page * size : (page + 1) * size]
        words = run.turn.t("survey.next_page", page=page + 1, pages=pages)
        more = [Choice(words, run.button(spot, f"p{(page + 1) % pages}"))]
    choices = []
    for option in shown:
        tick = ("✅ " if option.name in ticked else "▫️ ") * (spot.node.kind == "select_multiple")
        choices.append(Choice(tick + option.label, run.button(spot, str(option.index))))
    return [*choices, *more]


def columns(run: Run, spot: Spot, choices: Sequence[Choice]) -> int:
    """How many buttons stand side by side: figures five, a yes and a no two, else one."""
    options = [choice for choice in choices if choice.payload.rpartition(":")[2].isdigit()]
    if len(options) > 2 and all(len(choice.label) <= SHORT for choice in options):
        return 5
    if spot.is_more or (len(options) == 2 and all(len(c.label) <= 12 for c in options)):
        return 2
    return 1


def summary(run: Run) -> list[str]:
    """The answers, numbered, in as many messages as it takes."""
    lines = []
    for number, spot in enumerate(answered(run), 1):
        label = _cut(run.walk.label(spot) or spot.node.name)
        answer = _cut(run.walk.shown(spot)) or run.turn.t("survey.unanswered")
        if spot.node.kind in ("image", "audio", "video", "file") and run.walk.value(spot):
            answer = run.turn.t("survey.attached")
        lines.append(f"{number}. {label} — {answer}")
    messages = [""]
    for line in lines:
        if messages[-1] and len(messages[-1]) + len(line) > SUMMARY:
            messages.append("")
        messages[-1] = f"{messages[-1]}\n{line}".strip()
    return messages


def answered(run: Run) -> list[Spot]:
    """The questions a summary lists, in its order."""
    return [spot for spot in run.walk.spots() if spot.node.is_asked and not spot.is_more]


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SUMMARY_LINE else text[: SUMMARY_LINE - 1].rstrip() + "…"
