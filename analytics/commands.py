"""`main.py export`: data out, from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from analytics.answers import export_answers
from settings import settings
from storage.opening import open_store, secret_key

app = typer.Typer(no_args_is_help=True)


@app.callback()
def export() -> None:
    """Answers and conversations out, for analysts."""


@app.command()
def answers(
    form: Annotated[str, typer.Argument(help="The form's id, as in the workbook's settings.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The CSV file to write.")] = Path(
        "answers.csv"
    ),
    tests: Annotated[bool, typer.Option(help="Also the test cases.")] = False,
) -> None:
    """Write the answers to a form as a CSV: one row a case, all versions merged."""

    async def run() -> int:
        async with open_store(settings(), start=True) as store:
            key = secret_key(settings())
            return await export_answers(store, form, output, key, with_tests=tests)

    typer.echo(f"{asyncio.run(run())} cases written to {output}")
