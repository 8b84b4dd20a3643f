"""Budgets: lines for analysts, totals for answers, both under the import they came with.

Lines are stored in sheets: up to `SHEET` lines of one place and year in one document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from content.budgets import BudgetLine, BudgetRequest, BudgetSummary, Total, summarise, totals
from storage.database import Database, Document
from storage.imports import ACTIVE, STAGED, UNDONE, Import, Imports

SHEET = 500
"""Lines in one document: about 100 kB."""
BATCH = 20
SHOWN = 10


class AlreadyImported(Exception):
    """This very file was imported before and is in use."""


class Overlap(Exception):
    """Another import already holds some of these figures; `told` says which."""

    def __init__(self, told: list[str]) -> None:
        super().__init__("; ".join(told[:SHOWN]))
        self.told = told


class Budgets:
    """The budgets and budget_totals collections."""

    def __init__(self, database: Database) -> None:
        self._lines = database.budgets
        self._totals = database.budget_totals
        self._facilities = database.facilities
        self._imports = Imports(database, "budgets")

    async def store(
        self,
        import_id: str,
        file: str,
        lines: list[BudgetLine],
        now: datetime,
        *,
        demonstration: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Make `lines` visible, all at once; one that was undone is simply taken up again.

        `progress` hears how many lines are stored. Raises AlreadyImported, Overlap, and the
        driver's errors, and then nothing is visible.
        """
        known = await self._imports.find(import_id)
        if known and known.status == ACTIVE:
            raise AlreadyImported(import_id)
        sums = totals(lines)
        await self._check_overlap(sums)
        if known and known.status == UNDONE:
            await self._imports.turn(import_id, UNDONE, ACTIVE)
            return
        await self._clear(import_id)
        await self._imports.stage(import_id, file, len(lines), now, demonstration=demonstration)
        try:
            stored = 0
            for batch in _batches(_sheets(import_id, lines)):
                await self._lines.insert_many(batch, ordered=False)
                stored += sum(len(sheet["lines"]) for sheet in batch)
                if progress:
                    progress(stored)
            for batch in _batches(_total_documents(import_id, sums)):
                await self._totals.insert_many(batch, ordered=False)
            await self._imports.turn(import_id, STAGED, ACTIVE)
        except BaseException:
            await self._clear(import_id)
            await self._imports.drop(import_id)
            raise

    async def undo(self, import_id: str) -> bool:
        """Hide an import; importing the same file again brings it back. False if not in use."""
        return await self._imports.turn(import_id, ACTIVE, UNDONE)

    async def imports(self) -> list[Import]:
        """Every import, the oldest first."""
        return await self._imports.all()

    async def budget_of(self, query: BudgetRequest) -> BudgetSummary | None:
        """What is known of a place's budget: its own figures, else the sum of its parts."""
        active = await self._imports.active()
        if not active or not query.place.isdecimal():
            return None
        found = await self._found({"place": query.place}, list(active))
        if not found:
            # Codes of parts begin with the code of the whole.
            found = await self._found({"place": {"$regex": f"^{query.place}"}}, list(active))
        made_up = any(active[document["import_id"]] for document in found)
        sums = [Total.from_document(document) for document in found]
        summary = summarise(query, sums, demonstration=made_up)
        if summary is None or not query.facility:
            return summary
        pupils = await self._pupils(query, summary.year)
        return summarise(query, sums, demonstration=made_up, pupils=pupils)

    async def _found(self, place: Document, active: list[str]) -> list[Document]:
        cursor = self._totals.find({**place, "import_id": {"$in": active}})
        return [document async for document in cursor]

    async def _pupils(self, query: BudgetRequest, year: int) -> int:
        """Pupils of all such facilities there; 0 unless each was counted about that year."""
        cursor = self._facilities.find({"place": query.place, "kind": query.facility})
        counted = [document async for document in cursor]
        if any(abs(one.get("pupils_year", 0) - year) > 1 for one in counted):
            return 0
        return sum(one.get("pupils", 0) for one in counted)

    async def _check_overlap(self, sums: list[Total]) -> None:
        active = await self._imports.active()
        if not active:
            return
        wanted = {total.key: total for total in sums}
        years = sorted({total.year for total in sums})
        cursor = self._totals.find({"year": {"$in": years}, "import_id": {"$in": list(active)}})
        told = []
        async for document in cursor:
            other = Total.from_document(document)
            ours = wanted.get(other.key)
            stages = sorted(set(other.stages) & set(ours.stages)) if ours else []
            if stages:
                told.append(f"{other.key} ({', '.join(stages)}) in import {document['import_id']}")
        if told:
            raise Overlap(told)

    async def _clear(self, import_id: str) -> None:
        await self._lines.delete_many({"import_id": import_id})
        await self._totals.delete_many({"import_id": import_id})


def _sheets(import_id: str, lines: Iterable[BudgetLine]) -> Iterator[Document]:
    """Lines by place and year, many in one document: nobody reads single lines, and storing
    them singly took four times the processor time."""
    groups: dict[tuple[str, int], list[BudgetLine]] = defaultdict(list)
    for line in lines:
        groups[(line.place, line.year)].append(line)
    for (place, year), group in groups.items():
        for start in range(0, len(group), SHEET):
            yield {
                "_id": f"{import_id}:{place}:{year}:{start}",
                "import_id": import_id,
                "place": place,
                "year": year,
                "lines": [line.to_document() for line in group[start : start + SHEET]],
            }


def _total_documents(import_id: str, sums: Iterable[Total]) -> Iterator[Document]:
    for total in sums:
        document = total.to_document()
        document["_id"] = f"{import_id}:{total.key}"
        document["import_id"] = import_id
        yield document


def _batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while batch := list(islice(documents, BATCH)):
        yield batch
