"""One export from beginning to end: read, protect, write, describe, put in place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from analytics import codebook
from analytics.attachments import fetch_media
from analytics.columns import Column, Kind, Table
from analytics.datapackage import package
from analytics.disclosure import Disclosure, month_begin
from analytics.formats import Writer, opened
from analytics.placing import MANIFEST, check_target, digest, placed
from analytics.request import Format, Profile, Request, RequestError
from analytics.shaping import Filter, Inference, check_fields, chosen, known_columns
from analytics.sources import Source, source_of
from analytics.spool import Spool
from analytics.values import Row, as_text
from analytics.versions import Version, changes_between
from analytics.weighting import Raked, WeightingError, rake
from storage.exporting import Exporting
from storage.store import Store

Progress = Callable[[str, int], None]
"""Hears what is being done ("read", "written") and how many rows so far."""

WEIGHT = Column("weight", Kind.DECIMAL, "Raking weight", note="mean 1 over the cases weighted")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows by table, and the manifest."""

    rows: dict[str, int]
    manifest: dict[str, Any]


async def export(
    store: Store,
    request: Request,
    key: bytes,
    target: Path,
    progress: Progress = lambda done, rows: None,
) -> Exported:
    """Write what `request` asks for into the folder (or .zip) `target`.

    `key` is the secret behind pseudonyms. The caller writes the audit log
    (`analytics.auditing`). Raises RequestError; then there is no new file.
    """
    if request.profile is Profile.PUBLIC:
        request = request.model_copy(update={"cutoff": month_begin(request.cutoff)})
    check_target(target)
    exporting = Exporting(store.database)
    source, versions = await source_of(exporting, request, key)
    check_fields(_outlook(source, request), request.fields)
    keep, inference = Filter(request, source.tables[0]), Inference(source.tables)
    with Spool() as spool:

        def take(batch: list[Any]) -> None:
            kept = keep(batch)
            inference.see(kept)
            spool.add(kept)
            progress("read", spool.count)

        async for batch in source.batches():
            await asyncio.to_thread(take, batch)
        with placed(target) as folder:
            writing = _Writing(request, source, versions, spool, inference, folder, progress)
            exported = await asyncio.to_thread(writing.run)
            if request.media:
                await fetch_media(store.media, spool, source.tables, folder)
            manifest = await asyncio.to_thread(writing.manifest)
    return Exported(exported, manifest)


def _outlook(source: Source, request: Request) -> Sequence[Table]:
    """The tables whose columns may be asked for."""
    if request.profile is Profile.PUBLIC and request.dataset == "answers":
        return [Disclosure(source.tables[0], request.traits, request.minimum).table]
    return source.tables


