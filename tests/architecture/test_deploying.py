"""Container files and units name only commands, settings, paths and files that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

import main
from settings import Settings
from tests.architecture.source import LEVELS, ROOT

COMPOSE = ROOT / "compose.yaml"
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
NAME = re.compile(r"\bONOO_[A-Z0-9_]+")
ELSEWHERE = {
    "ONOO_UV": ("nlu/environment.py", "onoo"),
    "ONOO_NLU_SERVER_HOST": ("nlu/rasa/serve.py",),
    "ONOO_NLU_SERVER_TOKEN": ("nlu/rasa/serve.py", "nlu/service.py"),
    "ONOO_DOMAIN": ("deploy/Caddyfile",),
    "ONOO_UPSTREAM": ("deploy/Caddyfile",),
}
"""Variables that are no settings of the platform, and what reads them."""


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return found


def known(name: str) -> bool:
    """Whether something reads the variable `name`."""
    if name in ELSEWHERE:
        return all(name in (ROOT / reader).read_text("utf-8") for reader in ELSEWHERE[name])
    return name.removeprefix("ONOO_").lower() in Settings.model_fields


def is_command(words: list[str]) -> bool:
    """Whether `main.py WORDS` is a job of the command line."""
    command: Any = typer.main.get_command(main.app)
    context = typer.Context(command)
    for word in words:
        if not hasattr(command, "get_command"):
            return False
        command = command.get_command(context, word)
        if command is None:
            return False
    return True


def files() -> list[Path]:
    return [COMPOSE, ROOT / "Dockerfile", *UNITS, *sorted((ROOT / "deploy").glob("*.*"))]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_variable_is_read_by_something(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [name for name in sorted(set(NAME.findall(text))) if not known(name)] == []


def test_a_variable_nobody_reads_would_be_found() -> None:
    assert not known("ONOO_MONGO_URL")
    assert known("ONOO_MONGODB_URI")


def test_every_setting_is_described_to_operators() -> None:
    described = set(
        re.findall(r"^#?(ONOO_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    settings = {f"ONOO_{name.upper()}" for name in Settings.model_fields}
    assert described <= settings
    assert settings - described <= {"ONOO_MESSENGER_MEDIA_HOSTS"}


# -- commands and addresses ------------------------------------------------------------------


def test_services_run_commands_that_exist() -> None:
    ours = {
        name: service
        for name, service in compose()["services"].items()
        if service.get("image") == "onoo:local"
    }
    assert {service["command"] for service in ours.values()} == {"serve", "work"}
    assert len([one for one in ours.values() if one["command"] == "work"]) == 2
    assert all(is_command(shlex.split(service["command"])) for service in ours.values())
    assert not is_command(["wrok"])
    assert not is_command(["nlu", "serf"])


def test_units_run_commands_that_exist() -> None:
    commands = []
    for unit in UNITS:
        (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
        program, script, *words = shlex.split(line)
        assert (program, script) == ("/opt/onoo/.venv/bin/python", "main.py")
        assert is_command(words), unit.name
        commands.append(" ".join(words))
    assert sorted(commands) == ["nlu serve", "serve", "work"]


def test_health_is_asked_where_it_is_told() -> None:
    served = (ROOT / "bots" / "health.py").read_text("utf-8")
    asked = set(re.findall(r"127\.0\.0\.1:(\d+)(/\w+)", COMPOSE.read_text("utf-8")))
    assert asked == {("8080", "/readyz"), ("8081", "/readyz")}
    assert all(f'"{path}"' in served for _, path in asked)
    services = compose()["services"]
    assert services["work-1"]["environment"]["ONOO_METRICS_PORT"] == "8081"
    assert Settings.model_fields["port"].default == 8080
    hidden = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    for path in re.findall(r"@inside path (.+)", hidden)[0].split():
        assert f'"{path}"' in served


def test_only_the_proxy_is_published_and_believed() -> None:
    document = compose()
    published = [name for name, service in document["services"].items() if "ports" in service]
    assert published == ["proxy"]
    subnet = document["networks"]["front"]["ipam"]["config"][0]["subnet"]
    serve = document["services"]["serve"]
    assert serve["environment"]["ONOO_TRUSTED_PROXIES"] == subnet
    on_front = [name for name, one in document["services"].items() if "front" in one["networks"]]
    assert sorted(on_front) == ["proxy", "serve"]
    for name in ("mongo", "nlu"):
        assert document["services"][name]["networks"] == ["back"]
    assert document["networks"]["back"]["internal"] is True


def test_secrets_come_from_outside() -> None:
    text = COMPOSE.read_text("utf-8")
    example = (ROOT / "deploy" / "compose.env.example").read_text("utf-8")
    wanted = set(re.findall(r"\$\{(\w+):\?", text))
    assert wanted == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))
    ignored = (ROOT / ".gitignore").read_text().split()
    assert ".env" in ignored
    assert compose()["services"]["serve"]["env_file"] in ignored


# -- what is in the image --------------------------------------------------------------------


def copied(target: str) -> list[str]:
    """What the Dockerfile copies from the repository into `target`."""
    stages = re.split(r"^FROM .+ AS (\w+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    body = dict(zip(stages[1::2], stages[2::2], strict=True))[target]
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", body, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def test_all_of_the_house_is_in_the_image() -> None:
    assert {name.removesuffix(".py") for name in copied("platform")} == set(LEVELS)
    let_through = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert {*copied("platform"), *copied("packages")} == set(let_through)
    for name in copied("rasa"):
        assert (ROOT / name).exists()
        assert name.partition("/")[0] in let_through


def test_the_image_has_all_that_every_command_needs(tmp_path: Path) -> None:
    """`main.py --help` and each group's, from a folder with just what the image copies."""
    for name in copied("platform"):
        if name.endswith(".py"):
            shutil.copy(ROOT / name, tmp_path)
        else:
            leave = shutil.ignore_patterns("__pycache__", "*.pyc", ".venv")
            shutil.copytree(ROOT / name, tmp_path / name, ignore=leave)
    script = (
        "import main; from importlib import import_module;"
        "[getattr(import_module(m), n) for m, n in (*main.GROUPS.values(), *main.SINGLE.values())];"
        "import bots.roles, console.app, analytics.api, campaigns.runner;"
        "from content.entitlement import entitlements; from locales import text;"
        "from nlu.gazetteer import gazetteer; from content import fonts; gazetteer();"
        "from bots.web.page import html; from console.assets import files; html('mn'); files();"
        "print(len(entitlements()), text('mn', 'menu.title'), fonts.REGULAR.exists())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "ONOO_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[1:] == ["Цэс", "True"]


# -- systemd ---------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/onoo/.venv/bin/python", sys.executable)
        (tmp_path / unit.name.replace("@", "@1")).write_text(text)
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert not [line for line in done.stderr.splitlines() if "onoo" in line]


def test_units_may_write_in_their_own_folders_only() -> None:
    for unit in UNITS:
        text = unit.read_text()
        for line in ("User=onoo", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077"):
            assert re.search(f"^{line}$", text, re.MULTILINE), (unit.name, line)
