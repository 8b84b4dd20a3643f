"""`main.py nlu`: set up, train, serve, review and evaluate understanding."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nlu import evaluation, model
from nlu.environment import Environment, EnvironmentFault
from nlu.service import NluService
from settings import settings

app = typer.Typer(no_args_is_help=True)
console = Console()
errors = Console(stderr=True)


def _fail(message: str) -> typer.Exit:
    errors.print(f"[red]onoo:[/red] {message}", highlight=False)
    return typer.Exit(1)


@app.command()
def setup() -> None:
    """Install Rasa's own environment, as locked in nlu/rasa/uv.lock."""
    environment = Environment(settings().data_dir)
    try:
        environment.make()
    except EnvironmentFault as fault:
        raise _fail(str(fault)) from None
    console.print(f"Rasa is installed in {environment.folder}")


@app.command()
def train(
    again: Annotated[bool, typer.Option("--again", help="Train even if a model fits.")] = False,
) -> None:
    """Train a model on nlu/data, unless one that fits exists."""
    environment = Environment(settings().data_dir)
    try:
        path = model.train(environment, again=again)
    except EnvironmentFault as fault:
        raise _fail(str(fault)) from None
    console.print(f"The model that fits the data: {path.name}")


@app.command()
def serve() -> None:
    """Serve the model on the loopback address until interrupted."""

    async def run() -> int:
        service = NluService(settings())
        path = await service.prepare()
        console.print(f"Serving {path.name} at {service.url}")
        return await service.run(path)

    try:
        raise typer.Exit(asyncio.run(run()))
    except EnvironmentFault as fault:
        raise _fail(str(fault)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def evaluate(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with text,label and maybe script,place_code,year,sector,facility"),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Figures for machines.")] = False,
) -> None:
    """Measure understanding on a labelled file, by the path the bot itself uses."""
    try:
        rows = evaluation.read(file)
        report = asyncio.run(evaluation.evaluate(settings(), rows))
    except (EnvironmentFault, evaluation.BadFile) as fault:
        raise _fail(str(fault)) from None
    if as_json:
        typer.echo(json.dumps(report.to_document(), ensure_ascii=False, indent=2))
    else:
        evaluation.show(console, report)
        typer.echo(report.last_line)
