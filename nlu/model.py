"""Trained models: which one fits the data, and training one when none does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from nlu.environment import Environment, EnvironmentFault, model_hash

_KEPT = 3
"""Models kept: the one in use and what a careful operator may want to go back to."""


def fitting(environment: Environment) -> Path:
    """Where the model that fits today's data is, whether or not it was trained yet."""
    return environment.models / f"nlu-{model_hash()}.tar.gz"


def train(environment: Environment, *, again: bool = False) -> Path:
    """The model that fits the data, trained unless it exists; raises EnvironmentFault."""
    model = fitting(environment)
    environment.make()
    if model.exists() and not again:
        return model
    environment.models.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603
        environment.command("train", str(model)),
        env={**environment.variables(), "OMP_NUM_THREADS": str(os.cpu_count() or 1)},
        cwd=environment.models,
        capture_output=True,
        text=True,
    )
    if done.returncode or not model.exists():
        said = (done.stderr.strip() or done.stdout.strip())[-1500:]
        raise EnvironmentFault(f"The model could not be trained:\n{said}")
    _drop_old(environment.models, model)
    return model


def _drop_old(folder: Path, newest: Path) -> None:
    models = sorted(folder.glob("nlu-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for model in models[:-_KEPT]:
        if model != newest:
            model.unlink(missing_ok=True)
