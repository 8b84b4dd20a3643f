"""`main.py doctor`: what may keep Onoo from working, and how to mend it; changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bots.channel import Channel, Finding
from bots.messenger import MessengerChannel
from bots.public_address import public_address
from bots.surroundings import Judged, clock, data_folder, disk, letters
from bots.telegram import TelegramChannel
from conversations.messages import Incoming
from nlu import model
from nlu.credential import server_token
from nlu.environment import ROOT, Environment
from settings import Settings
from storage.embedded import EmbeddedServer
from storage.inspection import Inspection, inspect
from storage.opening import embedded_server
from storage.schema import SCHEMA_VERSION
from storage.store import StorageError

CHECK_WITHIN = 30.0
ANSWER_WITHIN = 3.0
CLOCKS_APART = 5.0
"""Seconds; leases of 12 s are kept by several machines' clocks."""

ALL_IPV4 = "0.0.0.0"  # noqa: S104  # nosec B104
EVERYWHERE = ("", "::", ALL_IPV4)
"""Addresses to listen on that nobody can call."""

JOIN = {
    "telegram": "Get a token from @BotFather and put it into ONOO_TELEGRAM_TOKEN",
    "messenger": "Put the page's token into ONOO_MESSENGER_TOKEN, the app's secret into "
    "ONOO_MESSENGER_APP_SECRET and a word of yours into ONOO_MESSENGER_VERIFY_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding about one `part`; `stops` if that part can't do its work meanwhile."""

    part: str
    finding: Finding
    stops: bool = False

    @property
    def failed(self) -> bool:
        """Whether citizens are not served because of this."""
        return self.stops and not self.finding.ok


async def examine(settings: Settings, console: Console | None = None) -> int:
    """Print what was found; 1 if anything keeps Onoo from serving citizens, else 0."""
    console = console or Console()
    with console.status("Looking …"):
        found = await diagnose(settings)
    console.print(_table(found))
    failed = sum(one.failed for one in found)
    if failed:
        console.print(f"[red]{failed} to mend before citizens are served.[/]")
    return int(failed > 0)


async def diagnose(settings: Settings) -> list[Diagnosis]:
    """Everything that was looked at, in the order of the table."""
    parts: list[tuple[str, Awaitable[list[Judged]]]] = [
        ("settings", _settings(settings)),
        ("database", _database(settings)),
        ("web server", _web_server(settings)),
        ("public address", public_address(settings, called=bool(_called(settings)))),
        ("telegram", _telegram(settings)),
        ("messenger", _messenger(settings)),
        ("understanding", _understanding(settings)),
        ("letters", asyncio.to_thread(letters)),
        ("disk", asyncio.to_thread(disk, settings.data_dir)),
        ("clock", asyncio.to_thread(clock)),
    ]
    judged = await asyncio.gather(*(work for _, work in parts))
    return [
        Diagnosis(part, finding, stops)
        for (part, _), findings in zip(parts, judged, strict=True)
        for finding, stops in findings
    ]


def _table(found: list[Diagnosis]) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1))
    part = ""
    for one in found:
        finding = one.finding
        mark = "[green]✓[/]" if finding.ok else "[red]✗[/]" if one.stops else "[yellow]![/]"
        lines = escape(finding.what)
        if not finding.ok and finding.mend:
            lines += f"\n[bold]→[/] {escape(finding.mend)}"
        table.add_row(mark, "" if one.part == part else one.part, lines)
        part = one.part
    return table


# -- settings and database -------------------------------------------------------------------


