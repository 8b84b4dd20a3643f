"""The command line: every job of the platform starts here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer
from rich.console import Console

from analytics.commands import app as export_app
from bots.chat import chat as chat_in_terminal
from bots.doctor import examine
from bots.logs import configure
from bots.roles import serve as serve_role
from bots.roles import start as start_everything
from bots.roles import work as work_role
from content.commands import budget_app, content_app, facility_app
from conversations.survey.commands import app as survey_app
from locales.commands import app as locales_app
from nlu.commands import app as nlu_app
from settings import settings
from storage.embedded import EmbeddedServerError
from storage.schema import SchemaTooNew

app = typer.Typer(
    help="Onoo: a chat platform for social accountability.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(survey_app, name="survey", help="Write, check, preview and publish surveys.")
app.add_typer(nlu_app, name="nlu", help="Train, serve, review and evaluate understanding.")
app.add_typer(content_app, name="content", help="Check what the bot knows.")
app.add_typer(budget_app, name="budget", help="Import budgets, and undo an import.")
app.add_typer(facility_app, name="facility", help="Import schools, clinics and the like.")
app.add_typer(export_app, name="export", help="Answers and conversations out, for analysts.")
app.add_typer(locales_app, name="locales", help="Words in Mongolian, English and Kazakh.")

errors = Console(stderr=True)


def _run(job: Coroutine[Any, Any, int | None]) -> None:
    """Run an asynchronous job; what an operator can mend is said without a traceback."""
    configure(settings().log_format, settings().log_level)
    try:
        raise typer.Exit(asyncio.run(job) or 0)
    except (EmbeddedServerError, SchemaTooNew) as error:
        errors.print(f"[red]onoo:[/red] {error}", highlight=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _version(asked: bool) -> None:
    if asked:
        try:
            found = version("onoo")
        except PackageNotFoundError:
            found = "0.1.0"
        typer.echo(f"Onoo {found}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Onoo: a chat platform for social accountability."""


@app.command()
def start() -> None:
    """Bring up the whole platform on this machine; Ctrl-C stops it."""
    _run(start_everything(settings()))


@app.command()
def serve() -> None:
    """Take events in: the web server, webhooks and polling. Needs at least one `work`."""
    _run(serve_role(settings()))


@app.command()
def work() -> None:
    """Attend to citizens: run turns and send. Start as many as you like."""
    _run(work_role(settings()))


@app.command()
def chat(
    locale: Annotated[str, typer.Option(help="Begin in this language: mn, en or kk.")] = "",
) -> None:
    """Talk to the bot in the terminal, through the same engine; nothing is kept."""
    _run(chat_in_terminal(settings(), locale))


@app.command()
def doctor() -> None:
    """Check settings, database, tokens, webhooks, NLU and fonts, and say how to mend each."""
    _run(examine(settings()))


if __name__ == "__main__":
    app()
