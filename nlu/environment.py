"""Rasa's own environment: where it is, whether it is complete, how it is made.

Rasa 3.6 needs Python 3.10 and packages the platform cannot share, so it lives in a virtual
environment of its own, locked in `nlu/rasa/uv.lock`, and is spoken to over HTTP only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "nlu" / "rasa"
DATA = ROOT / "nlu" / "data"

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",
    "PYTHONWARNINGS": "ignore",
    # One core does: threads of the sentence model that wait for each other cost more.
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}


class EnvironmentFault(Exception):
    """Rasa's environment could not be made or used; the message says what would help."""


class Environment:
    """The environment under the platform's data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = (ROOT / data_dir / "nlu-venv").resolve()
        self.models = (ROOT / data_dir / "models").resolve()
        self.python = self.folder / "bin" / "python"

    @property
    def is_ready(self) -> bool:
        """Whether it holds exactly what the lock asks for."""
        mark = self._mark
        return self.python.exists() and mark.exists() and mark.read_text() == _lock_hash()

    @property
    def _mark(self) -> Path:
        return self.folder / "onoo-lock"

    def make(self) -> None:
        """Install what is missing; raises EnvironmentFault when that does not work."""
        if self.is_ready:
            return
        command = [
            find_uv(), "sync", "--frozen", "--quiet", "--compile-bytecode",
            "--project", str(PROJECT), "--python", python_310(),
        ]  # fmt: skip
        environ = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(self.folder)}
        environ.pop("VIRTUAL_ENV", None)
        done = subprocess.run(command, env=environ, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise EnvironmentFault(f"Rasa could not be installed:\n{done.stderr.strip()[-1500:]}")
        self._mark.write_text(_lock_hash())

    def command(self, module: str, *arguments: str) -> list[str]:
        """How to run a module of `nlu/rasa` in this environment."""
        return [str(self.python), "-m", f"nlu.rasa.{module}", *arguments]

    def variables(self) -> dict[str, str]:
        """The environment variables such a process needs."""
        return {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}


def model_hash() -> str:
    """What a model depends on, as one short word: data, configuration, components, lock."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_ingredients()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _ingredients() -> Iterator[Path]:
    yield from DATA.rglob("*.yml")
    yield from (path for path in PROJECT.iterdir() if path.suffix in (".py", ".yml", ".lock"))
    yield ROOT / "nlu" / "normalize.py"
    yield ROOT / "nlu" / "abbreviations.py"


def _lock_hash() -> str:
    return hashlib.blake2b((PROJECT / "uv.lock").read_bytes(), digest_size=8).hexdigest()


def find_uv() -> str:
    """The uv that set up the platform, or the one on the PATH."""
    for candidate in (os.environ.get("ONOO_UV", ""), "uv", str(ROOT / ".onoo/uv/bin/uv")):
        if candidate and (found := shutil.which(candidate)):
            return found
    raise EnvironmentFault("uv was not found; start with ./onoo, which installs it")


def python_310() -> str:
    """Python 3.10 on the PATH, then under pyenv; else the version, which uv may fetch."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(str(path) for path in pyenv.glob("3.10.*/bin/python3.10"))
    for candidate in ("python3.10", *reversed(kept)):
        found = shutil.which(candidate)
        if found and _is_310(found):
            return found
    return "3.10"


def _is_310(python: str) -> bool:
    """Whether `python` runs at all (a pyenv shim may not) and is 3.10."""
    asked = [python, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 10))"]
    return subprocess.run(asked, capture_output=True, timeout=20).returncode == 0  # noqa: S603
