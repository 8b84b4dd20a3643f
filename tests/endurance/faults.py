"""What may go wrong around the platform: each fault is brought about, lasts, and is mended."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from storage.embedded import EmbeddedServer
from tests.endurance.town import Town
from tests.world.emulator import serving
from tests.world.graph import TOO_MANY, Fault

SPARE = 60 << 20
"""Bytes of a small disk that are left free before the fault."""


async def database_away(place: Town) -> None:
    """The database is killed, and back after a minute."""
    await place.processes["database"].kill()
    await asyncio.sleep(60)
    await _database_back(place)


async def database_line_dead(place: Town) -> None:
    """Connections to the database are half open for half a minute."""
    await _dead(place, "database")


async def platform_lines_dead(place: Town) -> None:
    """Connections to both platforms are half open for half a minute."""
    await _dead(place, "telegram", "messenger")


async def platforms_down(place: Town) -> None:
    """Both platforms refuse every connection for half a minute."""
    for name in ("telegram", "messenger"):
        place.lines[name].fail()
    await asyncio.sleep(30)
    for name in ("telegram", "messenger"):
        place.lines[name].mend()


async def too_many_requests(place: Town) -> None:
    """Both platforms answer every send with 429 (Messenger: 613) for half a minute."""
    place.messenger.always = TOO_MANY
    place.telegram.emulator.refuses = 429
    await asyncio.sleep(30)
    place.messenger.always = None
    place.telegram.emulator.refuses = 0


async def errors_everywhere(place: Town) -> None:
    """Both platforms answer 502 with a page of HTML for half a minute."""
    place.messenger.always = Fault(status=502, raw=b"<html>502</html>")
    place.telegram.emulator.refuses = 502
    await asyncio.sleep(30)
    place.messenger.always = None
    place.telegram.emulator.refuses = 0


async def poisoned_entries(place: Town) -> None:
    """Events that no turn can process stand first in three citizens' inboxes."""
    sessions = place.store.database.sessions
    chosen = [each["_id"] async for each in sessions.find({"state.consent": "given"}).limit(3)]
    for citizen in chosen:
        entry = {"id": f"poison:{citizen}", "kind": "no such kind"}
        await sessions.update_one(
            {"_id": citizen},
            {"$push": {"inbox": {"$each": [entry], "$position": 0}}, "$inc": {"version": 1}},
        )
    assert len(chosen) == 3
    while await place.store.database.poisoned.count_documents({}) < 3:
        await asyncio.sleep(0.1)


async def disk_full(place: Town) -> None:
    """The disk the database stands on is full for twenty seconds."""
    ballast = place.folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb") as target:
        while True:
            target.write(b"\0" * (1 << 20))
    await asyncio.sleep(20)
    ballast.unlink()
    await place.processes["database"].kill()
    await _database_back(place)


async def clocks_jump(place: Town) -> None:
    """One worker's clock is ten minutes ahead, then ten behind, then right again."""
    for offset in ("+600", "-600", "+0"):
        (place.folder / "clock").write_text(f"{offset}\n", "ascii")
        await asyncio.sleep(12)


async def _dead(place: Town, *names: str) -> None:
    for name in names:
        place.lines[name].fail(dead=True)
    await asyncio.sleep(30)
    for name in names:
        place.lines[name].mend()


async def _database_back(place: Town) -> None:
    process = place.processes["database"]
    await process.start()
    server = EmbeddedServer(place.folder, place.lines["database"].target)
    while not await server.answers():
        await asyncio.sleep(0.05)


class Understanding:
    """A stand-in for Rasa: right, slow, wrong in changing ways, or broken."""

    def __init__(self) -> None:
        self.mood = "right"
        self.asked = 0

    async def parse(self, request: web.Request) -> web.Response:
        """`POST /model/parse`."""
        self.asked += 1
        ranking = [{"name": "ask_bot", "confidence": 0.97}]
        if self.mood == "slow":
            await asyncio.sleep(5)
        if self.mood == "wrong":
            answers: list[object] = [
                {"intent_ranking": [{"name": "no_such_intent", "confidence": 0.99}]},
                {"intent_ranking": [{"name": None, "confidence": "much"}]},
                {"intent_ranking": []},
                [],
            ]
            return web.json_response(answers[self.asked % len(answers)])
        if self.mood == "broken":
            return web.Response(status=500, text="Internal Server Error")
        return web.json_response({"intent_ranking": ranking, "model_id": "stand-in"})


@asynccontextmanager
async def understanding() -> AsyncIterator[tuple[Understanding, int]]:
    """A stand-in for Rasa and its port."""
    rasa = Understanding()
    app = web.Application()
    app.router.add_post("/model/parse", rasa.parse)
    async with serving(app) as address:
        yield rasa, int(address.rpartition(":")[2])


@asynccontextmanager
async def small_disk(folder: Path, size: int) -> AsyncIterator[bool]:
    """A file system of `size` bytes at `folder`; False where this machine allows none."""
    mounted = os.geteuid() == 0 and await _run(
        "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)
    )
    try:
        yield mounted
    finally:
        if mounted:
            await _run("umount", "-l", str(folder))


async def _run(*command: str) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError:
        return False
    return await process.wait() == 0
