"""What every channel gives and gets: the one boundary between platforms and Onoo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from aiohttp import web

from conversations.messages import Incoming, Outgoing


class Result(StrEnum):
    """What became of one attempt to send."""

    SENT = "sent"
    WAIT = "wait"  # told to slow down: try again after `delay`, no attempt used up
    RETRY = "retry"  # certainly not delivered, may work later
    REFUSED = "refused"  # this message will never be accepted
    BLOCKED = "blocked"  # this recipient can't be reached until they write again
    WINDOW = "window"  # outside the time the platform allows us to write
    UNKNOWN = "unknown"  # may or may not have arrived: never sent again blindly
    STOPPED = "stopped"  # the channel itself is out of order (token, permission)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of a send.

    `delay` (seconds) goes with WAIT: for this chat only, or for the whole channel where
    `everyone`. `message` is the platform's id. `reason` is a code for operators, never text
    from the message. `moved_to` is the address that replaces the one used.
    """

    result: Result
    message: str = ""
    delay: float = 0.0
    everyone: bool = False
    reason: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check looked at: `what` it found and, where not `ok`, how to `mend` it.

    Where it does not `stop` the channel's work, it is advice.
    """

    ok: bool
    what: str
    mend: str = ""
    stops: bool = True


class Full(Exception):
    """The citizen's inbox has no room; the platform must deliver this event again."""


Deliver = Callable[[str, str, Incoming], Awaitable[bool]]
"""`deliver(channel name, address, incoming)`: stores durably, then returns whether it was new.

Raises `Full` or a storage error when it could not be stored: answer 5xx then.
"""

StoreMedia = Callable[[bytes, str, str], Awaitable[str]]
"""`store(data, mime type, file name)` -> the media id for `Attachment.media`."""

FetchMedia = Callable[[str], Awaitable[tuple[bytes, str, str]]]
"""`fetch(media id)` -> (data, mime type, file name); raises KeyError when unknown."""


class Channel(Protocol):
    """A way to citizens: Telegram, Messenger, web chat."""

    name: str

    def add_routes(self, app: web.Application) -> None:
        """Add the channel's webhook (or page) to the web server."""
        ...

    async def start(self, *, intake: bool = True) -> None:
        """Connect in order to send; with `intake` also to receive: poll or set the webhook,
        and set commands, menus and greetings.
        """
        ...

    async def stop(self) -> None:
        """Let go of connections and tasks; safe to call twice."""
        ...

    async def send(self, address: str, message: Outgoing, last_inbound: float) -> Receipt:
        """Send one message and say what became of it; never raises for a platform's fault.

        `last_inbound` is when the citizen last did something (Unix seconds), for platforms
        that allow writing only for a while after it.
        """
        ...

    async def forget(self, address: str) -> None:
        """Forget what the channel itself keeps about this address: it is being erased."""
        ...

    async def typing(self, address: str) -> None:
        """Show that an answer is coming, where the channel can; failures are ignored."""
        ...

    async def check(self) -> list[Finding]:
        """What the operator should know about token, webhook and secrets; never raises."""
        ...
