"""Sending to Telegram: each part of a message, and what became of the whole."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import replace

from telegram import Bot, InputFile, Message
from telegram.error import ChatMigrated, TelegramError

from bots.channel import FetchMedia, Receipt, Result
from bots.parts import Sleep, send_all
from bots.telegram.composing import Part, Unsendable, compose
from bots.telegram.faults import receipt_for
from conversations.messages import Outgoing

MAX_PHOTO = 10 * 1024 * 1024
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
REMEMBERED_FILES = 1000
CHAT_PACE = 3.0  # seconds within which a second message to one chat may be too soon

File = tuple[bool, str | InputFile]
"""Whether a file goes as a photo, and its content: Telegram's id, or what is uploaded."""


class Sender:
    """Sends messages through one bot; files already uploaded are sent again by their id."""

    def __init__(
        self,
        bot: Bot,
        fetch_media: FetchMedia,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._fetch_media = fetch_media
        self._sleep = sleep
        self._uploaded: OrderedDict[tuple[str, bool], File] = OrderedDict()
        self._last_sent: OrderedDict[int, float] = OrderedDict()

    async def send(self, address: str, message: Outgoing) -> Receipt:
        """Send all parts of `message`; never raises for Telegram's faults."""
        if not address.lstrip("-").isdecimal():
            return Receipt(Result.REFUSED, reason="address")
        try:
            parts = compose(message)
        except Unsendable as fault:
            return Receipt(Result.REFUSED, reason=str(fault))
        return await send_all(address, parts, self._send_part, self._sleep)

    async def _send_part(self, address: str, part: Part) -> Receipt:
        """One attempt at one part; a chat that moved gets one more, under its new id."""
        try:
            return await self._attempt(int(address), part)
        except ChatMigrated as moved:
            new = moved.new_chat_id
        try:
            return replace(await self._attempt(new, part), moved_to=str(new))
        except ChatMigrated:
            return Receipt(Result.REFUSED, reason="moved_twice", moved_to=str(new))

    async def _attempt(self, chat: int, part: Part) -> Receipt:
        recent = self._sent_just_now(chat)
        try:
            file = await self._file(part)
        except KeyError:
            return Receipt(Result.REFUSED, reason="media_missing")
        try:
            sent = await self._call(chat, part, file)
        except ChatMigrated:
            raise
        except TelegramError as error:
            receipt = receipt_for(error)
            # Telegram doesn't say whether one chat or the bot was too fast. If this chat had
            # a message a moment ago, it is the chat; otherwise all must slow down.
            return replace(receipt, everyone=receipt.everyone and not recent)
        except (TypeError, KeyError, AttributeError):
            # A success in a shape python-telegram-bot can't read.
            return Receipt(Result.UNKNOWN, reason="unreadable")
        return Receipt(Result.SENT, message=str(sent.message_id))

    def _sent_just_now(self, chat: int) -> bool:
        now = time.monotonic()
        before = self._last_sent.pop(chat, -CHAT_PACE)
        self._last_sent[chat] = now
        while len(self._last_sent) > 1 and now - next(iter(self._last_sent.values())) > CHAT_PACE:
            self._last_sent.popitem(last=False)
        return now - before < CHAT_PACE

    async def _file(self, part: Part) -> File | None:
        """The part's file, uploaded before or to be; raises KeyError if nobody knows it."""
        media = part.picture or part.document
        if not media:
            return None
        if known := self._uploaded.get((media, bool(part.picture))):
            return known
        data, mime, name = await self._fetch_media(media)
        as_photo = bool(part.picture) and mime in PHOTO_TYPES and len(data) <= MAX_PHOTO
        return as_photo, InputFile(data, filename=name or "file")

    async def _call(self, chat: int, part: Part, file: File | None) -> Message:
        if file is None:
            return await self._bot.send_message(chat, part.text, reply_markup=part.markup)
        as_photo, content = file
        caption = part.text or None
        if as_photo:
            sent = await self._bot.send_photo(
                chat, content, caption=caption, reply_markup=part.markup
            )
            file_id = sent.photo[-1].file_id if sent.photo else ""
        else:
            sent = await self._bot.send_document(
                chat, content, caption=caption, reply_markup=part.markup
            )
            file_id = sent.document.file_id if sent.document else ""
        self._remember(part, as_photo, file_id)
        return sent

    def _remember(self, part: Part, as_photo: bool, file_id: str) -> None:
        if file_id:
            self._uploaded[part.picture or part.document, bool(part.picture)] = as_photo, file_id
        while len(self._uploaded) > REMEMBERED_FILES:
            self._uploaded.popitem(last=False)
