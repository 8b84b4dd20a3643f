"""`main.py user`: accounts of the console, from the command line; the first admin comes so."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from console.credentials import WeakPassword, check_strength, hash_password
from console.places import known
from locales import text
from settings import settings
from storage.audit import Audit
from storage.opening import open_store
from storage.signins import SignIns
from storage.store import Store
from storage.users import ROLES, User, UserExists, Users

app = typer.Typer(no_args_is_help=True)
console = Console()

BY = "command line"
"""Who did it, in the audit log."""

Name = Annotated[str, typer.Argument(help="The sign-in name.")]


def _fail(message: str) -> typer.Exit:
    Console(stderr=True).print(f"[red]onoo:[/red] {message}", highlight=False)
    return typer.Exit(1)


def _with_store(job: Callable[[Store], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_store(settings(), start=True) as store:
            await job(store)

    asyncio.run(run())


def _asked_password(name: str) -> str:
    password = getpass.getpass("Password: ")
    try:
        check_strength(password, name)
    except WeakPassword as problem:
        raise _fail(text("en", problem.key)) from None
    if getpass.getpass("Once more: ") != password:
        raise _fail("the two are not the same: nothing was changed")
    return password


@app.command()
def add(
    name: Name,
    full_name: Annotated[str, typer.Option("--full-name", help="As others see it.")] = "",
    role: Annotated[str, typer.Option(help="facilitator, analyst or admin.")] = "admin",
    place: Annotated[
        list[str] | None, typer.Option(help="For facilitators: codes of aimags, soums, districts.")
    ] = None,
    locale: Annotated[str, typer.Option(help="mn or en.")] = "mn",
) -> None:
    """Create an account; the password is asked for, and never stands in the shell's history."""
    if role not in ROLES:
        raise _fail(f"{role!r} is no role: choose {', '.join(ROLES)}")
    if wrong := [code for code in place or [] if not known(code)]:
        raise _fail(f"no such place: {', '.join(wrong)}; codes stand in admin_units.csv")
    if role == "facilitator" and not place:
        raise _fail("a facilitator needs at least one --place")
    stored = hash_password(_asked_password(name))
    user = User(name.lower(), full_name or name, role, stored, tuple(place or ()), locale)

    async def job(store: Store) -> None:
        now = datetime.now(UTC)
        try:
            await Users(store.database).add(user, now)
        except UserExists:
            raise _fail(f"{name} has an account already: main.py user password {name}") from None
        await Audit(store.database).note(now, BY, "user.add", user.name, after=user.described())

    _with_store(job)
    console.print(f"{user.name} may sign in at /console", highlight=False)


@app.command()
def password(name: Name) -> None:
    """A new password, asked for; all open sign-ins of the account end."""
    stored = hash_password(_asked_password(name))
    _change(name, "user.password", password=stored)


@app.command()
def disable(name: Name) -> None:
    """Shut an account out at once."""
    _change(name, "user.disable", disabled=True)


@app.command()
def enable(name: Name) -> None:
    """Let an account in again."""
    _change(name, "user.enable", disabled=False)


@app.command()
def codes_off(name: Name) -> None:
    """Ask for no one-time codes any more: for somebody who lost their phone."""
    _change(name, "user.totp", totp="")


def _change(name: str, action: str, **fields: object) -> None:
    async def job(store: Store) -> None:
        users = Users(store.database)
        user = await users.find(name)
        if user is None:
            raise _fail(f"there is no account {name}: main.py user list")
        await users.change(user.name, **fields)
        await SignIns(store.database).end_all(user.name)
        await Audit(store.database).note(datetime.now(UTC), BY, action, user.name)

    _with_store(job)
    console.print("done")


@app.command("list")
def list_users() -> None:
    """Everybody with an account."""

    async def job(store: Store) -> None:
        table = Table("name", "full name", "role", "places", "codes", "state", box=None)
        for user in await Users(store.database).all():
            table.add_row(
                user.name,
                user.full_name,
                user.role,
                ", ".join(user.places),
                "yes" if user.totp else "no",
                "disabled" if user.disabled else "",
            )
        console.print(table)

    _with_store(job)
