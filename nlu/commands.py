"""`main.py nlu`: set up, train, serve, review and evaluate understanding."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nlu import evaluation, model
from nlu import review as review_module
from nlu.environment import Environment, EnvironmentFault
from nlu.service import NluService
from settings import settings
from storage.database import Document
from storage.embedded import EmbeddedServerError
from storage.opening import open_store
from storage.tallies import Tallies

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
def review(
    file: Annotated[
        Path | None, typer.Option(help="Read a CSV with text,intent,confidence instead.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Look through at most so many entries.")] = 5000,
    show: Annotated[bool, typer.Option("--list", help="Only list them, label nothing.")] = False,
) -> None:
    """Label what was not understood or uncertain, for the next training."""
    items = _from_file(file, limit) if file else _from_log(limit)
    known = review_module.intents()
    added = 0
    for item in review_module.uncertain(items):
        typer.echo(f"{item.confidence:.2f}  {item.intent or '-':32}  {item.text}")
        if show:
            continue
        label = typer.prompt("intent (number, name, empty to pass over, q to end)", default="")
        if label == "q":
            break
        if label.isdigit() and int(label) < len(known):
            label = known[int(label)]
        if label and label not in known:
            for number, name in enumerate(known):
                typer.echo(f"  {number:2} {name}")
            label = typer.prompt("intent (number or name)", default="")
            label = known[int(label)] if label.isdigit() and int(label) < len(known) else label
        if label in known:
            review_module.add(item.text, label)
            added += 1
    if not show:
        typer.echo(f"{added} added to nlu/data/reviewed; `main.py nlu train` learns them")


def _from_log(limit: int) -> list[review_module.ReviewItem]:
    """The latest texts of the conversation log that were not understood for certain."""

    async def read() -> list[Document]:
        async with open_store(settings()) as store:
            unclear = Tallies(store.database).unclear
            return await unclear(review_module.UNSURE, among=limit, most=limit)

    try:
        found = asyncio.run(read())
    except EmbeddedServerError as fault:
        raise _fail(str(fault)) from None
    return [
        review_module.ReviewItem(each["text"] or "", each["intent"] or "", each["confidence"])
        for each in found
    ]


def _from_file(path: Path, limit: int) -> list[review_module.ReviewItem]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            return [
                review_module.ReviewItem(row["text"], row["intent"], float(row["confidence"]))
                for _, row in zip(range(limit), csv.DictReader(source), strict=False)
            ]
    except OSError as error:
        raise _fail(f"{path}: {error.strerror}") from None
    except (KeyError, ValueError) as error:
        raise _fail(f"{path}: needs columns text, intent, confidence ({error})") from None


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
