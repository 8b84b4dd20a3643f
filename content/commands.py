"""`main.py content`, `main.py budget` and `main.py facility`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from content.budget_import import Batch, read_budget
from content.budget_mapping import Mapping, read_mapping
from content.checks import check_content
from content.entitlement import FOLDER
from content.facility_import import read_facilities
from content.finding import Finding, Refused
from content.fiscal_package import read_package
from settings import settings
from storage.budgets import AlreadyImported, Budgets, Overlap
from storage.embedded import EmbeddedServerError
from storage.facilities import Facilities
from storage.opening import open_store
from storage.store import Store

content_app = typer.Typer(no_args_is_help=True)
budget_app = typer.Typer(no_args_is_help=True)
facility_app = typer.Typer(no_args_is_help=True)
console = Console()
errors = Console(stderr=True, soft_wrap=True)

NLU_TOPICS = Path(__file__).parents[1] / "nlu" / "data" / "entitlement"
SHOWN = 40


def _open() -> AbstractAsyncContextManager[Store]:
    """The store; the embedded server is started where none runs."""
    return open_store(settings(), start=True)


class Failed(Exception):
    """The command did not do what was asked; the findings say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__()
        self.findings = findings


def _run(job: Coroutine[Any, Any, None]) -> None:
    """Run `job`; what is wrong with a file is printed line by line, with exit code 1."""
    try:
        asyncio.run(job)
    except (Refused, Failed) as refused:
        _print(refused.findings)
        errors.print("[red]Nothing was changed.[/red]")
        raise typer.Exit(1) from None
    except EmbeddedServerError as error:
        errors.print(f"[red]onoo:[/red] {error}", highlight=False)
        raise typer.Exit(1) from None


def _print(findings: list[Finding]) -> None:
    for finding in findings[:SHOWN]:
        mark = "[red]✗[/red]" if finding.severe else "[yellow]![/yellow]"
        errors.print(mark, end=" ")
        errors.print(str(finding), markup=False, highlight=False)
    if len(findings) > SHOWN:
        errors.print(f"… and {len(findings) - SHOWN} more")


# -- content ----------------------------------------------------------------------------


@content_app.callback()
def content() -> None:
    """What the bot knows of entitlements."""


@content_app.command("check")
def content_check(
    strict: Annotated[bool, typer.Option(help="Fail on warnings, too.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the topics are.")] = FOLDER,
) -> None:
    """Report missing translations and sources, unsourced figures, dead links and old entries."""
    topics = [path.stem for path in NLU_TOPICS.glob("*.yml")] if NLU_TOPICS.is_dir() else None
    findings = check_content(date.today(), topics, folder)
    _print(findings)
    severe = [finding for finding in findings if finding.severe or strict]
    count = len(list(folder.glob("*.yml")))
    if severe:
        errors.print(f"[red]{len(severe)} to mend[/red] in {count} topics")
        raise typer.Exit(1)
    console.print(f"[green]✓[/green] {count} topics, every figure sourced")


# -- budgets ----------------------------------------------------------------------------


@budget_app.command("import")
def budget_import(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, or a package's datapackage.json.")],
    mapping: Annotated[Path | None, typer.Option(help="How its columns are read (YAML).")] = None,
    resource: Annotated[str, typer.Option(help="Which table of a data package.")] = "",
    demonstration: Annotated[
        bool, typer.Option(help="Allow a file that is marked as made up.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Only check; store nothing.")] = False,
) -> None:
    """Import a budget: checked as a whole, all or nothing, repeatable, undoable."""
    _run(_import_budget(file, mapping, resource, demonstration, check))


def _how_to_read(
    file: Path, mapping_file: Path | None, resource: str, demonstration: bool
) -> tuple[Path, Mapping | None]:
    """The data file and its mapping; a package brings its own."""
    if file.is_dir() or file.suffix == ".json":
        package = read_package(file, resource)
        return package.path, package.mapping
    mapping = read_mapping(mapping_file) if mapping_file else None
    if mapping and mapping.demonstration and not demonstration:
        raise Refused.because(file.name, "made up for demonstration: add --demonstration")
    return file, mapping


