"""Facts about budgets, facilities and reports, pictures and letters, for the turns that ask."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

from bots.facts import Facts
from content.budgets import BudgetSummary
from content.charts import Chart, Series
from content.facilities import Facility
from content.letters import Letter
from conversations.facts import (
    BudgetOf,
    ChartPicture,
    FacilitiesOf,
    LetterFile,
    ReportState,
    ReportStatus,
)
from storage.budgets import Budgets
from storage.facilities import Facilities
from storage.pictures import Pictures
from storage.reports import Reports
from storage.store import Store

FIRST = Chart("groups", "₮", ("2024",), (Series("", (1,)),))
"""Drawn for nobody, so that the first who asks for a chart does not wait."""
PICTURES_KNOWN = 1000
"""Charts whose stored picture is remembered; the pictures themselves stay in storage."""


async def warm_up() -> None:
    """Load what draws charts, with its fonts: seconds of work, in a thread."""
    await asyncio.to_thread(_drawn, FIRST)


def register_civic_facts(facts: Facts, store: Store) -> None:
    """Answer what the budget, problem and letter dialogues ask."""
    budgets, facilities = Budgets(store.database), Facilities(store.database)
    reports = Reports(store.database)
    pictures = Pictures(store.database)
    known: OrderedDict[Chart, str] = OrderedDict()

    async def budget_of(query: BudgetOf, _: str) -> BudgetSummary | None:
        return await budgets.budget_of(query)

    async def facilities_of(query: FacilitiesOf, _: str) -> tuple[Facility, ...]:
        return await facilities.of(query.place, query.kinds)

    async def chart_picture(query: ChartPicture, _: str) -> str:
        if query.chart not in known:
            known[query.chart] = await _stored_picture(store, pictures, query.chart)
            if len(known) > PICTURES_KNOWN:
                known.popitem(last=False)
        return known[query.chart]

    async def letter_file(query: LetterFile, citizen: str) -> str:
        data = await asyncio.to_thread(_letter_pdf, query.letter)
        media = await store.media.put(data, "application/pdf", f"{query.letter.kind}.pdf")
        await store.media.own(media, citizen)
        return media

    async def report_status(query: ReportStatus, _: str) -> ReportState | None:
        found = await reports.find(query.reference)
        if found is None:
            return None
        return ReportState(
            found["status"], found.get("at"), found.get("changed"), found.get("note", "")
        )

    facts.register(BudgetOf, budget_of)
    facts.register(FacilitiesOf, facilities_of)
    facts.register(ChartPicture, chart_picture)
    facts.register(LetterFile, letter_file)
    facts.register(ReportStatus, report_status)


async def _stored_picture(store: Store, pictures: Pictures, chart: Chart) -> str:
    """The media id of `chart`, drawn unless some process has drawn it before."""
    fingerprint = hashlib.blake2b(repr(chart).encode(), digest_size=16).hexdigest()
    if media := await pictures.find(fingerprint):
        return media
    data = await asyncio.to_thread(_drawn, chart)
    return await pictures.keep(fingerprint, await store.media.put(data, "image/png", "chart.png"))


def _drawn(chart: Chart) -> bytes:
    # matplotlib takes seconds to import: in the thread, and only when a chart is wanted.
    from content.drawing import draw

    return draw(chart)


def _letter_pdf(letter: Letter) -> bytes:
    from content.letter_pdf import as_pdf

    return as_pdf(letter)
