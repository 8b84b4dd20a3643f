"""`python -m benchmarks.peers [speed | faults] [peer ...]`: speed and memory, and faults, of each.

Peers are the keys of `peers.PEERS`; all without arguments. Their environments are made under
the data folder (`ONOO_DATA_DIR`, else `.onoo`) when they are not there.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.peers import faults, speed
from benchmarks.peers.peers import PEERS, Peer, Surroundings, offer_form
from benchmarks.platform import empty_database
from tests.endurance.processes import ROOT, Process
from tests.world.quick_telegram import QuickTelegram, quick_telegram


async def up(around: Surroundings, bots: Sequence[Process]) -> None:
    """Start the bot's processes and wait until the webhook's port is open."""
    for process in bots:
        await process.start()
    async with asyncio.timeout(90):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", around.port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


async def run(what: str, name: str, peer: Peer, data: Path) -> None:
    """What was asked of one peer, on a database of its own."""
    folder = Path(tempfile.mkdtemp(prefix=f"peer-{name}-"))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        telegram = await stack.enter_async_context(quick_telegram())
        server, base = await empty_database(stack, folder)
        around = Surroundings(data, folder, server.uri, telegram)
        if name.startswith("onoo"):
            await offer_form(around)
        bots = await asyncio.to_thread(peer.start, around)
        await up(around, bots)
        for process in bots:
            stack.push_async_callback(process.stop)
        print(f"\n{peer.name}; load average {os.getloadavg()[0]:.1f}", flush=True)
        if what != "faults":
            await show_speed(peer, telegram, bots, base)
        if what != "speed":
            await show_faults(peer, telegram, bots, lambda processes: up(around, processes))


async def show_speed(
    peer: Peer, telegram: QuickTelegram, bots: list[Process], base: Process
) -> None:
    """A warm-up, the loads, and the memory after them."""
    await speed.measure(peer, telegram, bots, base, 2)
    for at_once in speed.LOADS:
        one = await speed.measure(peer, telegram, bots, base, at_once)
        print(
            f"  {one.citizens:>3} at once {one.replies:>5} replies {one.per_second:7.1f}/s  "
            f"p50 {one.p50:7.1f} p99 {one.p99:7.1f} ms  bot {one.bot_ms:5.1f} "
            f"database {one.database_ms:5.1f} ms/reply  unanswered {one.unanswered}",
            flush=True,
        )
    print(f"  memory {speed.memory(bots):.0f} MB", flush=True)


async def show_faults(
    peer: Peer, telegram: QuickTelegram, bots: list[Process], start: faults.Start
) -> None:
    """Told twice, told nonsense, asked to go back, killed."""
    print(f"  doubled: {await faults.doubled(peer, telegram)}", flush=True)
    for text in ("banana", "back"):
        print(f"  {text}: {await faults.typed(peer, telegram, text)}", flush=True)
    print(f"  {await faults.kill(peer, telegram, bots, start)}", flush=True)


async def main(words: Sequence[str]) -> None:
    """The named peers, one after another."""
    what = next((word for word in words if word in ("speed", "faults")), "all")
    names = [word for word in words if word in PEERS] or list(PEERS)
    data = (ROOT / os.environ.get("ONOO_DATA_DIR", ".onoo") / "peers").resolve()
    data.mkdir(parents=True, exist_ok=True)
    for name in names:
        await run(what, name, PEERS[name], data)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
