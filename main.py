"""The command line: every job of the platform starts here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup
from typer.main import get_command, get_group

from settings import Settings, settings

if TYPE_CHECKING:
    from aiohttp import web

    from bots.platform import Platform

GROUPS = {
    "survey": ("conversations.survey.commands", "app"),
    "nlu": ("nlu.commands", "app"),
    "content": ("content.commands", "content_app"),
    "budget": ("content.commands", "budget_app"),
    "facility": ("content.commands", "facility_app"),
    "campaign": ("campaigns.commands", "app"),
    "export": ("analytics.commands", "app"),
    "user": ("console.commands", "app"),
    "locales": ("locales.commands", "app"),
}
"""Groups of commands: the module and the name in it. Imported only when one is asked for."""

SINGLE = {
    "report": ("analytics.reporting", "report"),
    "archive": ("analytics.keeping", "archive"),
    "backup": ("analytics.keeping", "backup"),
    "restore": ("analytics.keeping", "restore"),
    "retention": ("analytics.keeping", "retention"),
}
"""Single commands, imported only when one is asked for."""

HELP = {
    "survey": "Write, check, preview and publish surveys.",
    "nlu": "Train, serve, review and evaluate understanding.",
    "content": "Check what the bot knows.",
    "budget": "Import budgets, and undo an import.",
    "facility": "Import schools, clinics and the like.",
    "campaign": "Ask many, and bring back what came of it.",
    "export": "Answers and conversations out, for analysts.",
    "user": "Accounts of the console.",
    "locales": "Words in Mongolian, English and Kazakh.",
}


class Jobs(TyperGroup):
    """The top of the command line: single commands, and groups that load when needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *SINGLE, *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in SINGLE:
            module, name = SINGLE[cmd_name]
            alone = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
            alone.command(cmd_name)(getattr(import_module(module), name))
            return get_command(alone)
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        module, name = GROUPS[cmd_name]
        group = get_group(getattr(import_module(module), name))
        group.name, group.help = cmd_name, HELP[cmd_name]
        return group


app = typer.Typer(
    cls=Jobs,
    help="Onoo: a chat platform for social accountability.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

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


def _pages(server: web.Application, platform: Platform) -> None:
    """What a web server shows besides the chat: the console and the API."""
    from analytics.api import add_api_routes
    from console.app import mount

    mount(server, platform)
    add_api_routes(server, platform.store)


@app.command()
def start() -> None:
    """Bring up the whole platform on this machine; Ctrl-C stops it."""
    from bots.roles import start as role
    from campaigns.runner import running

    _run(partial(role, mount=_pages, beside=running))


@app.command()
def serve() -> None:
    """Take events in: the web server, webhooks and polling. Needs at least one `work`."""
    from bots.roles import serve as role

    _run(partial(role, mount=_pages))


@app.command()
def work() -> None:
    """Attend to citizens: run turns and send. Start as many as you like."""
    from bots.roles import work as role
    from campaigns.runner import running

    _run(partial(role, beside=running))


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
