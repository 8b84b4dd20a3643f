"""A push to many at the platforms' pace, with faults and kills, while citizens chat.

Three processes of the platform (one takes events in, two work) and the embedded database,
against fake platforms in this process. Telegram is invited at 30 messages a second, Messenger
at 15. Injected: 403, 429, 5xx, answers that never come, 551, 10/2018278, and a SIGKILL of each
worker. Run with:  python -m benchmarks.push [people] [chatting citizens]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

from benchmarks.platform import empty_database, environment, start
from benchmarks.push.people import EAST, KEY, WEST, chat, populate
from benchmarks.push.platforms import RATES, Platforms
from benchmarks.push.report import Push
from campaigns.audience import Audience
from campaigns.runner import running
from campaigns.service import Campaigns
from content.hours import Hours
from settings import Settings
from storage.database import connect
from storage.opening import open_store
from storage.store import Store
from tests.endurance.processes import Process
from tests.world.database import free_port
from tests.world.emulator import serving
from tests.world.graph import APP_SECRET, PAGE, VERIFY_TOKEN, VERSION
from tests.world.graph import TOKEN as PAGE_TOKEN

WEST_OPENS_AFTER, AT_LEAST = 0.18, 20.0
"""When people in the west may first be written to: after this part of the time that Telegram's
pace needs for all, in seconds at least so many.
"""
WATCH_EVERY, QUIET = 5.0, 20.0
DUE_WITHIN = 0.2
"""All is due a further such part later: there is nearly always more to send than may go."""


# -- the platform's processes --------------------------------------------------------------


async def work() -> None:
    """A process that attends to citizens, sends, and moves campaigns along."""
    from bots.housekeeping import keeping_house
    from bots.platform import Platform
    from bots.roles import until_stopped

    settings = Settings()
    async with open_store(settings) as store:
        platform = Platform.build(settings, store)
        async with (
            platform.connected(intake=False),
            platform.working(),
            keeping_house(store, settings),
            running(store, settings),
        ):
            await until_stopped()


async def serve() -> None:
    """A process that takes events in."""
    from bots.platform import Platform
    from bots.roles import until_stopped

    settings = Settings()
    async with open_store(settings) as store:
        platform = Platform.build(settings, store, works=False)
        async with platform.serving(), platform.connected(intake=True):
            await until_stopped()


def process(role: str, name: str, environment: dict[str, str], folder: Path) -> Process:
    """One of the above as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.push", role]
    ready = f"http://127.0.0.1:{environment['ONOO_PORT']}/readyz" if role == "serve" else ""
    return Process(name, command, environment, folder / f"{name}.log", ready)


# -- the benchmark -------------------------------------------------------------------------


async def main(people: int, chatters: int) -> None:
    """The whole push, and what it showed."""
    folder = Path(tempfile.mkdtemp(prefix="onoo-push-"))
    async with AsyncExitStack() as stack:
        platform = Platforms()
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", platform.handle)
        app.router.add_post(f"/{VERSION}/{PAGE}/messages", platform.graph)
        app.router.add_post(f"/{VERSION}/{PAGE}/{{edge}}", platform.graph)
        platform.address = await stack.enter_async_context(serving(app))
        platform._client = await stack.enter_async_context(
            ClientSession(timeout=ClientTimeout(total=15), connector=TCPConnector(limit=0))
        )
        server, _ = await empty_database(stack, folder)
        settings = _settings(platform, folder, free_port(), server.uri)
        store = Store(connect(server.uri, "onoo"), KEY.encode())
        stack.callback(store.close)
        await store.prepare()
        began = time.perf_counter()
        await populate(store, people)
        print(f"{people} people in {time.perf_counter() - began:.0f} s", flush=True)
        await start(stack, process("serve", "serve", settings, folder))
        workers = [process("work", f"work{n}", settings, folder) for n in (1, 2)]
        for worker in workers:
            await start(stack, worker)
        took: list[float] = []
        stop = asyncio.Event()
        talks = [asyncio.create_task(chat(platform, n, took, stop)) for n in range(chatters)]
        campaign, hours = await _launch(store, people)
        kills = await _watch(store, campaign, platform, workers, people, took)
        stop.set()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await Push(store, campaign, platform, hours, people, kills, took).report()


