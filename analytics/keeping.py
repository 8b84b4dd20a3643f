"""`main.py archive`, `backup`, `restore` and `retention`."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics.commands import fail, run
from settings import settings
from storage.audit import Audit
from storage.opening import open_store, secret_key


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"


def archive(
    campaign: Annotated[str, typer.Argument(help="A closed campaign.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A new folder.")] = None,
    remove: Annotated[
        bool, typer.Option(help="Take its cases out of the database afterwards.")
    ] = False,
) -> None:
    """Write a closed campaign to compressed JSON Lines with checksums."""
    target = output or Path(f"archive-{campaign}")

    async def job() -> dict[str, int]:
        from analytics.archive import archive_campaign

        async with open_store(settings(), start=True) as store:
            now = datetime.now(UTC)
            counts = await archive_campaign(store, campaign, target, now, remove=remove)
            user = f"command line: {getpass.getuser()}"
            await Audit(store.database).note(now, user, "archive", campaign, after=dict(counts))
            return counts

    typer.echo(f"{_told(run(job()))} written to {target}")


def backup(
    output: Annotated[Path, typer.Argument(help="A new folder; guard it like the platform.")],
) -> None:
    """Write the whole platform to a folder, with the secret key if it is kept in a file."""

    async def job() -> dict[str, int]:
        from analytics.archive import KEY_FILE, back_up

        configured = settings()
        async with open_store(configured, start=True) as store:
            kept = None
            if not configured.secret_key.get_secret_value():
                kept = configured.data_dir / KEY_FILE
            return await back_up(store, output, datetime.now(UTC), secret_key(configured), kept)

    typer.echo(f"{_told(run(job()))} written to {output}")


def restore(
    folder: Annotated[Path, typer.Argument(help="What `archive` or `backup` wrote.")],
) -> None:
    """Put an archived campaign back, or a backup into an empty database."""

    async def job() -> dict[str, int]:
        from analytics.archive import KEY_FILE, copy_key, restore_backup
        from analytics.archive import restore as restore_campaign
        from storage.archive import read_about

        configured, about = settings(), read_about(folder)
        if about.get("kind") == "backup" and not configured.secret_key.get_secret_value():
            copy_key(folder / KEY_FILE, configured.data_dir / KEY_FILE)
        async with open_store(configured, start=True) as store:
            if about.get("kind") == "backup":
                return await restore_backup(store, folder, secret_key(configured))
            return await restore_campaign(store, folder)

    typer.echo(f"{_told(run(job()))} put back")


def retention(
    dry_run: Annotated[bool, typer.Option(help="Only say what would go.")] = False,
) -> None:
    """Delete what is older than the settings allow (ONOO_RETENTION_…_DAYS)."""
    from storage.retention import Rules, enforce

    rules = Rules.of(settings())
    if rules == Rules():
        fail("nothing to do: set ONOO_RETENTION_…_DAYS (see .env.example)")

    async def job() -> dict[str, int]:
        async with open_store(settings(), start=True) as store:
            return await enforce(store, rules, datetime.now(UTC), dry_run=dry_run)

    told = _told(run(job()))
    typer.echo(f"{told} {'would be' if dry_run else 'was'} deleted")
