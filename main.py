"""The command line: every job of the platform starts here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer
from conversations.survey.commands import app as survey_app
from pydantic import ValidationError
from rich.console import Console

from analytics.commands import app as export_app
from console.commands import app as user_app
from content.commands import budget_app, content_app, facility_app
from locales.commands import app as locales_app
from nlu.commands import app as nlu_app
from settings import Settings, settings

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
app.add_typer(user_app, name="user", help="Accounts of the console.")
app.add_typer(locales_app, name="locales", help="Words in Mongolian, English and Kazakh.")

errors = Console(stderr=True)
"""Each job imports what it needs itself, so that every command starts at once."""


def _fail(message: str) -> typer.Exit:
    errors.print(f"[red]onoo:[/red] {message}", highlight=False)
    return typer.Exit(1)


def _settings() -> Settings:
    """The settings; a wrong one is named, with what would be right."""
    try:
        return settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "ONOO_" + "_".join(str(part) for part in fault["loc"]).upper()
            errors.print(f"[red]onoo:[/red] {name}: {fault['msg']}", highlight=False)
        raise typer.Exit(1) from None


def _run(job: Callable[[Settings], Coroutine[Any, Any, int]]) -> None:
    """Run an asynchronous job; what an operator can mend is said without a traceback."""
    from bots.logs import configure
    from storage.embedded import EmbeddedServerError
    from storage.schema import SchemaTooNew

    configured = _settings()
    configure(configured.log_format, configured.log_level)
    try:
        code = asyncio.run(job(configured))
    except (EmbeddedServerError, SchemaTooNew) as error:
        raise _fail(str(error)) from None
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


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
    from bots.roles import start as role
    from console.app import mount

    _run(partial(role, mount=mount))


@app.command()
def serve() -> None:
    """Take events in: the web server, webhooks and polling. Needs at least one `work`."""
    from bots.roles import serve as role
    from console.app import mount

    _run(partial(role, mount=mount))


@app.command()
def work() -> None:
    """Attend to citizens: run turns and send. Start as many as you like."""
    from bots.roles import work as role

    _run(role)


@app.command()
def chat(
    locale: Annotated[str, typer.Option(help="Begin in this language: mn, en or kk.")] = "",
) -> None:
    """Talk to the bot in the terminal, through the same engine; nothing is kept."""
    from bots.chat import chat as talk

    _run(lambda configured: talk(configured, locale))


@app.command()
def doctor() -> None:
    """Check settings, database, tokens, webhooks, NLU and fonts, and say how to mend each."""
    from bots.doctor import examine

    _run(examine)


if __name__ == "__main__":
    app()