def _settings(platform: Platforms, folder: Path, port: int, uri: str) -> dict[str, str]:
    messenger = {
        "messenger_token": PAGE_TOKEN,
        "messenger_app_secret": APP_SECRET,
        "messenger_verify_token": VERIFY_TOKEN,
        "messenger_page_id": PAGE,
        "messenger_base_url": platform.address,
        "messenger_graph_version": VERSION,
        "messenger_per_second": str(RATES["messenger"]),
    }
    return {
        **environment(platform, folder, port, uri),
        "ONOO_SECRET_KEY": KEY,
        "ONOO_TELEGRAM_PER_SECOND": str(RATES["telegram"]),
        **{f"ONOO_{key.upper()}": value for key, value in messenger.items()},
    }


async def _launch(store: Store, people: int) -> tuple[str, Hours]:
    """A campaign for all but those who chat, as fast as it may be; the west opens a while later."""
    form = {"_id": "clinic-000000000001", "form": "clinic", "titles": {"mn": "Эмнэлэг"}}
    needs = people / RATES["telegram"]
    closed = timedelta(seconds=max(AT_LEAST, WEST_OPENS_AFTER * needs))
    opens = datetime.now(UTC) + closed + timedelta(minutes=1)
    opens = opens.replace(second=0, microsecond=0)  # the hours of the day are in minutes
    done = opens + timedelta(seconds=2 * needs)
    if (opens + timedelta(hours=7)).date() != (done + timedelta(hours=8)).date():
        raise SystemExit("it would be midnight somewhere in Mongolia meanwhile: start it later")
    await asyncio.sleep((opens - closed - datetime.now(UTC)).total_seconds())
    now = datetime.now(UTC)
    await store.forms.put(form, now)
    day_from = (opens + timedelta(hours=7)).time()
    day_to = datetime.max.time().replace(microsecond=0)
    hours = Hours(now, now + timedelta(hours=2), day_from, day_to)
    campaigns = Campaigns(store, Settings(_env_file=None))
    made = await campaigns.create(
        "author",
        title="Push",
        form=form["_id"],
        audience=Audience(places=(WEST, EAST)),
        hours=hours,
        send_by=opens + timedelta(seconds=DUE_WITHIN * needs),
        reminders=(),
    )
    await store.campaigns.set(made.id, tested_at=now)
    await campaigns.test(made.id, "author")
    await campaigns.approve(made.id, "second")
    await campaigns.start(made.id, "author")
    return made.id, hours


async def _watch(
    store: Store,
    campaign: str,
    platform: Platforms,
    workers: list[Process],
    people: int,
    took: list[float],
) -> int:
    """Kill each worker once on the way; return when nothing is left to send.

    Looks at what reached the platforms: counting in the database would slow the replies.
    """
    kills = tried = 0
    quiet = time.monotonic()
    while True:
        await asyncio.sleep(WATCH_EVERY)
        before = tried
        tried = sum(len(each.first) for each in platform.campaign.values())
        if not tried:
            took.clear()  # only replies while pushing count
        if tried > before:
            quiet = time.monotonic()
            print(f"{time.strftime('%H:%M:%S')} {tried} tried", flush=True)
        if kills < len(workers) and tried > people * (kills + 1) / 3:
            await workers[kills].kill()
            await asyncio.sleep(2)
            await workers[kills].start()
            kills += 1
        if time.monotonic() - quiet > QUIET:
            counts = await store.outbox.counts(f"{campaign}:invite")
            print(f"{time.strftime('%H:%M:%S')} {counts}", flush=True)
            if counts and not counts.get("waiting") and not counts.get("sending"):
                return kills
            quiet = time.monotonic()


if __name__ == "__main__":
    if sys.argv[1:] in (["work"], ["serve"]):
        asyncio.run({"work": work, "serve": serve}[sys.argv[1]]())
    else:
        sizes = [int(word) for word in sys.argv[1:]]
        asyncio.run(main(*(sizes + [20_000, 200][len(sizes) :])))
