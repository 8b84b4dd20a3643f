"""Rasa's environment, its models and the secret between the two processes."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from nlu import environment as environment_module
from nlu import model
from nlu.credential import server_token
from nlu.environment import Environment, EnvironmentFault, model_hash
from settings import Settings


def test_a_new_environment_is_not_ready(tmp_path: Path) -> None:
    assert not Environment(tmp_path).is_ready


def test_without_uv_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ONOO_UV", "")
    monkeypatch.setattr(environment_module, "ROOT", tmp_path)
    with pytest.raises(EnvironmentFault, match="uv was not found"):
        Environment(tmp_path).make()


def test_a_failing_install_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\necho no route to the index >&2\nexit 2\n")
    fake.chmod(0o755)
    monkeypatch.setenv("ONOO_UV", str(fake))
    with pytest.raises(EnvironmentFault, match="no route to the index"):
        Environment(tmp_path).make()


def test_a_model_that_fits_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = Environment(tmp_path)
    monkeypatch.setattr(Environment, "is_ready", True)
    environment.models.mkdir()
    fitting = model.fitting(environment)
    fitting.write_bytes(b"trained before")
    assert model.train(environment) == fitting
    assert fitting.read_bytes() == b"trained before"


def test_the_hash_changes_with_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_hash()
    assert model_hash() == before
    data = tmp_path / "data"
    data.mkdir()
    (data / "greet.yml").write_text("new")
    monkeypatch.setattr(environment_module, "ROOT", tmp_path)
    monkeypatch.setattr(environment_module, "DATA", data)
    monkeypatch.setattr(environment_module, "PROJECT", data)
    for name in ("normalize.py", "abbreviations.py"):
        (tmp_path / "nlu").mkdir(exist_ok=True)
        (tmp_path / "nlu" / name).write_text("")
    first = model_hash()
    (data / "greet.yml").write_text("newer")
    assert len({before, first, model_hash()}) == 3


def test_the_token_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    token = server_token(settings)
    assert len(token) >= 32
    assert server_token(settings) == token
    assert os.stat(tmp_path / "nlu-token").st_mode & 0o077 == 0
    given = Settings(data_dir=tmp_path, nlu_token=SecretStr("given"), _env_file=None)
    assert server_token(given) == "given"
