"""The peers as processes: how each is installed, started and spoken to."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers import script
from benchmarks.peers.citizens import Hand, onoo_hand, rasa_hand, simple_hand
from benchmarks.platform import environment
from conversations.survey.authoring import compile as compile_form
from nlu.environment import QUIET as RASA
from nlu.environment import find_uv, python_310
from storage.database import connect
from storage.store import Store
from tests.endurance.processes import ROOT, Process, onoo
from tests.world.database import free_port
from tests.world.quick_telegram import SECRET, TOKEN, QuickTelegram

PACKAGES = {
    "ptb": ["python-telegram-bot[webhooks]==22.8"],
    "aiogram": ["aiogram==3.31.0", "pymongo==4.17.0"],
    "rasa": ["rasa==3.6.21", "tensorflow-cpu==2.12.0"],
}
LEFT_OUT = (
    *("tensorflow", "tensorflow-text", "tensorflow-hub", "jax", "libclang"),
    *("confluent-kafka", "psycopg2-binary"),
)
"""What Rasa asks for and this bot never imports; the CPU wheel takes TensorFlow's place."""


@dataclass
class Peer:
    """A bot that may be started, killed and started again."""

    name: str
    hand: Hand
    start: Callable[[Surroundings], list[Process]]
    note: str = ""


@dataclass
class Surroundings:
    """What a bot is given: a folder, a database, Telegram, and the port it listens on."""

    data: Path
    folder: Path
    mongodb: str
    telegram: QuickTelegram
    port: int = field(default_factory=free_port)

    @property
    def variables(self) -> dict[str, str]:
        """For the peers' own small bots."""
        return {
            "PYTHONPATH": str(ROOT),
            "PEER_PORT": str(self.port),
            "PEER_TELEGRAM": self.telegram.address,
            "PEER_TOKEN": TOKEN,
            "PEER_SECRET": SECRET,
            "PEER_MONGODB": self.mongodb,
            "PEER_FILE": str(self.folder / "persistence.pickle"),
        }

    def python(self, name: str) -> str:
        """The interpreter of a peer's own environment, made when it is not there."""
        python = self.data / name / "bin" / "python"
        wanted, mark = "\n".join(PACKAGES[name]), self.data / name / "installed"
        if not mark.exists() or mark.read_text() != wanted:
            interpreter = python_310() if name == "rasa" else sys.executable
            quiet = [find_uv(), "--quiet"]
            base = ["--python", interpreter, str(self.data / name)]
            subprocess.run([*quiet, "venv", "--clear", *base], check=True)
            overrides = self.data / "overrides.txt"
            overrides.write_text(
                "\n".join(f"{each} ; sys_platform == 'never'" for each in LEFT_OUT)
            )
            install = ["pip", "install", "--compile-bytecode", "-p", str(python)]
            options = ["--overrides", str(overrides)]
            subprocess.run([*quiet, *install, *options, *PACKAGES[name]], check=True)
            mark.write_text(wanted)
        return str(python)


def bot(around: Surroundings, name: str, path: str, **variables: str) -> list[Process]:
    """One of the small bots of this folder."""
    around.telegram.webhook = f"http://127.0.0.1:{around.port}{path}"
    command = [around.python(name), "-m", f"benchmarks.peers.{name}_bot"]
    return [Process(name, command, around.variables | variables, around.folder / "bot.log")]


