"""The command line of the words: what is missing, and keeping translators' files fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from babel.messages import Catalog
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from locales import LOCALES
from locales.catalogues import (
    FOLDER,
    SOURCE,
    BadCatalogue,
    path_of,
    read,
    replace,
    words,
    written,
)
from locales.checks import all_words, keys_of, problems, required
from locales.usage import ROOT, find

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "Words in Mongolian, English and Kazakh. Translate with Poedit: open "
        "locales/<language>/LC_MESSAGES/onoo.po, fill in, save. Nothing needs compiling: "
        "Onoo compiles each file in memory when it starts."
    ),
)


@app.command()
def check() -> None:
    """Report what is untranslated, unused, unknown or unlike; exit code 1 if anything is."""
    console = Console()
    try:
        found = problems()
        console.print(_report())
    except BadCatalogue as error:
        found = [str(error)]
    for problem in found:
        console.print(f"[red]✗[/] {escape(problem)}", highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(1)
    console.print("[green]✓[/] every word that is used is there, and every word there is used")


@app.command()
def update(
    prune: Annotated[
        bool, typer.Option("--prune", help="Also take out keys that nothing uses.")
    ] = False,
) -> None:
    """Add new keys to every language and show the English beside each, for translators."""
    console = Console()
    try:
        for line in refresh(prune=prune):
            console.print(line, highlight=False)
    except BadCatalogue as error:
        console.print(f"[red]onoo:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def refresh(folder: Path = FOLDER, root: Path = ROOT, *, prune: bool = False) -> list[str]:
    """Bring every `.po` file up to date with the code; what was done, a line a language.

    Translations stay as they are; raises BadCatalogue, and then nothing was written.
    """
    usage = find(root)
    every = all_words(folder)
    for language in every.values():
        if language.doubled:
            doubled = ", ".join(language.doubled)
            raise BadCatalogue(
                f"{path_of(language.locale, folder)}: {doubled} stands twice: keep the better one"
            )
    keys = keys_of(every)
    wanted = keys | {asked.key for asked in usage.must_exist(keys)}
    unused = {key for key in keys if not usage.uses(key)} if prune else set()
    report = []
    for locale in LOCALES:
        # Read at the last moment: people and editors may be at work on the same files.
        catalogue = read(locale, folder)
        english = words(SOURCE, folder).said if locale != SOURCE else {}
        added = _complete(catalogue, wanted - unused, english)
        for key in unused:
            catalogue.delete(key)
        changed = replace(path_of(locale, folder), written(catalogue))
        state = "written" if changed else "unchanged"
        report.append(f"{locale}: {added} added, {len(unused)} taken out, {state}")
    return report


def _complete(catalogue: Catalog, wanted: frozenset[str], english: dict[str, str]) -> int:
    """Add what `wanted` has more, and put the English beside each; how many were added."""
    added = 0
    for key in wanted:
        if catalogue.get(key) is None:
            catalogue.add(key)
            added += 1
    for message in catalogue:
        if message.id:
            message.auto_comments = _comment(english.get(str(message.id), ""))
    return added


def _comment(english: str) -> list[str]:
    lines = [line for line in english.splitlines() if line.strip()]
    return [f"English: {lines[0]}", *lines[1:]] if lines else []


def _report() -> Table:
    """What each language lacks, key by key under its count."""
    table = Table(title="Untranslated", title_justify="left", show_lines=True)
    for heading in ("language", "translated", "must be", "may wait"):
        table.add_column(heading, overflow="fold")
    every = all_words()
    keys = sorted(keys_of(every))
    for locale, language in every.items():
        lacking = [key for key in keys if key not in language.said]
        must = [key for key in lacking if required(locale, key)]
        may = [key for key in lacking if not required(locale, key)]
        said = f"{len(keys) - len(lacking)} of {len(keys)}"
        table.add_row(locale, said, "\n".join(must) or "–", _by_space(may) or "–")
    return table


def _by_space(keys: list[str]) -> str:
    """`keys` in short: each first part with how many there are."""
    spaces: dict[str, int] = {}
    for key in keys:
        space = key.partition(".")[0]
        spaces[space] = spaces.get(space, 0) + 1
    return ", ".join(f"{space} ({count})" for space, count in spaces.items())
