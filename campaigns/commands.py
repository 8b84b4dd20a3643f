"""`main.py campaign`: all that facilitators do with campaigns, so that it can be scripted."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from campaigns.announcing import Announcer
from campaigns.audience import Audience, Counts
from campaigns.campaign import Campaign
from campaigns.commitments import Commitments
from campaigns.options import moment, read_people, read_quotas, read_words
from campaigns.poster import poster as draw_poster
from campaigns.refusal import Refusal
from campaigns.results import Results
from campaigns.scorecard import scorecard_pdf, scorecard_png
from campaigns.service import Campaigns
from content.hours import Hours, parse_time
from content.response_rates import FORMULAS
from settings import settings
from storage.embedded import EmbeddedServerError
from storage.facilities import Facilities
from storage.opening import open_store, secret_key
from storage.store import Store

app = typer.Typer(no_args_is_help=True)
console = Console()
errors = Console(stderr=True)

Id = Annotated[str, typer.Argument(help="The campaign's id, from `campaign list`.")]
By = Annotated[str, typer.Option(help="Who does this; goes into the history.")]
Many = Annotated[list[str] | None, typer.Option()]
Facility = Annotated[str, typer.Option(help="A facility's code.")]
Locale = Annotated[str, typer.Option(help="mn or en.")]


def _me() -> str:
    return f"cli:{getpass.getuser()}"


def _run(job: Callable[[Store, Campaigns], Awaitable[None]]) -> None:
    """Open the store and do `job`; what can't be is said without a traceback."""

    async def run() -> None:
        async with open_store(settings(), start=True) as store:
            await job(store, Campaigns(store, settings()))

    try:
        asyncio.run(run())
    except (Refusal, ValueError, EmbeddedServerError, OSError) as error:
        errors.print(f"[red]onoo:[/red] {error}", highlight=False)
        raise typer.Exit(1) from None


def _show(campaign: Campaign) -> None:
    console.print(f"[green]✓[/green] {campaign.id} {campaign.title}: {campaign.status}")


def _show_counts(counts: Counts) -> None:
    table = Table("Who", "People")
    table.add_row("[bold]asked[/bold]", f"[bold]{counts.total:,}[/bold]")
    table.add_row("  reachable now", f"{counts.now:,}")
    table.add_row("  by Messenger's template", f"{counts.template:,}")
    table.add_row("  when they next write", f"{counts.next:,}")
    for name in ("stopped", "no_consent", "over_cap", "off", "not_drawn"):
        table.add_row(f"not asked: {name.replace('_', ' ')}", f"{getattr(counts, name):,}")
    console.print(table)


@app.command()
def create(
    title: str,
    form: Annotated[str, typer.Option(help="The form's version, from `survey list`.")],
    start: Annotated[str, typer.Option(help="Ulaanbaatar time: 2026-12-01T09:00")],
    end: Annotated[str, typer.Option(help="Ulaanbaatar time.")],
    place: Many = None,
    used: Annotated[list[str] | None, typer.Option(help="Facilities they answered about.")] = None,
    language: Many = None,
    channel: Many = None,
    tag: Many = None,
    took_part: Many = None,
    not_took_part: Many = None,
    seen_within: Annotated[int, typer.Option(help="Days; 0 for any.")] = 0,
    sample: Annotated[int, typer.Option(help="So many at random; 0 for all.")] = 0,
    stratified: bool = False,
    seed: str = "",
    people: Annotated[Path | None, typer.Option(help="CSV: channel,address or citizen.")] = None,
    facility: Facility = "",
    day_from: str = "09:00",
    day_to: str = "20:00",
    per_minute: Annotated[int, typer.Option(help="At most; 0 for the channel's pace.")] = 0,
    remind: Annotated[list[int] | None, typer.Option(help="Days after the invitation.")] = None,
    words: Annotated[
        list[str] | None,
        typer.Option(help="The invitation's own words: mn='…', en=@file.txt, kk='…'."),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option(
            help="Complete answers wanted at most: total=400, place:6501=50, facility:HC-6501=30; "
            "place=50 for each place asked."
        ),
    ] = None,
    two_people: Annotated[bool, typer.Option(help="Somebody else must approve.")] = False,
    by: By = "",
) -> None:
    """Make a draft, and show whom it would ask now."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        audience = Audience(
            places=tuple(place or ()),
            facilities=tuple(used or ()),
            languages=tuple(language or ()),
            channels=tuple(channel or ()),
            tags=tuple(tag or ()),
            took_part=tuple(took_part or ()),
            not_took_part=tuple(not_took_part or ()),
            seen_within=seen_within,
            sample=sample,
            stratified=stratified,
            seed=seed,
            citizens=read_people(people, secret_key(settings())) if people else (),
        )
        made = await campaigns.create(
            by or _me(),
            title=title,
            form=form,
            audience=audience,
            hours=Hours(moment(start), moment(end), parse_time(day_from), parse_time(day_to)),
            facility=facility,
            per_minute=per_minute,
            reminders=tuple(remind or (3,)),
            words=read_words(words or ()),
            quotas=read_quotas(quota or (), audience.places),
            two_people=two_people,
        )
        _show(made)
        _show_counts(await campaigns.count(audience, made.id))

    _run(job)


@app.command("list")
def list_() -> None:
    """Show all campaigns."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        table = Table("Id", "Title", "Form", "Status", "Window (UTC)")
        for each in await campaigns.all():
            window = f"{each.hours.start:%Y-%m-%d %H:%M} – {each.hours.end:%Y-%m-%d %H:%M}"
            table.add_row(each.id, each.title, each.form, each.status, window)
        console.print(table)

    _run(job)


