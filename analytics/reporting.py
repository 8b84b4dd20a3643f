"""`main.py report`: the analysis of a campaign or form as a page and as PDF."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics.commands import margins_of, moment, run
from settings import settings
from storage.opening import open_store, secret_key
from storage.store import Store


def report(
    name: Annotated[str, typer.Argument(help="A campaign, or a form's id.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; .html and .pdf are added.")
    ] = None,
    margins: Annotated[
        Path | None, typer.Option(help='JSON with shares: {"sex": {"female": 51, "male": 49}}.')
    ] = None,
    cutoff: Annotated[str, typer.Option(help="The state at this moment (ISO 8601).")] = "",
    locale: Annotated[str, typer.Option("--locale", "-l", help="mn or en.")] = "mn",
) -> None:
    """Response, who answered, indicators with intervals, change, quality: HTML and PDF."""
    shares = margins_of(margins)
    until = moment(cutoff, "--cutoff") or datetime.now(UTC)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    target = output or Path(f"report-{name}")

    async def job() -> list[Path]:
        async with open_store(settings(), start=True) as store:
            key = secret_key(settings())
            return await write_report(store, name, key, target, until, shares, locale)

    for path in run(job()):
        typer.echo(f"written: {path}")


async def write_report(
    store: Store,
    name: str,
    key: bytes,
    target: Path,
    cutoff: datetime,
    margins: dict[str, dict[str, float]],
    locale: str,
) -> list[Path]:
    """Write `target`.html and `target`.pdf; raises RequestError."""
    from analytics.report import compose, gather
    from analytics.report_files import as_html, as_pdf
    from storage.exporting import Exporting

    gathered = await gather(Exporting(store.database), name, key, cutoff, locale)

    def write() -> list[Path]:
        made = compose(name, *gathered, margins, locale)
        html, pdf = (target.with_name(f"{target.name}.{ending}") for ending in ("html", "pdf"))
        html.write_text(as_html(made), "utf-8")
        pdf.write_bytes(as_pdf(made))
        return [html, pdf]

    return await asyncio.to_thread(write)