class _Writing:
    """The second half of an export: from the spool to described files."""

    def __init__(
        self,
        request: Request,
        source: Source,
        versions: tuple[Version, ...],
        spool: Spool,
        inference: Inference,
        folder: Path,
        progress: Progress,
    ) -> None:
        self.request = request
        self.source = source
        self.versions = versions
        self.spool = spool
        self.folder = folder
        self.progress = progress
        self.tables, self._shapes = inference.shaped()
        self.disclosure: Disclosure | None = None
        self.raked: Raked | None = None
        self.described: list[codebook.Described] = []
        self.files: dict[str, str] = {}
        self.remarks: list[str] = []
        self._changes: list[str] = []

    def run(self) -> dict[str, int]:
        """Write the data and the codebook; the rows of each table."""
        if self.request.profile is Profile.PUBLIC and self.request.dataset == "answers":
            self._decide_disclosure()
        elif self.request.margins:
            self._weigh()
        shaped = [chosen(table, self.request.fields) for table in self.tables]
        tables = [table for table, _ in shaped]
        writer = opened(self.request.format, self.folder, tables, exact=self.request.exact)
        answered = [numpy.zeros(len(table.columns), dtype=int) for table in tables]
        rows = [0] * len(tables)
        for number, block in self._blocks():
            final = [shaped[number][1](row) for row in block]
            writer.write(number, final)
            rows[number] += len(final)
            answered[number] += [len(final) - column.count(None) for column in zip(*final)]  # noqa: B905
            self.progress("written", sum(rows))
        self._changes = changes_between(self.versions, self.request.language or "en")
        self._finish(writer, tables, rows, answered)
        return dict(zip((table.name for table in tables), rows, strict=True))

    # -- rows ------------------------------------------------------------------------------

    def _blocks(self) -> Iterator[tuple[int, list[Row]]]:
        """All rows in their order, a table's at a time."""
        first, done = 1, 0
        for bucket in self.spool.buckets():
            by_table: dict[int, list[Row]] = {}
            for _, number, _, row in bucket:
                by_table.setdefault(number, []).append(self._shapes[number](row))
            if self.disclosure is not None:
                shown = list(self.disclosure.rows(by_table.get(0, ()), first))
                first += len(shown)
                by_table = {0: shown} if shown else {}
            elif self.raked is not None and 0 in by_table:
                weights = self.raked.weights[done : done + len(by_table[0])].tolist()
                done += len(by_table[0])
                by_table[0] = [
                    (*row, None if weight != weight else round(weight, 6))
                    for row, weight in zip(by_table[0], weights, strict=True)
                ]
            yield from by_table.items()

    def _decide_disclosure(self) -> None:
        made = Disclosure(self.tables[0], self.request.traits, self.request.minimum)
        for bucket in self.spool.buckets():
            for _, number, _, row in bucket:
                if number == 0:
                    made.count(self._shapes[0](row))
        made.decide()
        self.disclosure = made
        self.tables = (made.table,)
        self.remarks += [
            f"public profile: whatever fewer than {made.minimum} cases of a month and campaign "
            "share is blanked; repeats, free text, positions, moments and ids are left out",
            f"{made.held_back} cases of months with fewer than {made.minimum} are held back",
        ]

    def _weigh(self) -> None:
        table = self.tables[0]
        margins = self.request.margins
        places = known_columns(table, margins)
        status = table.index("status")
        values: dict[str, list[str | None]] = {name: [] for name in margins}
        included: list[bool] = []
        for bucket in self.spool.buckets():
            for _, number, _, row in bucket:
                if number:
                    continue
                included.append(row[status] == "complete")
                for name, place in zip(margins, places, strict=True):
                    cell = row[place]
                    values[name].append(None if cell is None else as_text(cell))
        try:
            self.raked = rake(values, margins, included)
        except WeightingError as error:
            raise RequestError(*error.args) from None
        self.tables = (table.with_columns((*table.columns, WEIGHT)), *self.tables[1:])
        self.remarks.append(
            f"weights: {self.raked.weighted} cases, effective n {self.raked.effective:.1f}, "
            f"largest {self.raked.largest:.2f}, raked to {', '.join(margins)}"
        )

    # -- documentation ---------------------------------------------------------------------

    def _finish(
        self, writer: Writer, tables: list[Table], rows: list[int], answered: list[Any]
    ) -> None:
        self.described = [
            codebook.Described(
                table, rows[number], answered[number].tolist(), writer.renamed(number),
                writer.codes(number),
            )
            for number, table in enumerate(tables)
        ]  # fmt: skip
        self.files = writer.finish(codebook.sheets(self.described, self._changes))
        self.remarks += [*self._told_by_source(), *writer.remarks]
        if self.request.format is Format.CSV and not self.request.exact:
            self.remarks.append(
                "a text that a spreadsheet would run as a formula begins with '; "
                "take that letter away, or ask for --exact"
            )
        text = codebook.markdown(self._title(), self.described, self._changes, self.remarks)
        (self.folder / "codebook.md").write_text(text, "utf-8")
        described = opened(Format.CSV, self.folder, [_codebook_table()])
        described.write(0, [tuple(row) for row in codebook.columns_sheet(self.described)[1:]])
        described.finish(())

    def _title(self) -> str:
        if not self.versions:
            return self.source.tables[0].title
        titles = self.versions[0].source.titles
        return titles.get(self.request.language) or self.versions[0].source.title

    def _told_by_source(self) -> list[str]:
        told = []
        for path, count in sorted(getattr(self.source, "unreadable", {}).items()):
            told.append(f"{path}: {count} values are not of the question's type and left out")
        for path, count in sorted(getattr(self.source, "unknown", {}).items()):
            told.append(f"{path}: {count} values at a place that no version covered has; left out")
        return told

    def manifest(self) -> dict[str, Any]:
        """Describe all files, in `datapackage.json` and the manifest, which is returned."""
        listed = sorted(p for p in self.folder.rglob("*") if p.is_file())
        hashes = {p.relative_to(self.folder).as_posix(): digest(p) for p in listed}
        described = package(
            f"{self.request.dataset}-{self.request.key}", self._title(), self.described,
            self.files, self.request.format, hashes,
        )  # fmt: skip
        data = self.folder / "datapackage.json"
        data.write_text(_json(described), "utf-8")
        hashes[data.name] = digest(data)
        manifest = {
            "request": self.request.model_dump(mode="json"),
            "cutoff": self.request.cutoff.isoformat(),
            "next_since": self.request.cutoff.isoformat(),
            "rows": {one.table.name: one.rows for one in self.described},
            "versions": [
                {"version": one.source.version, "published": one.published.isoformat()}
                for one in self.versions
            ],
            "changes": [line for line in self._changes if line],
            "remarks": self.remarks,
            "files": {
                name: {"sha256": digested, "bytes": size}
                for name, (digested, size) in sorted(hashes.items())
            },
        }
        (self.folder / MANIFEST).write_text(_json(manifest), "utf-8")
        return manifest


def _codebook_table() -> Table:
    return Table("codebook", "Codebook", tuple(Column(name) for name in codebook.HEAD), ("column",))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
