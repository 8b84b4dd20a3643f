"""`main.py export`: data out, from the command line."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from analytics.request import Format, Multiple, Profile, Request, RequestError, request_of
from settings import settings
from storage.opening import open_store, secret_key

app = typer.Typer(
    no_args_is_help=True, help="Answers, conversations, scorecards and more, for analysts."
)
errors = Console(stderr=True)
ResultT = TypeVar("ResultT")


class Dataset(StrEnum):
    """What can be exported."""

    ANSWERS = "answers"
    SCORECARDS = "scorecards"
    PARADATA = "paradata"
    CONVERSATIONS = "conversations"
    INVITATIONS = "invitations"
    PROBLEMS = "problems"
    COMMITMENTS = "commitments"
    BUDGETS = "budgets"


def fail(message: str) -> NoReturn:
    """End with a message that says what to mend."""
    errors.print(f"[red]onoo:[/red] {escape(message)}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def run(job: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a job; what the person at the keyboard can mend is said without a traceback."""
    from analytics.archive import ArchiveError
    from storage.embedded import EmbeddedServerError
    from storage.schema import SchemaTooNew

    try:
        return asyncio.run(job)
    except (RequestError, ArchiveError, EmbeddedServerError, SchemaTooNew) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'file'}: {error.strerror}")


