"""The surveys that come with Onoo: published when the platform starts."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import structlog

from bots.worker import utc_now
from storage.store import Store

log = structlog.get_logger()

FOLDER = Path(__file__).parent.parent / "content" / "surveys"
NOT_FOR_EVERYONE = "provider"
"""The kind of form that a service's own staff answer: by invitation only."""


async def publish_bundled_surveys(store: Store) -> None:
    """Publish what is not published yet, and open what everyone may answer."""
    for path in sorted(FOLDER.glob("*.xlsx")):
        digest = hashlib.sha256(await asyncio.to_thread(path.read_bytes)).hexdigest()
        if not await store.forms.is_bundled(digest):
            await _publish(store, path)
            await store.forms.note_bundled(digest)


async def _publish(store: Store, path: Path) -> None:
    # Only a first start reads workbooks; what reads them takes a second to import.
    from conversations.survey.authoring import compile as compile_workbook

    source = await asyncio.to_thread(compile_workbook, path)
    if await store.forms.put(source.to_document(), utc_now()):
        log.info("form published", version=source.version)
    if source.kind != NOT_FOR_EVERYONE:
        await store.forms.offer(source.form_id, source.version)
