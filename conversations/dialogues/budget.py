"""What a place may spend and has spent: total, plan and execution, the largest items."""

from __future__ import annotations

from content.budgets import KINDS, SECTORS, BudgetSummary
from content.charts import Chart, Series
from content.followups import money_follow_up
from content.ldf import projects
from content.wording import day_in, money, money_about, number, percent, place_name
from conversations.dialogues.money import menu, picture, place_of
from conversations.facts import BudgetOf
from conversations.messages import Choice
from conversations.places import known
from conversations.state import Frame
from conversations.turn import Turn

ITEMS = 5
YEARS = 4
"""Years in a chart: more are not readable on a phone."""
ASKED_SECTORS = ("education", "health")


class Budget:
    """`data`: places or place, year, sector, facility (as understood from the question).

    Buttons carry the whole question, so that an old one still works:
    `bu:at:<place>:<year>:<sector>:<facility>:<what>`, what being "" or "exact".
    """

    name = "budget"
    prefix = "bu"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Answer for the place asked about; nothing more is said when coming back."""
        if frame.data.get("told"):
            turn.say(turn.t("budget.what_else"), self._after(turn, frame.data["place"]))
            return
        place = place_of(turn, frame, self.prefix)
        if place is None:
            return
        data = frame.data
        self._tell(
            turn, frame, place, data.get("year") or 0, data.get("sector"), data.get("facility")
        )

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button, or a short follow-up to the answer given."""
        tapped = turn.tapped(self.prefix)
        if turn.typed:
            return self._follow(turn, frame)
        if tapped == "start":
            frame.data = {}
            self.prompt(turn, frame)
            return True
        if tapped is None or not tapped.startswith("at:"):
            return False
        place, year, sector, facility, what = (tapped.split(":")[1:] + [""] * 5)[:5]
        good = known(place) and sector in ("", *SECTORS) and facility in KINDS
        if not good or not (year or "0").isdecimal():
            return False
        frame.data = {"place": place}
        self._tell(turn, frame, place, int(year or 0), sector, facility, exact=what == "exact")
        return True

    def _follow(self, turn: Turn, frame: Frame) -> bool:
        """ "And in 2023?", "and health?", "exactly how much?": the rest stays as it was."""
        data = frame.data
        asked = money_follow_up(turn.typed)
        if asked is None or not data.get("told"):
            return False
        sector = data.get("sector") or ""
        facility = data.get("facility") or ""
        if asked.sector or asked.facility:
            sector, facility = asked.sector, asked.facility
        year = data.get("year") or 0
        if asked.year:
            year = asked.year if asked.year > 0 else year - 1
        self._tell(turn, frame, data["place"], year, sector, facility, exact=asked.exact)
        return True

    def _tell(
        self,
        turn: Turn,
        frame: Frame,
        place: str,
        year: int,
        sector: str | None,
        facility: str | None,
        *,
        exact: bool = False,
    ) -> None:
        summary = _find(turn, place, year, sector or "", facility or "")
        shown = summary.year if summary else year
        asked = {"year": shown, "sector": sector or "", "facility": facility or ""}
        frame.data = {"place": place, "told": True, **asked}
        if summary is None:
            self._nothing(turn, place, year, sector or "", facility or "")
        elif exact:
            turn.say(_exact(turn, summary), self._after(turn, place))
        else:
            self._answer(turn, summary, year)

    def _answer(self, turn: Turn, summary: BudgetSummary, wanted_year: int) -> None:
        lines = [_heading(turn, summary), "", *_figures(turn, summary)]
        if wanted_year not in (0, summary.year):
            lines.insert(0, turn.t("budget.other_year", year=wanted_year, shown=summary.year))
        turn.say("\n".join(lines), picture=picture(turn, _chart(turn, summary)))
        tail = [_largest(turn, summary), _source(turn, summary)]
        turn.say("\n\n".join(part for part in tail if part), self._next(turn, summary), columns=2)

    def _next(self, turn: Turn, summary: BudgetSummary) -> list[Choice]:
        asked = summary.request
        here = f"bu:at:{asked.place}"
        choices = [
            Choice(
                turn.t("budget.button.exact"),
                f"{here}:{summary.year}:{asked.sector}:{asked.facility}:exact",
            )
        ]
        choices += [
            Choice(str(past.year), f"{here}:{past.year}:{asked.sector}:{asked.facility}:")
            for past in reversed(summary.history)
            if past.year != summary.year
        ][:2]
        choices += [
            Choice(turn.t(f"budget.button.{sector}"), f"{here}:{summary.year}:{sector}::")
            for sector in ASKED_SECTORS
            if sector != asked.sector
        ]
        return [*choices, *self._after(turn, asked.place)]

    def _after(self, turn: Turn, place: str) -> list[Choice]:
        choices = [Choice(turn.t("budget.button.take_part"), "en:budget_participation:what")]
        if projects(place[:4]):
            choices.append(Choice(turn.t("budget.button.ldf"), f"ld:at:{place[:4]}"))
        return menu(turn, choices)

    def _nothing(self, turn: Turn, place: str, year: int, sector: str, facility: str) -> None:
        """Nothing is loaded: say so, where it must be published, and how to ask."""
        asked = _what(turn, sector, facility)
        name = place_name(place, turn.locale, "gen")
        key = "budget.nothing_year" if year else "budget.nothing"
        turn.say(turn.t(key, place=name, what=asked, year=year))
        choices = [
            Choice(turn.t("budget.button.glass"), "en:glass_account:what"),
            Choice(turn.t("budget.button.request"), "le:information:glass_account"),
            *self._after(turn, place),
        ]
        turn.say(turn.t("budget.where_published"), choices)