@app.command()
def audience(campaign: Id) -> None:
    """Count whom a campaign would ask now, and whom not and why."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        found = await campaigns.get(campaign)
        _show_counts(await campaigns.count(found.audience, campaign))

    _run(job)


def _step(name: str, does: str) -> None:
    """A command that moves a campaign on."""

    def command(campaign: Id, by: By = "") -> None:
        async def job(store: Store, campaigns: Campaigns) -> None:
            _show(await getattr(campaigns, name)(campaign, by or _me()))

        _run(job)

    command.__doc__ = does
    app.command(name.replace("_", "-"))(command)


for _name, _does in (
    ("test", "Note that it was tried out by its test link."),
    ("approve", "Release it; where two people are set, not by its author."),
    ("schedule", "Let it start when its window opens."),
    ("start", "Let it start now."),
    ("pause", "Let nothing more leave; answers still come in."),
    ("resume", "Go on after a pause, over what is left of the window."),
    ("close", "End it for good."),
    ("back_to_draft", "Take it back to be changed, while nothing was sent."),
):
    _step(_name, _does)


@app.command()
def stop(by: By = "") -> None:
    """Stop everything: pause all campaigns and announcements at once."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        stopped = await campaigns.stop_everything(by or _me())
        console.print(f"[green]✓[/green] paused: {', '.join(stopped) or 'nothing was running'}")

    _run(job)


@app.command()
def resume_announcements(
    campaign: Annotated[str, typer.Argument(help="Of this campaign; without it, of all.")] = "",
) -> None:
    """Go on telling of results and commitments after `campaign stop`."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        resumed = await Announcer(store).resume(campaign)
        console.print(f"[green]✓[/green] going on: {', '.join(resumed) or 'nothing was paused'}")

    _run(job)


@app.command()
def status(campaign: Id) -> None:
    """Show how it stands: dispositions, messages, problems, response rates."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        progress = await campaigns.progress(campaign)
        _show(progress.campaign)
        table = Table("Invitations", "People")
        for name, size in sorted(progress.dispositions.items()):
            table.add_row(name, f"{size:,}")
        console.print(table)
        for kind, counted in progress.messages.items():
            console.print(f"{kind}: {counted}")
            console.print(f"  why not: {progress.reasons[kind] or '–'}")
        shown = Table("Rate (AAPOR)", "", "Definition")
        for name, value in progress.rates.values.items():
            shown.add_row(name, "–" if value is None else f"{value:.1%}", FORMULAS[name])
        console.print(shown)

    _run(job)


