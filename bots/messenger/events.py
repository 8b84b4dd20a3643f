"""Messenger's webhook events, read into channel-neutral arrivals.

Shapes: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bots.arrivals import Arrival, RemoteFile
from bots.foreign import coordinates, items, mapping, string, whole
from conversations.messages import Incoming, Kind

GET_STARTED = "/start"
MAX_PAYLOAD = 1000
MAX_ATTACHMENTS = 10

_FILES = {
    "image": "image/jpeg",
    "audio": "audio/mp4",
    "video": "video/mp4",
    "file": "application/octet-stream",
}
_OPT = {"STOP_NOTIFICATIONS": Kind.LEFT, "RESUME_NOTIFICATIONS": Kind.RETURNED}


def page_events(body: object) -> Iterator[dict[str, Any]]:
    """The events meant for us in a webhook's body.

    Only `messaging`: what stands under `standby` belongs to another app at that moment.
    """
    if mapping(body).get("object") == "page":
        for entry in items(mapping(body).get("entry")):
            yield from map(mapping, items(mapping(entry).get("messaging")))


def read_event(event: dict[str, Any], at: datetime) -> list[Arrival]:
    """What a citizen did: nothing, one thing, or several (a message with pictures).

    Echoes, receipts, reactions, edits, deletions and kinds nobody knows give nothing.
    """
    address = _person(event.get("sender"))
    if not address:
        return []
    if "message" in event:
        return _read_message(address, event, at)
    if "postback" in event:
        return _read_postback(address, event, at)
    if "referral" in event:
        return _joined(address, _identity(address, event), event["referral"], at)
    if "optin" in event:
        return _read_optin(address, event, at)
    return []


def _person(sender: object) -> str:
    """The page-scoped id as text: it comes as a number as well as a string."""
    identity = mapping(sender).get("id")
    if (number := whole(identity)) is not None:
        return str(number) if number > 0 else ""
    text = string(identity, 40)
    return text if text.isascii() and text.isdecimal() and len(text) <= 32 else ""


def _identity(address: str, event: dict[str, Any], part: object = None) -> str:
    """The event's own id, or one made of its content where Messenger gives none."""
    if mid := string(mapping(part).get("mid"), 256):
        return mid
    content = {key: value for key, value in event.items() if key not in ("sender", "recipient")}
    canonical = json.dumps([address, content], sort_keys=True)
    return "content:" + hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _read_message(address: str, event: dict[str, Any], at: datetime) -> list[Arrival]:
    message = mapping(event["message"])
    if not message or message.get("is_echo") is True or message.get("is_deleted") is True:
        return []
    identity = _identity(address, event, message)
    joined = _joined(address, f"{identity}/ref", message.get("referral"), at)
    text = string(message.get("text"))
    if payload := string(mapping(message.get("quick_reply")).get("payload"), MAX_PAYLOAD):
        return [*joined, _tapped(address, identity, payload, at)]
    attachments = list(_attachments(address, identity, message, text, at))
    if attachments:
        return [*joined, *attachments]
    # A wordless message (a sticker, a shared post, something unsupported) is handed on
    # without words, so that nobody who sent something is met with silence.
    return [*joined, Arrival(address, Incoming(identity, Kind.TEXT, at, text=text))]


def _attachments(
    address: str, identity: str, message: dict[str, Any], text: str, at: datetime
) -> Iterator[Arrival]:
    described = [mapping(each) for each in items(message.get("attachments"))[:MAX_ATTACHMENTS]]
    for index, each in enumerate(described):
        own = f"{identity}/{index}" if index else identity
        payload, kind = mapping(each.get("payload")), string(each.get("type"), 32)
        place = mapping(payload.get("coordinates"))
        if spot := coordinates(place.get("lat"), place.get("long")):
            incoming = Incoming(own, Kind.LOCATION, at, latitude=spot[0], longitude=spot[1])
            yield Arrival(address, incoming)
        elif kind in _FILES and "sticker_id" not in payload:
            file = RemoteFile(source=string(payload.get("url")), mime=_FILES[kind])
            caption = "" if index else text
            yield Arrival(address, Incoming(own, Kind.ATTACHMENT, at, text=caption), file)


def _read_postback(address: str, event: dict[str, Any], at: datetime) -> list[Arrival]:
    postback = mapping(event["postback"])
    identity = _identity(address, event, postback)
    if joined := _joined(address, identity, postback.get("referral"), at):
        return joined
    payload = string(postback.get("payload"), MAX_PAYLOAD)
    return [_tapped(address, identity, payload, at)] if payload else []


def _tapped(address: str, identity: str, payload: str, at: datetime) -> Arrival:
    """A pressed button; those of the menu stand for a command, as if it had been typed."""
    if payload == GET_STARTED:
        return Arrival(address, Incoming(identity, Kind.JOIN, at))
    if payload.startswith("/"):
        return Arrival(address, Incoming(identity, Kind.TEXT, at, text=payload))
    return Arrival(address, Incoming(identity, Kind.TAP, at, payload=payload))


def _joined(address: str, identity: str, referral: object, at: datetime) -> list[Arrival]:
    """Came by a link with a reference (m.me, a QR code, an advertisement)."""
    reference = string(mapping(referral).get("ref"), 250)
    if not reference:
        return []
    return [Arrival(address, Incoming(identity, Kind.JOIN, at, payload=reference))]


def _read_optin(address: str, event: dict[str, Any], at: datetime) -> list[Arrival]:
    optin = mapping(event["optin"])
    identity = _identity(address, event)
    if kind := _OPT.get(string(optin.get("notification_messages_status"), 64)):
        return [Arrival(address, Incoming(identity, kind, at))]
    return _joined(address, identity, optin, at)