def _find(turn: Turn, place: str, year: int, sector: str, facility: str) -> BudgetSummary | None:
    """The budget asked for; a bag's or khoroo's is its soum's; another year if that one lacks."""
    for code in dict.fromkeys([place, place[:4]]):
        for when in dict.fromkeys([year, 0]):
            if summary := turn.world.get(BudgetOf(code, when, sector, facility)):
                return summary
    return None


def _what(turn: Turn, sector: str, facility: str) -> str:
    return turn.t(f"budget.what.{facility or sector or 'all'}")


def _heading(turn: Turn, summary: BudgetSummary) -> str:
    asked = summary.request
    place = place_name(asked.place, turn.locale, "gen")
    if asked.sector or asked.facility:
        what = _what(turn, asked.sector, asked.facility)
        heading = turn.t("budget.heading", place=place, what=what, year=summary.year)
    else:
        names = ", ".join(turn.t(f"budget.sector.{sector}") for sector in summary.sectors)
        heading = turn.t("budget.heading_all", place=place, sectors=names, year=summary.year)
    if summary.below:
        heading = f"{heading} {turn.t('budget.below')}"
    return f"{turn.t('budget.demonstration')}\n\n{heading}" if summary.demonstration else heading


def _figures(turn: Turn, summary: BudgetSummary) -> list[str]:
    """Plan, execution, change on the year before, and the amount a pupil."""
    lines = []
    if summary.plan is not None:
        amount = money_about(summary.plan, turn.locale)
        lines.append(turn.t(f"budget.{summary.plan_stage}", amount=amount))
    if summary.executed is not None:
        amount = money_about(summary.executed, turn.locale)
        if summary.plan:
            share = percent(summary.executed / summary.plan, turn.locale)
            lines.append(turn.t("budget.executed_share", amount=amount, share=share))
        else:
            lines.append(turn.t("budget.executed", amount=amount))
    if summary.change is not None:
        key = "budget.more" if summary.change >= 0 else "budget.less"
        lines.append(turn.t(key, share=percent(abs(summary.change), turn.locale)))
    if summary.pupils:
        each = money_about(round(summary.amount / summary.pupils), turn.locale)
        count = number(summary.pupils, turn.locale)
        lines.append(turn.t("budget.per_pupil", amount=each, count=count))
    return lines


def _largest(turn: Turn, summary: BudgetSummary) -> str:
    items = [
        f"{place}. {name}: {money_about(amount, turn.locale)}"
        for place, (name, amount) in enumerate(summary.items[:ITEMS], 1)
    ]
    return "\n".join([turn.t("budget.largest"), *items]) if items else ""


def _source(turn: Turn, summary: BudgetSummary) -> str:
    return turn.t("budget.source", source=summary.source, day=day_in(summary.as_of, turn.locale))


def _exact(turn: Turn, summary: BudgetSummary) -> str:
    """The same figures to the last ₮."""
    lines = [_heading(turn, summary), ""]
    if summary.plan is not None:
        amount = money(summary.plan)
        lines.append(turn.t(f"budget.{summary.plan_stage}", amount=amount))
    if summary.executed is not None:
        lines.append(turn.t("budget.executed", amount=money(summary.executed)))
    lines += [f"• {name}: {money(amount)}" for name, amount in summary.items[: 2 * ITEMS]]
    return "\n".join([*lines, "", _source(turn, summary)])


def _chart(turn: Turn, summary: BudgetSummary) -> Chart:
    """Years side by side where there are several, else the largest items."""
    title = _heading(turn, summary).splitlines()[-1]
    note = turn.t("budget.chart_note", source=summary.source)
    warning = turn.t("budget.demonstration_mark") if summary.demonstration else ""
    past = summary.history[-YEARS:]
    if len(past) > 1:
        series = (
            Series(turn.t("budget.series.plan"), tuple(year.plan for year in past)),
            Series(turn.t("budget.series.executed"), tuple(year.executed for year in past)),
        )
        known_series = tuple(one for one in series if any(one.values))
        labels = tuple(str(year.year) for year in past)
        return Chart("groups", title, labels, known_series, turn.locale, note, warning)
    items = summary.items[:ITEMS]
    values = Series("", tuple(amount for _, amount in items))
    names = tuple(name for name, _ in items)
    return Chart("bars", title, names, (values,), turn.locale, note, warning)