async def _settings(settings: Settings) -> list[Judged]:
    judged = await asyncio.to_thread(data_folder, settings.data_dir)
    called = _called(settings)
    if called and not settings.public_url.startswith("https://"):
        what = f"{' and '.join(called)} can only call a public https address"
        judged.append((Finding(False, what, "Set ONOO_PUBLIC_URL to https://…"), True))
    if _said(settings, "messenger") and not settings.contact:
        what = "The page /privacy names nobody who answers for personal data; Meta's review asks"
        judged.append((Finding(False, what, "Set ONOO_OPERATOR and ONOO_CONTACT"), False))
    if settings.mongodb_uri and not settings.secret_key.get_secret_value():
        mend = (
            "Where more than one machine serves, put the content of "
            f"{settings.data_dir / 'secret.key'} into ONOO_SECRET_KEY on each"
        )
        what = "ONOO_SECRET_KEY is empty: another machine would take every citizen for a new one"
        judged.append((Finding(False, what, mend), False))
    return judged


def _called(settings: Settings) -> list[str]:
    """What of the platforms calls us, rather than being asked by us."""
    called = []
    if _said(settings, "telegram") and settings.telegram_mode == "webhook":
        called.append("Telegram's webhook")
    if _said(settings, "messenger"):
        called.append("Messenger")
    return called


def _said(settings: Settings, channel: str) -> str:
    """The token of a channel, to see whether there is one."""
    token = settings.telegram_token if channel == "telegram" else settings.messenger_token
    return token.get_secret_value()


async def _database(settings: Settings) -> list[Judged]:
    server = embedded_server(settings)
    if not settings.mongodb_uri and not await _listens("127.0.0.1", server.port):
        return [_not_running(server)]
    try:
        uri = settings.mongodb_uri or server.uri
        return _inspected(await inspect(uri, settings.mongodb_database), settings)
    except (StorageError, ValueError) as error:
        if settings.mongodb_uri:
            what = f"No database answers at ONOO_MONGODB_URI ({type(error).__name__})"
            mend = "Check that MongoDB runs, that it can be reached from here, and the password"
        else:
            what = f"Something that is no database of ours listens on port {server.port}"
            mend = "Set ONOO_EMBEDDED_PORT to a free port"
        return [(Finding(False, what, mend), True)]


def _not_running(server: EmbeddedServer) -> Judged:
    if server.program() is None:
        mend = "Start with ./onoo, which installs it, or set ONOO_MONGODB_URI"
        return Finding(False, "The embedded database is not installed", mend), True
    return Finding(True, "The embedded database is installed; ./onoo start starts it"), False


def _inspected(seen: Inspection, settings: Settings) -> list[Judged]:
    judged: list[Judged] = [(Finding(True, f"{seen.server} answers"), False)]
    if seen.schema is None:
        judged.append((Finding(True, "Nothing is in it yet: starting Onoo prepares it"), False))
    elif seen.schema > SCHEMA_VERSION:
        what = f"It has schema version {seen.schema}, this Onoo knows {SCHEMA_VERSION}"
        judged.append((Finding(False, what, "Install the later version of Onoo"), True))
    else:
        later = "" if seen.schema == SCHEMA_VERSION else ": starting Onoo migrates it"
        judged.append((Finding(True, f"It has schema version {seen.schema}{later}"), False))
    if seen.missing:
        what = f"It lacks the indexes {', '.join(seen.missing)}"
        judged.append((Finding(False, what, "Starting Onoo makes them"), False))
    if settings.mongodb_uri and not seen.replicated:
        what = "It is one server without replicas: losing its disk loses everything"
        judged.append((Finding(False, what, "Run a replica set, and back up"), False))
    if abs(seen.ahead) > CLOCKS_APART:
        what = f"Its clock is {seen.ahead:+.0f} s from ours: workers would take each other's leases"
        judged.append((Finding(False, what, "Let NTP keep the clocks of all machines"), True))
    return judged


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


# -- what is served --------------------------------------------------------------------------