async def _import_budget(
    file: Path, mapping_file: Path | None, resource: str, demonstration: bool, check: bool
) -> None:
    file, mapping = _how_to_read(file, mapping_file, resource, demonstration)
    async with _open() as store:
        known = await Facilities(store.database).codes()
        with _progress("Reading") as progress:
            task = progress.add_task("Reading", total=None)
            batch = await asyncio.to_thread(
                read_budget,
                file,
                mapping,
                date.today(),
                facilities=known,
                progress=lambda rows: progress.update(task, completed=rows),
            )
        _print(batch.warnings)
        if check:
            console.print(f"[green]✓[/green] {len(batch.lines):,} lines are good; nothing stored")
            return
        await _store_budget(Budgets(store.database), batch)


async def _store_budget(budgets: Budgets, batch: Batch) -> None:
    with _progress("Storing") as progress:
        task = progress.add_task("Storing", total=len(batch.lines))
        try:
            await budgets.store(
                batch.import_id,
                batch.file,
                batch.lines,
                datetime.now(UTC),
                demonstration=batch.demonstration,
                progress=lambda stored: progress.update(task, completed=stored),
            )
        except AlreadyImported:
            console.print(f"Already imported as {batch.import_id}; nothing to do.")
            return
        except Overlap as overlap:
            findings = [Finding(batch.file, f"{told}: undo that first") for told in overlap.told]
            raise Failed(findings) from None
    console.print(
        f"[green]✓[/green] {len(batch.lines):,} lines as import {batch.import_id} "
        f"(take back: budget undo {batch.import_id})"
    )


def _progress(title: str) -> Progress:
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


@budget_app.command("undo")
def budget_undo(import_id: Annotated[str, typer.Argument(help="From `budget list`.")]) -> None:
    """Take an import back; importing the same file again restores it."""

    async def undo() -> None:
        async with _open() as store:
            if not await Budgets(store.database).undo(import_id):
                raise Refused.because(import_id, "no import in use has this id: see `budget list`")
        console.print(f"[green]✓[/green] import {import_id} is taken back")

    _run(undo())


@budget_app.command("list")
def budget_list() -> None:
    """Show what was imported."""

    async def show() -> None:
        async with _open() as store:
            imports = await Budgets(store.database).imports()
        table = Table("File", "When", "Lines", "Status", "")
        # Never cut short: `budget undo` asks for it.
        table.add_column("Import", no_wrap=True, min_width=16)
        for one in imports:
            when = one.at.strftime("%Y-%m-%d %H:%M")
            note = "demonstration" if one.demonstration else ""
            table.add_row(one.file, when, f"{one.size:,}", one.status, note, one.id)
        console.print(table if imports else "No budgets imported yet.")

    _run(show())


# -- facilities -------------------------------------------------------------------------


@facility_app.command("import")
def facility_import(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: code, name, kind, place, …")],
    within: Annotated[str, typer.Option(help="Unit code where places are meant.")] = "",
    check: Annotated[bool, typer.Option(help="Only check; store nothing.")] = False,
) -> None:
    """Import facilities; those with a known code are replaced."""

    async def run() -> None:
        found = await asyncio.to_thread(read_facilities, file, within=within)
        async with _open() as store:
            facilities = Facilities(store.database)
            if doubles := await facilities.doubles(found):
                raise Refused([Finding(file.name, told) for told in doubles])
            if not check:
                await facilities.store(found)
        done = "are good; nothing stored" if check else "stored"
        console.print(f"[green]✓[/green] {len(found):,} facilities {done}")

    _run(run())


@facility_app.command("list")
def facility_list(
    place: Annotated[str, typer.Argument(help="Unit code; all where empty.")] = "",
) -> None:
    """Show the facilities of a place."""

    async def show() -> None:
        async with _open() as store:
            found = await Facilities(store.database).of(place)
        table = Table("Code", "Name", "Kind", "Place", "Pupils")
        for one in found:
            pupils = f"{one.pupils:,} ({one.pupils_year})" if one.pupils else ""
            table.add_row(one.code, one.name, one.kind, one.place, pupils)
        console.print(table if found else "No facilities there.")

    _run(show())
