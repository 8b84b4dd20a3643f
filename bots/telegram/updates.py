"""Telegram's updates, read into channel-neutral arrivals.

Read from the raw JSON: python-telegram-bot raises TypeError on a malformed update, which
would take the rest of a batch with it. Shapes: https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bots.arrivals import Arrival, RemoteFile
from bots.foreign import coordinates, items, mapping, string, whole
from conversations.messages import Incoming, Kind

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")

_START = re.compile(r"/start(?:@\w+)?(?:\s+(\S+))?\s*$")
_REFERRAL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILES = {
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "document": "application/octet-stream",
}
_WORDLESS = ("contact", "dice", "game", "poll", "story")


def update_id(raw: object) -> int | None:
    """The update's id, or None where it has none."""
    return whole(mapping(raw).get("update_id"))


def callback_query_id(raw: object) -> str:
    """The id by which a tap must be answered, or "" if the update is no tap."""
    return string(mapping(mapping(raw).get("callback_query")).get("id"), 64)


def read_update(raw: object, at: datetime) -> Arrival | None:
    """What a citizen did, or None where the update is malformed or none of our business.

    Only private chats are served: what is said in a group is not said to us. Edits are not
    among the updates asked for: an answer is changed by going back, where it can be seen.
    """
    update, identity = mapping(raw), update_id(raw)
    if identity is None:
        return None
    if "message" in update:
        return _read_message(mapping(update["message"]), str(identity), at)
    if "callback_query" in update:
        return _read_tap(mapping(update["callback_query"]), str(identity), at)
    if "my_chat_member" in update:
        return _read_membership(mapping(update["my_chat_member"]), str(identity), at)
    return None


def _private(chat: object) -> str:
    """The address of a private chat, otherwise ""."""
    identity = whole(mapping(chat).get("id"))
    private = mapping(chat).get("type") == "private"
    return str(identity) if private and identity is not None and identity > 0 else ""


def _read_message(message: dict[str, Any], identity: str, at: datetime) -> Arrival | None:
    address = _private(message.get("chat"))
    sender = mapping(message.get("from"))
    if not address or sender.get("is_bot") is True:
        return None
    locale = string(sender.get("language_code"), 16)

    def said(kind: Kind, **fields: Any) -> Incoming:
        return Incoming(id=identity, kind=kind, at=at, locale_hint=locale, **fields)

    if text := string(message.get("text")):
        if start := _START.match(text):
            referral = start[1] or ""
            joined = referral if _REFERRAL.fullmatch(referral) else ""
            return Arrival(address, said(Kind.JOIN, payload=joined))
        return Arrival(address, said(Kind.TEXT, text=text))
    place = mapping(message.get("location"))
    if spot := coordinates(place.get("latitude"), place.get("longitude")):
        return Arrival(address, said(Kind.LOCATION, latitude=spot[0], longitude=spot[1]))
    if file := _file(message):
        caption = string(message.get("caption"), 1024)
        return Arrival(address, said(Kind.ATTACHMENT, text=caption), file)
    if "sticker" in message:
        return Arrival(
            address, said(Kind.TEXT, text=string(mapping(message["sticker"]).get("emoji")))
        )
    if any(key in message for key in _WORDLESS):
        # Nothing of it is kept (a contact is somebody's phone number), but nobody who sent
        # something is met with silence: the dialogue hears that something wordless came.
        return Arrival(address, said(Kind.TEXT))
    return None


def _file(message: dict[str, Any]) -> RemoteFile | None:
    """The file in a message, if any; of a photo the largest size."""
    if sizes := [mapping(size) for size in items(message.get("photo"))]:
        largest = max(sizes, key=lambda size: whole(size.get("file_size")) or 0)
        return _remote(largest, "image/jpeg")
    for key, mime in _FILES.items():
        if described := mapping(message.get(key)):
            return _remote(described, mime)
    return None


def _remote(described: dict[str, Any], mime: str) -> RemoteFile:
    return RemoteFile(
        source=string(described.get("file_id"), 256),
        mime=string(described.get("mime_type"), 128) or mime,
        size=max(0, whole(described.get("file_size")) or 0),
        name=string(described.get("file_name"), 256),
    )


def _read_tap(query: dict[str, Any], identity: str, at: datetime) -> Arrival | None:
    address = _private(mapping(query.get("message")).get("chat"))
    payload = string(query.get("data"), 64)
    if not address or not payload:
        return None
    locale = string(mapping(query.get("from")).get("language_code"), 16)
    return Arrival(address, Incoming(identity, Kind.TAP, at, payload=payload, locale_hint=locale))


def _read_membership(change: dict[str, Any], identity: str, at: datetime) -> Arrival | None:
    address = _private(change.get("chat"))
    before, after = (
        string(mapping(change.get(key)).get("status"), 32)
        for key in ("old_chat_member", "new_chat_member")
    )
    if address and after == "kicked":
        return Arrival(address, Incoming(identity, Kind.LEFT, at))
    if address and before == "kicked" and after == "member":
        return Arrival(address, Incoming(identity, Kind.RETURNED, at))
    return None