async def _web_server(settings: Settings) -> list[Judged]:
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    here = f"http://{host}:{settings.port}"
    status = await _status(f"{here}/readyz")
    if status == 200:
        return [(Finding(True, f"Onoo serves at {here}"), False)]
    if status == 503:
        mend = "See under database, then start Onoo again"
        return [(Finding(False, f"Onoo at {here} finds no database", mend), True)]
    if status or await _listens(host, settings.port):
        what = f"Something else listens at {here}"
        return [(Finding(False, what, "Set ONOO_PORT to a free port"), True)]
    return [(Finding(True, f"Onoo isn't running; it would serve at {here}"), False)]


async def _status(url: str, token: str = "") -> int:
    """The HTTP status of `url`, or 0 where nothing answers in time."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(url, headers=headers) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return 0


async def _nothing_comes_in(channel: str, address: str, incoming: Incoming) -> bool:
    raise NotImplementedError


async def _nothing_is_stored(data: bytes, mime: str, name: str) -> str:
    raise NotImplementedError


async def _nothing_is_kept(media: str) -> tuple[bytes, str, str]:
    raise KeyError(media)


async def _telegram(settings: Settings) -> list[Judged]:
    return await _channel("telegram", settings, TelegramChannel)


async def _messenger(settings: Settings) -> list[Judged]:
    return await _channel("messenger", settings, MessengerChannel)


async def _channel(name: str, settings: Settings, kind: Callable[..., Channel]) -> list[Judged]:
    """What the channel itself finds; one that is not configured is no failure."""
    if not _said(settings, name):
        return [(Finding(False, "Not joined", JOIN[name]), False)]
    try:
        channel = kind(settings, _nothing_comes_in, _nothing_is_stored, _nothing_is_kept)
    except ValueError as error:
        what, _, mend = str(error).partition(": ")
        return [(Finding(False, what, mend), True)]
    try:
        async with asyncio.timeout(CHECK_WITHIN):
            await channel.start(intake=False)
            return [(finding, finding.stops) for finding in await channel.check()]
    except TimeoutError:
        mend = "Check the network"
        return [(Finding(False, f"No answer within {CHECK_WITHIN:.0f} s", mend), True)]
    finally:
        await channel.stop()


async def _understanding(settings: Settings) -> list[Judged]:
    """Without Rasa keywords are matched, so nothing here stops the service."""
    if settings.nlu_url:
        return [(await _answers(settings, settings.nlu_url.rstrip("/")), False)]
    environment = Environment(settings.data_dir)
    installed, trained = await asyncio.to_thread(_prepared, environment)
    if not installed:
        what = "Rasa is not installed: keywords are matched meanwhile"
        return [(Finding(False, what, "./onoo start installs it"), False)]
    judged: list[Judged] = [(Finding(True, "Rasa is installed"), False)]
    if not trained:
        what = "No model fits today's training data: keywords are matched meanwhile"
        mend = "./onoo nlu train; ./onoo start does it too"
        return [*judged, (Finding(False, what, mend), False)]
    judged.append((Finding(True, "The model is trained on today's data"), False))
    return [*judged, (await _answers(settings, f"http://127.0.0.1:{settings.nlu_port}"), False)]


def _prepared(environment: Environment) -> tuple[bool, bool]:
    return environment.is_ready, model.fitting(environment).exists()


async def _answers(settings: Settings, url: str) -> Finding:
    token = await asyncio.to_thread(_nlu_token, settings)
    status = await _status(f"{url}/status", token)
    if status == 200:
        return Finding(True, f"It answers at {url}")
    if status in (401, 403):
        return Finding(False, f"The server at {url} refuses our token", "Set ONOO_NLU_TOKEN alike")
    mend = "Check ONOO_NLU_URL" if settings.nlu_url else "./onoo start starts it"
    return Finding(False, f"Nothing answers at {url}: keywords are matched meanwhile", mend)


def _nlu_token(settings: Settings) -> str:
    """The token, if there is one: looking must not make one."""
    kept = ROOT / settings.data_dir / "nlu-token"
    if settings.nlu_token.get_secret_value() or kept.exists():
        return server_token(settings)
    return ""
