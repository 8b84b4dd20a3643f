"""Sending to Messenger, inside the time it allows, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import aiohttp

from bots.channel import FetchMedia, Receipt, Result
from bots.foreign import string
from bots.messenger.composing import Part, Unsendable, compose
from bots.messenger.faults import receipt_for, receipt_for_failure
from bots.messenger.graph import GraphBot
from bots.parts import Sleep, send_all
from conversations.messages import Outgoing

WINDOW = 24 * 3600.0  # seconds after the person's last message or tap
REMEMBERED_FILES = 1000
MAX_IMAGE = 8 * 1024 * 1024
IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif")


class Sender:
    """Sends messages through one page; files already uploaded are sent again by their id."""

    def __init__(
        self,
        bot: GraphBot,
        fetch_media: FetchMedia,
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._bot = bot
        self._fetch_media = fetch_media
        self._sleep = sleep
        self._now = now
        self._uploaded: OrderedDict[str, tuple[str, str]] = OrderedDict()

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        """Send all parts of `message` as a response; outside the window Graph isn't asked.

        Neither message tags nor HUMAN_AGENT are ever used: the first were retired on
        2026-04-27, the second is for people.
        """
        if self._now() - last_inbound >= WINDOW:
            return Receipt(Result.WINDOW, reason="24h")
        try:
            parts = compose(message)
        except Unsendable as fault:
            return Receipt(Result.REFUSED, reason=str(fault))
        return await send_all(address, parts, self._send_part, self._sleep)

    async def send_utility(
        self, address: str, template: str, language: str, components: list[dict[str, Any]]
    ) -> Receipt:
        """Send an approved utility template, which Meta allows at any time.

        Never for marketing; needs `page_utility_messaging`.
        """
        body = {"name": template, "language": {"code": language}, "components": components}
        return await self._post(address, {"template": body}, "UTILITY")

    async def _send_part(self, address: str, part: Part) -> Receipt:
        if part.message is not None:
            return await self._post(address, part.message, "RESPONSE")
        uploaded = self._uploaded.get(part.media)
        if uploaded is None:
            receipt = await self._upload(part)
            if receipt.result is not Result.SENT:
                return receipt
            uploaded = self._uploaded[part.media]
        kind, identity = uploaded
        message = {"attachment": {"type": kind, "payload": {"attachment_id": identity}}}
        receipt = await self._post(address, message, "RESPONSE")
        if receipt.result is Result.REFUSED:
            self._uploaded.pop(part.media, None)  # it may have expired: 90 days
        return receipt

    async def _post(self, address: str, message: dict[str, Any], messaging_type: str) -> Receipt:
        payload = {
            "recipient": {"id": address},
            "messaging_type": messaging_type,
            "message": message,
        }
        try:
            return receipt_for(await self._bot.send_raw(payload))
        except (aiohttp.ClientError, TimeoutError) as error:
            return receipt_for_failure(error)

    async def _upload(self, part: Part) -> Receipt:
        """Store the part's file at Meta; nobody gets it yet, so a failure may be repeated."""
        try:
            data, mime, name = await self._fetch_media(part.media)
        except KeyError:
            return Receipt(Result.REFUSED, reason="media_missing")
        as_image = part.kind == "image" and mime in IMAGE_TYPES and len(data) <= MAX_IMAGE
        kind = "image" if as_image else "file"
        try:
            answer = await self._bot.upload(kind, data, mime, name or "file")
        except (aiohttp.ClientError, TimeoutError) as error:
            return Receipt(Result.RETRY, reason=type(error).__name__)
        identity = string(answer.body.get("attachment_id"), 64)
        if not identity:
            receipt = receipt_for(answer)
            unread = receipt.result in (Result.SENT, Result.UNKNOWN)
            return Receipt(Result.RETRY, reason="upload") if unread else receipt
        self._uploaded[part.media] = kind, identity
        while len(self._uploaded) > REMEMBERED_FILES:
            self._uploaded.popitem(last=False)
        return Receipt(Result.SENT)
