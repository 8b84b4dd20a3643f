"""The service: nothing waits for it, and stopping ends whatever it began."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from nlu.environment import EnvironmentFault
from nlu.service import NluService
from settings import Settings


def _uv(folder: Path, script: str) -> Path:
    uv = folder / "uv"
    uv.write_text(f"#!/bin/sh\n{script}\n")
    uv.chmod(0o755)
    return uv


def _service(tmp_path: Path) -> NluService:
    return NluService(Settings(data_dir=tmp_path, _env_file=None))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_starting_returns_at_once_and_stopping_ends_the_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "pid"
    monkeypatch.setenv("ONOO_UV", str(_uv(tmp_path, f"echo $$ > {mark}; exec sleep 600")))
    service = _service(tmp_path)
    began = time.monotonic()
    await service.start()
    assert time.monotonic() - began < 0.5
    async with asyncio.timeout(60):
        while not (mark.exists() and mark.read_text().strip()):
            await asyncio.sleep(0.02)
    pid = int(mark.read_text())
    assert _alive(pid)
    await service.stop()
    async with asyncio.timeout(10):
        while _alive(pid):
            await asyncio.sleep(0.02)


async def test_what_went_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONOO_UV", str(_uv(tmp_path, "echo disk full >&2; exit 1")))
    with pytest.raises(EnvironmentFault, match="disk full"):
        await _service(tmp_path).prepare()


async def test_nobody_answering_is_not_ready(tmp_path: Path) -> None:
    free = Settings(data_dir=tmp_path, nlu_port=9, _env_file=None)
    assert not await NluService(free).ready(within=0.2)
    assert os.stat(tmp_path / "nlu-token").st_mode & 0o077 == 0