def moment(text: str, what: str) -> datetime | None:
    """An ISO 8601 date or moment; UTC where no zone is given."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        fail(f"{what}: {text!r} is no date; write 2026-11-24 or 2026-11-24T09:00:00+08:00")


def _where(conditions: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for condition in conditions:
        name, equals, value = condition.partition("=")
        if not equals:
            fail(f"--where {condition!r}: write COLUMN=VALUE; several values of one are or'ed")
        found.setdefault(name.strip(), []).append(value.strip())
    return {name: tuple(values) for name, values in found.items()}


def margins_of(path: Path | None) -> dict[str, dict[str, float]]:
    """Margins out of a JSON file: {"sex": {"female": 51.2, "male": 48.8}}."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
        return {
            str(column): {str(value): float(share) for value, share in shares.items()}
            for column, shares in found.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        fail(f'{path}: margins are JSON like {{"sex": {{"female": 51.2, "male": 48.8}}}} ({error})')


@app.callback(invoke_without_command=True)
def export(
    context: typer.Context,
) -> None:
    """Write a data set to a folder: the data, a codebook, datapackage.json and a manifest."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _command(dataset: Dataset, needs_form: bool) -> None:
    """Add the command of one data set."""

    def command(
        form: Annotated[
            str, typer.Argument(help="The form's id, as in the workbook's settings.")
        ] = "",
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", help="A folder, or a name that ends in .zip."),
        ] = None,
        file_format: Annotated[Format, typer.Option("--format", "-f")] = Format.CSV,
        campaign: Annotated[str, typer.Option(help="Only this campaign.")] = "",
        version: Annotated[str, typer.Option(help="Only this version; else all, merged.")] = "",
        profile: Annotated[
            Profile, typer.Option(help="public: safe for everybody; restricted: all of it.")
        ] = Profile.RESTRICTED,
        project: Annotated[str, typer.Option(help="Names the key of pseudonyms.")] = "",
        cutoff: Annotated[str, typer.Option(help="The state at this moment (ISO 8601).")] = "",
        since: Annotated[str, typer.Option(help="Only what changed after this moment.")] = "",
        started_from: Annotated[str, typer.Option("--from", help="Cases begun from here on.")] = "",
        started_to: Annotated[str, typer.Option("--to", help="Cases begun before this.")] = "",
        language: Annotated[str, typer.Option(help="Labels in this language: mn, en.")] = "",
        labels: Annotated[bool, typer.Option(help="Labels of choices, not names.")] = False,
        separator: Annotated[str, typer.Option(help="Between groups in column names.")] = "/",
        groups: Annotated[bool, typer.Option(help="Groups in column names.")] = True,
        multiple: Annotated[
            Multiple, typer.Option(help="Questions with several answers.")
        ] = Multiple.SINGLE,
        long: Annotated[bool, typer.Option(help="A row a case and question.")] = False,
        tests: Annotated[bool, typer.Option(help="Also the test cases.")] = False,
        fields: Annotated[
            list[str] | None, typer.Option("--field", help="Only this column; repeatable.")
        ] = None,
        where: Annotated[
            list[str] | None, typer.Option(help="COLUMN=VALUE, such as status=complete.")
        ] = None,
        places: Annotated[
            list[str] | None, typer.Option("--place", help="A unit's code, with all beneath it.")
        ] = None,
        exact: Annotated[
            bool, typer.Option(help="CSV: don't mark texts that look like formulas.")
        ] = False,
        mask: Annotated[bool, typer.Option(help="Hide phone numbers and such in texts.")] = True,
        media: Annotated[bool, typer.Option(help="Also the files citizens sent.")] = False,
        margins: Annotated[
            Path | None, typer.Option(help="JSON with shares in the population: adds weights.")
        ] = None,
        traits: Annotated[
            list[str] | None, typer.Option("--trait", help="Public: also known of people.")
        ] = None,
        minimum: Annotated[int, typer.Option(help="Public: fewest cases alike.")] = 5,
    ) -> None:
        request = _request(
            dataset=str(dataset), form=form, format=file_format, campaign=campaign,
            version=version, profile=profile, project=project,
            cutoff=moment(cutoff, "--cutoff") or datetime.now(UTC),
            since=moment(since, "--since"), started_from=moment(started_from, "--from"),
            started_to=moment(started_to, "--to"), language=language, labels=labels,
            separator=separator, hierarchy=groups, multiple=multiple, long=long, tests=tests,
            fields=tuple(fields or ()), where=_where(where or []), places=tuple(places or ()),
            exact=exact, mask=mask, media=media, margins=margins_of(margins),
            traits=tuple(traits or ()), minimum=minimum,
        )  # fmt: skip
        target = output or Path("-".join(filter(None, (str(dataset), form or campaign))))
        rows = run(_export(request, target))
        told = ", ".join(f"{count} {name}" for name, count in rows.items())
        typer.echo(f"{told} written to {target}")

    command.__doc__ = _HELP[dataset]
    app.command(str(dataset), no_args_is_help=needs_form)(command)


def _request(**fields: object) -> Request:
    try:
        return request_of(fields)
    except RequestError as error:
        fail(str(error))


def give_way() -> None:
    """Let this process have the processor only when nobody who serves citizens wants it."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, 10)


async def _export(request: Request, target: Path) -> dict[str, int]:
    from analytics.auditing import note_taken
    from analytics.export import export as write

    give_way()
    with errors.status("") as status:
        words = {"read": "reading", "written": "writing"}

        def progress(done: str, rows: int) -> None:
            status.update(f"{words[done]}: {rows:,} rows")

        async with open_store(settings(), start=True) as store:
            exported = await write(store, request, secret_key(settings()), target, progress)
            user = f"command line: {getpass.getuser()}"
            await note_taken(store, request, exported.rows, user, datetime.now(UTC))
    return exported.rows


_HELP = {
    Dataset.ANSWERS: "Answers to a form: a row a case, repeats as linked tables.",
    Dataset.SCORECARDS: "Facility by indicator by round, with means and shares.",
    Dataset.PARADATA: "Every step of every case, in the shape of ODK's audit log.",
    Dataset.CONVERSATIONS: "What was typed and said, with intent and confidence.",
    Dataset.INVITATIONS: "Who was asked, each with a disposition.",
    Dataset.PROBLEMS: "Problems that citizens reported.",
    Dataset.COMMITMENTS: "What providers and citizens agreed on.",
    Dataset.BUDGETS: "Budget lines of the imports in use.",
}
for _dataset in Dataset:
    _command(_dataset, _dataset in (Dataset.ANSWERS, Dataset.SCORECARDS, Dataset.PARADATA))
