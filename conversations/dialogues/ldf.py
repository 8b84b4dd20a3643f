"""What the Local Development Fund built: from the list of real projects that is loaded."""

from __future__ import annotations

from collections import defaultdict

from content.charts import Chart, Series
from content.followups import money_follow_up
from content.ldf import LINK, SOURCE, YEARS, Project, projects, years
from content.wording import money, money_about, place_name
from conversations.dialogues.money import menu, picture, place_of
from conversations.messages import Choice
from conversations.places import known
from conversations.state import Frame
from conversations.turn import Turn
from nlu.gazetteer import gazetteer

SHOWN = 5
BARS = 6
LISTED = 12


class LdfProjects:
    """`data`: places or place, year. Buttons: `ld:at:<place>:<year>:<from>`.

    From 0 on the projects are listed one by one with exact amounts; "" is the summary.
    """

    name = "ldf"
    prefix = "ld"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Answer for the place asked about; coming back, only offer what is next."""
        if frame.data.get("told"):
            choices = self._next(turn, frame.data["place"], frame.data["year"])
            turn.say(turn.t("budget.what_else"), choices, columns=2)
        elif (place := place_of(turn, frame, self.prefix)) is not None:
            self._tell(turn, frame, place, frame.data.get("year") or 0)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button, or a short follow-up to the answer given."""
        if turn.typed:
            return self._follow(turn, frame)
        tapped = turn.tapped(self.prefix)
        if tapped == "start":
            frame.data = {}
            self.prompt(turn, frame)
            return True
        if tapped is None or not tapped.startswith("at:"):
            return False
        place, year, first = (tapped.split(":")[1:] + [""] * 3)[:3]
        if not known(place) or not (year or "0").isdecimal() or not (first or "0").isdecimal():
            return False
        if first:
            frame.data = {"place": place, "year": int(year or 0), "told": True}
            self._list(turn, place, int(year or 0), int(first))
        else:
            self._tell(turn, frame, place, int(year or 0))
        return True

    def _follow(self, turn: Turn, frame: Frame) -> bool:
        """ "And in 2013?", "exactly?": another year, or the list with exact amounts."""
        asked = money_follow_up(turn.typed)
        if asked is None or not frame.data.get("told") or asked.sector or asked.facility:
            return False
        place, year = frame.data["place"], frame.data["year"]
        if asked.year:
            year = asked.year if asked.year > 0 else (year or YEARS[-1] + 1) - 1
        if asked.exact:
            self._list(turn, place, year, 0)
        else:
            self._tell(turn, frame, place, year)
        return True

    def _tell(self, turn: Turn, frame: Frame, place: str, year: int) -> None:
        frame.data = {"place": place, "year": year, "told": True}
        found = _found(place, year)
        if not found and _found(place, 0):
            turn.say(turn.t("ldf.other_years", year=year, years=_years(place)))
            year = 0
            found = _found(place, 0)
        if not found:
            self._nothing(turn, place)
            return
        turn.say(
            _summary(turn, place, year, found), picture=picture(turn, _chart(turn, place, year))
        )
        lines = [f"• {_line(turn, project, year)}" for project in found[:SHOWN]]
        text = "\n".join([turn.t("ldf.largest"), *lines])
        turn.say(f"{text}\n\n{_source(turn)}", self._next(turn, place, year), columns=2)

    def _list(self, turn: Turn, place: str, year: int, first: int) -> None:
        found = _found(place, year)
        shown = found[first : first + LISTED]
        lines = [
            f"{at}. {_line(turn, project, year, exact=True)}"
            for at, project in enumerate(shown, first + 1)
        ]
        choices = self._next(turn, place, year)
        if first + LISTED < len(found):
            more = f"ld:at:{place}:{year or ''}:{first + LISTED}"
            choices = [Choice(turn.t("ldf.button.more"), more), *choices]
        text = "\n".join([*lines, "", _source(turn)]) if lines else turn.t("ldf.no_more")
        turn.say(text, choices, columns=2)

    def _next(self, turn: Turn, place: str, year: int) -> list[Choice]:
        choices = [Choice(turn.t("ldf.button.list"), f"ld:at:{place}:{year or ''}:0")]
        choices += [
            Choice(str(other), f"ld:at:{place}:{other}")
            for other in years(place[:4])
            if other != year
        ]
        choices.append(Choice(turn.t("budget.button.take_part"), "en:budget_participation:what"))
        return menu(turn, choices)

    def _nothing(self, turn: Turn, place: str) -> None:
        """Nothing is loaded for this place: what there is, and how to ask."""
        name = place_name(place, turn.locale, "gen")
        choices = [
            Choice(place_name(code, turn.locale), f"ld:at:{code}")
            for code in sorted({project.district for project in projects()})
        ]
        turn.say(turn.t("ldf.nothing", place=name, first=YEARS[0], last=YEARS[-1]))
        turn.say(
            turn.t("ldf.ask_yourself"),
            menu(
                turn,
                [
                    Choice(turn.t("budget.button.request"), "le:information:budget_participation"),
                    Choice(turn.t("budget.button.take_part"), "en:budget_participation:what"),
                    *(choices if place.startswith("11") else []),
                ],
            ),
            columns=2,
        )


def _found(place: str, year: int) -> list[Project]:
    """Projects of a district, or of one khoroo by its number."""
    khoroo = ""
    if len(place) == 6:
        khoroo = gazetteer().place(place).name_mn.partition("-")[0]
    return projects(place[:4], year, khoroo)


def _source(turn: Turn) -> str:
    return turn.t("ldf.source", source=SOURCE, link=LINK)


def _years(place: str) -> str:
    return ", ".join(str(year) for year in years(place[:4]))


def _when(turn: Turn, year: int) -> str:
    if year:
        return turn.t("ldf.in_year", year=year)
    return turn.t("ldf.in_years", years=f"{YEARS[0]}–{YEARS[-1]}")


def _summary(turn: Turn, place: str, year: int, found: list[Project]) -> str:
    total = sum(project.amount or 0 for project in found)
    unknown = sum(1 for project in found if project.amount is None)
    text = turn.t(
        "ldf.summary",
        place=place_name(place, turn.locale, "dat"),
        when=_when(turn, year),
        count=len(found),
        amount=money_about(total, turn.locale),
    )
    return f"{text} {turn.t('ldf.without_amount', count=unknown)}" if unknown else text


def _line(turn: Turn, project: Project, year: int, *, exact: bool = False) -> str:
    """One project; its year only where no year was asked for."""
    if project.amount is None:
        amount = turn.t("ldf.no_amount")
    else:
        amount = money(project.amount) if exact else money_about(project.amount, turn.locale)
    where = turn.t("ldf.khoroo", number=project.khoroo) if project.khoroo else ""
    note = f" ({project.note})" if project.note else ""
    by = f", {project.contractor}" if exact and project.contractor else ""
    when = "" if year else f", {project.year}"
    return f"{project.name}{note}, {where}{when}: {amount}{by}"


def _chart(turn: Turn, place: str, year: int) -> Chart:
    """What the money went into, the kinds of project with the largest sums."""
    sums: dict[str, int] = defaultdict(int)
    for project in _found(place, year):
        sums[project.name] += project.amount or 0
    largest = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:BARS]
    title = turn.t("ldf.chart_title", place=place_name(place, turn.locale), when=_when(turn, year))
    return Chart(
        "bars",
        title,
        tuple(name for name, _ in largest),
        (Series("", tuple(amount for _, amount in largest)),),
        turn.locale,
        turn.t("budget.chart_note", source=SOURCE),
    )
