"""A push to many at the platforms' pace, with faults and kills, while citizens chat.

Three processes of the platform (one takes events in, two work) and the embedded database,
against fake platforms in this process. Telegram is invited at 30 messages a second, Messenger
at 15. Injected: 403, 429, 5xx, answers that never come, 551, 10/2018278, and a SIGKILL of each
worker. Run with:  python -m benchmarks.push [people] [chatting citizens]
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

from benchmarks.turns import percentile
from campaigns.audience import Audience
from campaigns.runner import running
from campaigns.service import Campaigns
from content.hours import Hours
from settings import Settings
from storage.addresses import pseudonym
from storage.database import connect
from storage.embedded import EmbeddedServer
from storage.opening import open_store
from storage.store import Document, Store
from tests.endurance.processes import Process, database
from tests.world.database import free_port
from tests.world.emulator import serving
from tests.world.graph import APP_SECRET, PAGE, VERIFY_TOKEN, VERSION
from tests.world.graph import TOKEN as PAGE_TOKEN
from tests.world.quick_telegram import QuickTelegram

KEY = "a key for the benchmark only"
RATES = {"telegram": 30, "messenger": 15}
SHARE_ON_MESSENGER = 0.25
CHATTERS_FROM = 9_000_000
WEST_OPENS_AFTER = timedelta(minutes=2)
ROOT = Path(__file__).parent.parent


@dataclass
class Arrivals:
    """What reached a platform of the campaign: when, for whom, and what it answered."""

    times: list[float] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)

    def note(self, address: str, answer: str) -> None:
        """One request came, and was answered so."""
        now = time.time()
        self.times.append(now)
        self.answered[answer] += 1
        if answer in ("ok", "silence"):
            self.taken[address] += 1
            self.first.setdefault(address, now)


class Platforms(QuickTelegram):
    """Both platforms; citizens chat on the Telegram side."""

    def __init__(self) -> None:
        super().__init__()
        self.campaign = {"telegram": Arrivals(), "messenger": Arrivals()}
        self.replies: list[float] = []
        self.tried: defaultdict[str, int] = defaultdict(int)
        self.waits: list[float] = []

    async def handle(self, request: web.Request) -> web.Response:
        """A call of the Bot API: the campaign's messages may fail, replies don't."""
        if request.match_info["method"] != "sendMessage":
            if request.match_info["method"] == "getMe":
                me = {"id": 1, "is_bot": True, "first_name": "Оноо", "username": "onoo_bot"}
                return web.json_response({"ok": True, "result": me})
            return web.json_response({"ok": True, "result": True})
        fields = await request.post()
        if "inv:go:" not in str(fields.get("reply_markup", "")):
            self.replies.append(time.time())
            return await super().handle(request)
        return await self._invited(str(fields["chat_id"]))

    async def _invited(self, chat: str) -> web.Response:
        number, arrivals = int(chat), self.campaign["telegram"]
        self.tried[chat] += 1
        if number % 100 == 1:
            arrivals.note(chat, "403")
            return _telegram(403, "Forbidden: bot was blocked by the user")
        if number % 100 == 2 and self.tried[chat] == 1:
            arrivals.note(chat, "502")
            return web.Response(status=502, body=b"<html>")
        if number % 400 == 3:
            arrivals.note(chat, "silence")
            await asyncio.sleep(40)
            return _telegram(500, "too late")
        if number % 2500 == 4 and self.tried[chat] == 1:
            arrivals.note(chat, "429")
            self.waits.append(time.time())
            return _telegram(429, "Too Many Requests: retry after 3", {"retry_after": 3})
        arrivals.note(chat, "ok")
        result = {"message_id": next(self.numbers), "date": 1, "chat": {"id": number}, "text": "…"}
        result["chat"] = {"id": number, "type": "private"}
        return web.json_response({"ok": True, "result": result})

    async def graph(self, request: web.Request) -> web.Response:
        """A call of the Send API."""
        body = await request.json()
        if "message" not in body:
            return web.json_response({"result": "success"})
        person = body["recipient"]["id"]
        number, arrivals = int(person), self.campaign["messenger"]
        self.tried[person] += 1
        faults = {1: (551, 1545041), 2: (10, 2018278), 3: (100, 2018001)}
        if number % 100 in faults:
            code, subcode = faults[number % 100]
            arrivals.note(person, f"{code}/{subcode}")
            return _graph(code, subcode)
        if number % 100 == 4 and self.tried[person] == 1:
            arrivals.note(person, "2")
            return _graph(2, 0)
        if number % 2000 == 5 and self.tried[person] == 1:
            arrivals.note(person, "613")
            headers = {"X-Business-Use-Case-Usage": "{}"}
            return _graph(613, 0, headers)
        if number % 400 == 6:
            arrivals.note(person, "silence")
            if request.transport is not None:
                request.transport.abort()
            return _graph(1, 0)
        arrivals.note(person, "ok")
        return web.json_response({"recipient_id": person, "message_id": f"m{person}"})


def _telegram(code: int, words: str, parameters: dict[str, Any] | None = None) -> web.Response:
    body = {"ok": False, "error_code": code, "description": words}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=code)


def _graph(code: int, subcode: int, headers: dict[str, str] | None = None) -> web.Response:
    error = {"message": f"(#{code})", "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    return web.json_response({"error": error}, status=400, headers=headers)


# -- the platform's processes --------------------------------------------------------------


async def work() -> None:
    """A process that attends to citizens, sends, and moves campaigns along."""
    from bots.platform import Platform
    from bots.roles import until_stopped

    settings = Settings()
    async with open_store(settings) as store:
        platform = Platform.build(settings, store)
        async with platform.connected(intake=False), platform.working(), running(store, settings):
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


# -- people --------------------------------------------------------------------------------


async def populate(store: Store, people: int) -> None:
    """People who agreed, the fifth of them in the west; some were last heard two days ago."""
    now = datetime.now(UTC)
    key = KEY.encode()
    rows: dict[str, list[Document]] = {"addresses": [], "sessions": [], "citizens": []}
    for number in range(people):
        channel = "messenger" if number < people * SHARE_ON_MESSENGER else "telegram"
        address = str(1_000_000 + number)
        citizen = pseudonym(key, channel, address)
        late = channel == "messenger" and number % 50 == 9
        seen = now - timedelta(hours=48 if late else 2)
        place = "8401" if number % 5 == 0 else "1101"
        state = {"consent": "given", "locale": "mn", "place": place}
        rows["addresses"].append({"_id": citizen, "channel": channel, "address": address})
        rows["sessions"].append(
            {"_id": citizen, "version": 1, "state": state, "last_inbound": seen}
        )
        rows["citizens"].append(
            {"_id": citizen, "channel": channel, "seen_at": seen, "since": seen, **state}
        )
    for name, documents in rows.items():
        for start in range(0, people, 1000):
            await store.database[name].insert_many(documents[start : start + 1000])


async def chat(
    platform: QuickTelegram, number: int, took: list[float], stop: asyncio.Event
) -> None:
    """One citizen who asks something every now and then, and waits for the answer."""
    phone = platform.phone(CHATTERS_FROM + number)
    dice = random.Random(number)
    await asyncio.sleep(dice.random() * 20)
    for step in ("/start", "lang:mn", "consent:yes", "place:skip"):
        seen = len(phone.screen)
        await (phone.write(step) if step.startswith("/") else phone.tap(step))
        async with phone.changed:
            await phone.changed.wait_for(lambda seen=seen: len(phone.screen) > seen)
    word = "/help"
    while not stop.is_set():
        await asyncio.sleep(dice.uniform(30, 50))
        seen, began = len(phone.screen), time.perf_counter()
        await phone.write(word)
        async with phone.changed:
            await phone.changed.wait_for(lambda seen=seen: len(phone.screen) > seen)
        took.append(phone.screen[seen].at - began)
        word = "/menu" if word == "/help" else "/help"


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
        port, mongodb = free_port(), free_port()
        platform.webhook = f"http://127.0.0.1:{port}/telegram/webhook"
        server = EmbeddedServer(folder, mongodb)
        environment = _environment(platform, folder, port, server.uri)
        await _start(stack, database(mongodb, folder))
        while not await server.answers():
            await asyncio.sleep(0.05)
        store = Store(connect(server.uri, "onoo"), KEY.encode())
        stack.callback(store.close)
        await store.prepare()
        began = time.perf_counter()
        await populate(store, people)
        print(f"{people} people in {time.perf_counter() - began:.0f} s", flush=True)
        campaign, hours = await _launch(store, people)
        await _start(stack, process("serve", "serve", environment, folder))
        workers = [process("work", f"work{n}", environment, folder) for n in (1, 2)]
        for worker in workers:
            await _start(stack, worker)
        took: list[float] = []
        stop = asyncio.Event()
        talks = [asyncio.create_task(chat(platform, n, took, stop)) for n in range(chatters)]
        kills = await _watch(store, campaign, platform, workers, people)
        stop.set()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await report(store, campaign, platform, hours, took, kills)


def _environment(platform: Platforms, folder: Path, port: int, uri: str) -> dict[str, str]:
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
        "ONOO_DATA_DIR": str(folder),
        "ONOO_PORT": str(port),
        "ONOO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ONOO_MONGODB_URI": uri,
        "ONOO_SECRET_KEY": KEY,
        "ONOO_NLU_URL": "http://127.0.0.1:9",
        "ONOO_TELEGRAM_MODE": "webhook",
        "ONOO_TELEGRAM_PER_SECOND": str(RATES["telegram"]),
        **{f"ONOO_{k.upper()}": v for k, v in {**platform.settings, **messenger}.items()},
    }


async def _start(stack: AsyncExitStack, started: Process) -> None:
    await started.start()
    stack.push_async_callback(started.stop)


async def _launch(store: Store, people: int) -> tuple[str, Hours]:
    """A campaign for everyone, as fast as it may be; the west opens two minutes later."""
    form = {"_id": "clinic-000000000001", "form": "clinic", "titles": {"mn": "Эмнэлэг"}}
    now = datetime.now(UTC)
    await store.forms.put(form, now)
    opens = (now + timedelta(hours=7) + WEST_OPENS_AFTER).time().replace(second=0, microsecond=0)
    hours = Hours(now, now + timedelta(hours=2), opens, datetime.max.time().replace(microsecond=0))
    campaigns = Campaigns(store, Settings(_env_file=None))
    made = await campaigns.create(
        "author",
        title="Push",
        form=form["_id"],
        audience=Audience(),
        hours=hours,
        send_by=now + timedelta(minutes=3),
        reminders=(),
    )
    await store.campaigns.set(made.id, tested_at=now)
    await campaigns.test(made.id, "author")
    await campaigns.approve(made.id, "second")
    await campaigns.start(made.id, "author")
    return made.id, hours


async def _watch(
    store: Store, campaign: str, platform: Platforms, workers: list[Process], people: int
) -> int:
    """Kill each worker once on the way; return when nothing is left to send."""
    kills = 0
    every = max(5.0, people / 1000)  # counting takes the database a second at 20,000
    push = f"{campaign}:invite"
    while True:
        await asyncio.sleep(every)
        counts = await store.outbox.counts(push)
        done = sum(counts.values()) - counts.get("waiting", 0) - counts.get("sending", 0)
        print(f"{time.strftime('%H:%M:%S')} {counts}", flush=True)
        if kills < 2 and done > people * (kills + 1) / 3:
            await workers[kills].kill()
            await asyncio.sleep(2)
            await workers[kills].start()
            kills += 1
        if counts and not counts.get("waiting") and not counts.get("sending"):
            return kills


async def report(
    store: Store,
    campaign: str,
    platform: Platforms,
    hours: Hours,
    took: list[float],
    kills: int,
) -> None:
    """What was measured, and what must hold."""
    counts = await store.outbox.counts(f"{campaign}:invite")
    lost = 0
    async for message in store.database.outbox.find({"status": "unknown"}):
        lost += message["attempts"][-1]["reason"] == "sender lost"
    print(f"messages by status: {counts}; unknown by a kill: {lost}; kills: {kills}")
    paces = [_pace(channel, rate, platform) for channel, rate in RATES.items()]
    twice = sum(
        1 for each in platform.campaign.values() for count in each.taken.values() if count > 1
    )
    early = 0
    opens = hours.next_open(hours.start, 7)
    assert opens is not None
    for each in platform.campaign.values():
        for address, at in each.first.items():
            west = (int(address) - 1_000_000) % 5 == 0
            early += west and at < opens.timestamp()
    taken = sum(len(each.taken) for each in platform.campaign.values())
    print(f"people reached {taken}; twice {twice}; outside their hours {early}")
    if took:
        print(
            f"replies while pushing: {len(took)}  p50 {statistics.median(took) * 1000:.0f} ms  "
            f"p99 {percentile(took, 0.99) * 1000:.0f} ms"
        )
    assert twice == 0
    assert early == 0
    assert all(paces), "a second held more than its limit"


def _pace(channel: str, rate: int, platform: Platforms) -> bool:
    """Print how a channel's schedule was kept; whether no second held more than it may."""
    arrivals = platform.campaign[channel]
    times = sorted(arrivals.times)
    seconds = Counter(int(at) for at in times)
    replies = Counter(int(at) for at in platform.replies) if channel == "telegram" else Counter()
    sliding = max(_in_a_second(times)) if times else 0
    paused = {int(at) + n for at in platform.waits for n in range(5)}
    busy = [s for s in range(int(times[0]) + 1, int(times[-1])) if s not in paused]
    # The schedule counts while there is more to send than it allows: until the last tenth.
    full = busy[: int(len(busy) * 0.9)]
    used = sum(min(rate, seconds[s] + replies[s]) for s in full) / (rate * len(full))
    print(
        f"{channel}: {len(times)} sends in {times[-1] - times[0]:.0f} s, at most "
        f"{max(seconds.values())} in a clock second, {sliding} in any second "
        f"(limit {rate}); schedule used {used:.1%}; answers {dict(arrivals.answered)}"
    )
    return max(seconds.values()) <= rate


def _in_a_second(times: list[float]) -> list[int]:
    first, counts = 0, []
    for last, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        counts.append(last - first + 1)
    return counts


if __name__ == "__main__":
    if sys.argv[1:] in (["work"], ["serve"]):
        asyncio.run({"work": work, "serve": serve}[sys.argv[1]]())
    else:
        sizes = [int(word) for word in sys.argv[1:]]
        asyncio.run(main(*(sizes + [20_000, 200][len(sizes) :])))
