"""The surveys that come with Onoo: published when the platform starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from bots.worker import utc_now
from conversations.survey.authoring import FormSource
from conversations.survey.authoring import compile as compile_workbook
from storage.store import Store

log = structlog.get_logger()

FOLDER = Path(__file__).parent.parent / "content" / "surveys"
NOT_FOR_EVERYONE = "provider"
"""The kind of form that a service's own staff answer: by invitation only."""


def _compile_all() -> list[FormSource]:
    return [compile_workbook(path) for path in sorted(FOLDER.glob("*.xlsx"))]


async def publish_bundled_surveys(store: Store) -> None:
    """Publish what is not published yet, and open what everyone may answer."""
    for source in await asyncio.to_thread(_compile_all):
        if await store.forms.put(source.to_document(), utc_now()):
            log.info("form published", version=source.version)
        if source.kind != NOT_FOR_EVERYONE:
            await store.forms.offer(source.form_id, source.version)
