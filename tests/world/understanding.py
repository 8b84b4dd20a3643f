"""Rasa for tests: set up and trained unless the model for today's data exists, then served.

One server a test process. Where Rasa can't be installed such tests are skipped, saying so;
never in CI, where they fail instead.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator

import pytest

from nlu.environment import Environment, EnvironmentFault
from nlu.model import train
from nlu.service import serving
from settings import Settings
from tests.world.database import free_port


def _train(settings: Settings) -> None:
    """Train once, however many test processes ask for it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        train(Environment(settings.data_dir))


@pytest.fixture(scope="session")
def rasa() -> Iterator[str]:
    """The address of a server with the model that fits the data."""
    settings = Settings(_env_file=None, nlu_port=free_port())
    with asyncio.Runner() as runner:
        try:
            _train(settings)
            server = serving(settings)
            service = runner.run(server.__aenter__())
        except EnvironmentFault as fault:
            if os.environ.get("CI", "").lower() == "true":
                pytest.fail(str(fault))
            pytest.skip(str(fault))
        yield service.url
        runner.run(server.__aexit__(None, None, None))
