"""`main.py survey`: check, build, preview, compare and publish surveys."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conversations.events import Event
from conversations.messages import Choice, Incoming, Kind
from conversations.survey import checks, workbook
from conversations.survey.comparison import compare_forms
from conversations.survey.findings import Severity
from conversations.survey.form import FormError
from conversations.survey.preview import Preview, messages
from conversations.survey.source import FormSource
from locales import text
from settings import settings
from storage.opening import open_store

app = typer.Typer(no_args_is_help=True)
console = Console()
errors = Console(stderr=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .xlsx or .md file.")]
Locale = Annotated[str, typer.Option("--locale", "-l", help="mn or en.")]


def _checked(path: Path, locale: str) -> FormSource:
    """The form version of a file; prints what is wrong with it, and ends if that is too much."""
    report = checks.check(path)
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in report.findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        table.add_row(
            f"[{colour}]{finding.severity}[/{colour}]",
            escape(finding.where(locale)),
            escape(finding.message(locale)),
        )
    if report.findings:
        console.print(table)
    if report.source is None or not report.passed:
        errors.print(text(locale, "survey.check.failed"))
        raise typer.Exit(1)
    return report.source


@app.command()
def check(path: File, locale: Locale = "mn") -> None:
    """Say everything that is wrong with a survey: where, and what would be right."""
    source = _checked(path, locale)
    console.print(
        text(locale, "survey.check.passed", title=source.title, version=source.version),
        highlight=False,
    )


@app.command()
def build(path: File) -> None:
    """Write the workbook (.xlsx) that a Markdown source describes, beside it."""
    if path.suffix != ".md":
        raise typer.BadParameter("a Markdown file (.md) is needed")
    try:
        console.print(str(workbook.build(path)), highlight=False)
    except FormError as problem:
        errors.print(f"[red]{escape(str(problem))}[/red]", highlight=False)
        raise typer.Exit(1) from None


@app.command()
def preview(path: File, locale: Locale = "mn") -> None:
    """Walk a survey in the terminal as a citizen would; nothing is stored.

    Type an answer, or # and the number of a button: #1 presses the first.
    """
    form = _checked(path, locale).compile()
    talk = Preview(form, locale)
    shown = _show(talk.begin(datetime.now(UTC)))
    while talk.is_open:
        try:
            line = console.input("[bold cyan]> [/bold cyan]").strip()
        except (EOFError, KeyboardInterrupt):
            return
        buttons = _show(talk.send(_typed(line, shown)))
        shown = buttons or shown


def _typed(line: str, shown: list[Choice]) -> Incoming:
    now = datetime.now(UTC)
    if line.startswith("#") and line[1:].isdigit() and 1 <= int(line[1:]) <= len(shown):
        return Incoming("0", Kind.TAP, now, payload=shown[int(line[1:]) - 1].payload)
    return Incoming("0", Kind.TEXT, now, text=line)


def _show(events: list[Event]) -> list[Choice]:
    buttons: list[Choice] = []
    for message in messages(events):
        console.print(f"\n{escape(message.text)}", highlight=False)
        if message.choices:
            buttons = list(message.choices)
            for number, choice in enumerate(buttons, 1):
                console.print(f"  [dim]#{number}[/dim] {escape(choice.label)}", highlight=False)
    return buttons


@app.command()
def diff(old: File, new: File, locale: Locale = "mn") -> None:
    """Say what changed between two versions, and whether their answers can be compared."""
    changes = compare_forms(_checked(old, locale).compile(), _checked(new, locale).compile())
    for change in changes:
        console.print(f"• {escape(change.message(locale))}", highlight=False)
    if not changes:
        console.print(text(locale, "survey.diff.same"))


@app.command()
def publish(
    path: File,
    locale: Locale = "mn",
    everyone: Annotated[
        bool, typer.Option("--everyone/--invited", help="Open it to everyone, or by invitation.")
    ] = False,
) -> None:
    """Make a survey an immutable version that campaigns can ask, its workbook kept beside it."""
    source = _checked(path, locale)
    fresh = asyncio.run(_publish(source, everyone=everyone))
    key = "survey.publish.done" if fresh else "survey.publish.known"
    console.print(text(locale, key, version=source.version), highlight=False)


async def _publish(source: FormSource, *, everyone: bool) -> bool:
    async with open_store(settings(), start=True) as store:
        fresh = await store.forms.put(source.to_document(), datetime.now(UTC))
        if everyone:
            await store.forms.offer(source.form_id, source.version)
        return fresh
