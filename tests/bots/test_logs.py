"""Logs say what went wrong and where, and nothing of what was said."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bots.logs import configure

SAID = "Дулмаа 99112233"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leaves logging as it was."""
    root = logging.getLogger()
    handlers, level, config = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**config)


def test_an_error_is_told_by_its_type_and_place_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("json")
    try:
        raise ValueError(SAID)
    except ValueError as error:
        structlog.get_logger().exception("turn failed")
        structlog.get_logger().error("turn failed", exc_info=error)
    written = capsys.readouterr().err
    assert SAID not in written
    for line in map(json.loads, written.splitlines()):
        assert line["error"] == "ValueError"
        assert line["where"][-1].startswith("test_logs.py:")


def test_of_other_libraries_only_the_template_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    logging.getLogger("some.library").warning("could not send to %s", SAID)
    logging.getLogger("aiohttp.access").info("GET /?token=%s", SAID)
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert line["event"] == "could not send to %s"
    assert line["logger"] == "some.library"


def test_a_terminal_gets_lines_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    configure("console")
    structlog.get_logger().info("working", worker="w1")
    written = capsys.readouterr().err
    assert "working" in written
    assert not written.startswith("{")


def test_what_is_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "ERROR")
    structlog.get_logger().info("working")
    assert capsys.readouterr().err == ""
