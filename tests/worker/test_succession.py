"""A process started again goes on at once with what the one before it left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from bots.succession import succession
from bots.worker import Worker
from conversations.messages import Kind
from tests.worker.conftest import World

HOLDER = """
import sys, time
from pathlib import Path
from bots.succession import succession
with succession(Path(sys.argv[1]), "first") as before:
    print(repr(before), flush=True)
    sys.stdin.read()
"""


def test_the_place_of_a_killed_process_is_taken_and_of_a_living_one_not(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "''\n"
    with succession(tmp_path, "second") as before:
        assert before == "", "the first still lives"
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    with succession(tmp_path, "third") as before:
        assert before == "first"
    with succession(tmp_path, "fourth") as before:
        assert before == "third"


async def test_what_a_dead_worker_held_is_sent_at_once(world: World) -> None:
    await world.hear("1", kind=Kind.JOIN)
    citizen = await world.citizen("1")
    session = await world.store.sessions.read(citizen)
    assert session is not None
    said = {"_id": f"{citizen}:1:0", "at": world.clock(), "keep": False, "type": "said"}
    assert await world.store.sessions.commit(
        session,
        "lost",
        world.clock(),
        done=session.inbox[0]["id"],
        state={},
        events=[{**said, "message": {"text": "сайн уу"}}],
        keep=False,
    )
    other = Worker(world.store, {"fake": world.channel}, world.facts, world.clock)
    await other.attend(citizen)
    assert world.texts("1") == []
    assert await world.store.sessions.take_over("somebody else", world.clock()) == 0
    assert await world.store.sessions.take_over("lost", world.clock()) == 1
    assert await world.store.sessions.due(world.clock()) == [citizen]
    await other.attend(citizen)
    assert world.texts("1") == ["сайн уу"]