@app.command()
def link(
    campaign: Id,
    facility: Facility = "",
    test: Annotated[bool, typer.Option(help="To try it out: answers don't count.")] = False,
) -> None:
    """Print the links that lead into a campaign."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        found = await campaigns.link(campaign, facility, is_test=test)
        for name, address in found.addresses.items():
            console.print(f"{name}: {address}", soft_wrap=True)

    _run(job)


@app.command()
def poster(
    campaign: Id, target: Path, facility: Facility = "", size: str = "A4", locale: Locale = "mn"
) -> None:
    """Write a poster with QR codes as PDF (A4 or A5)."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        found = await campaigns.get(campaign)
        code = facility or found.facility
        titles = (await store.forms.get(found.form))["titles"]
        title = titles.get(locale) or titles.get("mn") or found.title
        name = await _facility_name(store, code)
        where = await campaigns.link(campaign, code)
        page = await asyncio.to_thread(draw_poster, where, title, name, locale, size)
        await asyncio.to_thread(target.write_bytes, page)
        console.print(f"[green]✓[/green] {target}")

    _run(job)


@app.command()
def results(campaign: Id, facility: Facility = "", publish: bool = False, by: By = "") -> None:
    """Show a facility's result as everyone may see it; with --publish put it before everyone
    and tell those who took part.
    """

    async def job(store: Store, campaigns: Campaigns) -> None:
        found = Results(store)
        if not facility:
            for code, size in sorted((await found.facilities(campaign)).items()):
                console.print(f"{code or '(no facility)'}: {size} complete answers")
            return
        result = await found.of_facility(campaign, facility)
        if publish:
            await found.publish(campaign, facility, by or _me())
            told = await Announcer(store).result(campaign, facility)
            console.print(f"[green]✓[/green] published; {told} people are told")
        table = Table("Indicator", "n", "Mean", "Change", "Provider", "Meeting")
        for each in result.indicators:
            shown = [each.n, each.mean, each.change, each.provider, each.meeting]
            words = ["–" if v is None else str(v) if v is each.n else f"{v:.2f}" for v in shown]
            table.add_row(each.name, *words)
        console.print(table)

    _run(job)


@app.command()
def scorecard(campaign: Id, facility: str, target: Path, locale: Locale = "mn") -> None:
    """Write the one-page scorecard for the meeting, as PDF or PNG by the file's ending."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        result = await Results(store).of_facility(campaign, facility)
        promised = await Commitments(store).of(facility)
        name = await _facility_name(store, facility)
        draw = scorecard_png if target.suffix == ".png" else scorecard_pdf
        page = await asyncio.to_thread(draw, result, name, promised, locale)
        await asyncio.to_thread(target.write_bytes, page)
        console.print(f"[green]✓[/green] {target}")

    _run(job)


@app.command()
def commit(
    campaign: Id,
    facility: str,
    issue: Annotated[str, typer.Option()],
    action: Annotated[str, typer.Option()],
    who: Annotated[str, typer.Option()],
    due: Annotated[str, typer.Option(help="2027-01-31")],
    by: By = "",
) -> None:
    """Record a commitment made in the meeting."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        made = await Commitments(store).add(
            facility, campaign, issue, action, who, date.fromisoformat(due), by or _me()
        )
        console.print(f"[green]✓[/green] commitment {made.id}")

    _run(job)


@app.command()
def commitment(
    commitment: str,
    status: str = "",
    evidence: str = "",
    note: str = "",
    tell: Annotated[bool, typer.Option(help="Tell those who took part.")] = False,
    by: By = "",
) -> None:
    """Note how a commitment stands: planned, under_way, done, not_done or dropped."""

    async def job(store: Store, campaigns: Campaigns) -> None:
        given = {"status": status, "evidence": evidence}
        fields = {name: value for name, value in given.items() if value}
        changed = await Commitments(store).change(commitment, by or _me(), note=note, **fields)
        console.print(f"[green]✓[/green] {changed.action}: {changed.status}")
        if tell:
            console.print(f"{await Announcer(store).commitment(changed)} people are told")

    _run(job)


async def _facility_name(store: Store, code: str) -> str:
    found = (await Facilities(store.database).named([code])).get(code)
    return found.name if found else code