def rasa(around: Surroundings) -> list[Process]:
    """Rasa: the project is written and trained, then served."""
    python = around.python("rasa")
    variables = around.variables | RASA
    project = around.data / "rasa-project"
    project.mkdir(exist_ok=True)
    command = [python, "-m", "benchmarks.peers.rasa_bot", str(project)]
    environment = {**os.environ, **variables}
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    around.telegram.webhook = f"http://127.0.0.1:{around.port}/webhooks/telegram/webhook"
    (project / "credentials.yml").write_text(
        "benchmarks.peers.rasa_bot.Telegram:\n"
        f'  access_token: "{TOKEN}"\n  verify: OnooTestBot\n'
        f"  webhook_url: {around.telegram.webhook}\n"
    )
    (project / "endpoints.yml").write_text(
        f'tracker_store:\n  type: mongod\n  url: "{around.mongodb}"\n  db: rasa\n'
    )
    command = [
        *(python, "-m", "rasa", "run", "--port", str(around.port)),
        *("--interface", "127.0.0.1", "--model", str(project / "model.tar.gz")),
        *("--credentials", str(project / "credentials.yml")),
        *("--endpoints", str(project / "endpoints.yml"), "--quiet"),
    ]
    return [Process("rasa", command, variables, around.folder / "bot.log")]


def onoo_form(folder: Path) -> Path:
    """The scorecard as a form."""
    rows = [f"| | select_one score | q{n} | {text} |" for n, text in enumerate(script.QUESTIONS)]
    scores = [f"| | score | s{answer} | {answer} |" for answer in script.ANSWERS]
    lines = [
        *("| survey |", "| | type | name | label |", *rows),
        *("| choices |", "| | list_name | name | label |", *scores),
        *("| settings |", "| | form_id | form_title |", "| | scorecard | Scorecard |"),
    ]
    path = folder / "scorecard.md"
    path.write_text("\n".join(lines) + "\n")
    return path


async def offer_form(around: Surroundings) -> None:
    """Publish the scorecard for everyone."""
    from bots.worker import utc_now

    store = Store(connect(around.mongodb, "onoo"), b"unused")
    await store.prepare()
    source = await asyncio.to_thread(compile_form, onoo_form(around.folder))
    await store.forms.put(source.to_document(), utc_now())
    await store.forms.offer(source.form_id, source.version)
    store.close()


def onoo_environment(around: Surroundings) -> dict[str, str]:
    """Its settings, the same in every process."""
    settings = environment(around.telegram, around.folder, around.port, around.mongodb)
    return settings | {"ONOO_SECRET_KEY": "a key for benchmarks only, of no use elsewhere"}


def onoo_whole(around: Surroundings) -> list[Process]:
    """Onoo as one process."""
    settings = onoo_environment(around)
    ready = f"http://127.0.0.1:{around.port}/readyz"
    return [onoo("start", "start", settings, around.folder, ready)]


def onoo_split(around: Surroundings, workers: int = 1) -> list[Process]:
    """Onoo as it runs on servers: one process takes in, others attend."""
    settings = onoo_environment(around)
    processes = [
        onoo("serve", "serve", settings, around.folder, f"http://127.0.0.1:{around.port}/readyz")
    ]
    for number in range(workers):
        metrics = free_port()
        alone = settings | {"ONOO_METRICS_PORT": str(metrics)}
        ready = f"http://127.0.0.1:{metrics}/readyz"
        processes.append(onoo(f"work{number}", "work", alone, around.folder, ready))
    return processes


PEERS = {
    "ptb": Peer(
        "python-telegram-bot",
        simple_hand,
        lambda around: bot(around, "ptb", "/webhook", PEER_INTERVAL="60"),
    ),
    "ptb-often": Peer(
        "python-telegram-bot, stored every 0.1 s",
        simple_hand,
        lambda around: bot(around, "ptb", "/webhook", PEER_INTERVAL="0.1"),
    ),
    "aiogram": Peer("aiogram", simple_hand, lambda around: bot(around, "aiogram", "/webhook")),
    "aiogram-careful": Peer(
        "aiogram, careful",
        simple_hand,
        lambda around: bot(around, "aiogram", "/webhook", PEER_CAREFUL="1"),
    ),
    "rasa": Peer("Rasa", rasa_hand, rasa),
    "onoo": Peer("Onoo, one process", onoo_hand, onoo_whole),
    "onoo-split": Peer("Onoo, serve + work", onoo_hand, onoo_split),
}
