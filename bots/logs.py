"""Structured logs: JSON in production, readable on a terminal, never what a citizen said.

An exception is logged as its type and where it happened. Its message is left out, since
messages of libraries repeat what they were given: texts, addresses, tokens in URLs.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

QUIET = ("httpx", "httpcore", "telegram", "aiohttp.access", "pymongo", "matplotlib", "asyncio")


def _place_of(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace exception information by type and place."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        event["error"] = type(error).__name__
        event["where"] = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
    return event


def _foreign(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Of other libraries' records only the template is kept, not what was filled in."""
    record: Any = event.get("_record")
    if record is not None:
        event["event"] = str(record.msg)
        event["logger"] = record.name
    return event


def configure(log_format: str = "auto", level: str = "INFO") -> None:
    """Set up logging for this process; `log_format` is auto, json or console."""
    pretty = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place_of,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
