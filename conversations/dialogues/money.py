"""What the budget and the Local Development Fund dialogues share: which place is meant."""

from __future__ import annotations

from collections.abc import Sequence

from content.charts import Chart
from content.wording import place_name
from conversations.facts import ChartPicture
from conversations.messages import Choice
from conversations.places import known
from conversations.state import Frame
from conversations.turn import PAGE, Turn


def place_of(turn: Turn, frame: Frame, prefix: str) -> str | None:
    """The one place that is asked about; None after asking which.

    The place named in the question counts, else the citizen's own. `data["place"]` keeps it;
    `prefix` is the dialogue's, for the buttons (`<prefix>:at:<code>`).
    """
    if place := frame.data.get("place"):
        return str(place)
    named = [code for code in frame.data.get("places") or () if known(code)]
    if len(named) > 1:
        choices = [
            Choice(place_name(code, turn.locale), f"{prefix}:at:{code}") for code in named[:PAGE]
        ]
        turn.say(turn.t("budget.which_place"), choices)
        return None
    place = named[0] if named else turn.state.place
    if place:
        frame.data["place"] = place
        return place
    if frame.data.get("asked_place"):
        turn.say(turn.t("budget.need_place"), [Choice(turn.t("menu.title"), "go:menu")])
        return None
    frame.data["asked_place"] = True
    turn.open("place", reason="budget")
    return None


def picture(turn: Turn, chart: Chart) -> str:
    """The media id of `chart`, or "" where there is nothing to draw."""
    return turn.world.get(ChartPicture(chart)) if chart.labels else ""


def menu(turn: Turn, choices: Sequence[Choice]) -> list[Choice]:
    """`choices` and the way to the menu."""
    return [*choices, Choice(turn.t("menu.title"), "go:menu")]
