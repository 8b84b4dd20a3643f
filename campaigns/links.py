"""Open invitations: links that lead into a campaign on each channel.

A payload is short and of letters that all three channels allow in a link: Telegram's start
parameter (A–Z, a–z, 0–9, _ and -, at most 64), m.me's ref, and the web chat's `?c=`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from settings import Settings
from storage.store import Store

LETTERS = 12
"""Of 16: 48 bits, so that two links of one platform never meet."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link into a campaign: `payload`, and the addresses by channel that carry it."""

    payload: str
    campaign: str
    facility: str
    is_test: bool
    addresses: dict[str, str]


def payload_for(campaign: str, facility: str = "", *, is_test: bool = False) -> str:
    """The same for the same campaign and facility, so that a poster printed again still fits."""
    kind = "t" if is_test else "c"
    content = f"{kind}\0{campaign}\0{facility}".encode()
    return kind + hashlib.blake2b(content, digest_size=LETTERS // 2).hexdigest()


def addresses(settings: Settings, payload: str, telegram_name: str = "") -> dict[str, str]:
    """Where the payload leads on each configured channel; `telegram_name` is the bot's."""
    found = {}
    if telegram_name:
        found["telegram"] = f"https://t.me/{quote(telegram_name)}?start={payload}"
    if settings.messenger_page_id:
        found["messenger"] = f"https://m.me/{quote(settings.messenger_page_id)}?ref={payload}"
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    found["web"] = f"{base}/?c={payload}"
    return found


async def make_link(
    store: Store,
    settings: Settings,
    campaign: str,
    facility: str = "",
    *,
    is_test: bool = False,
    telegram_name: str = "",
) -> Link:
    """The link into a campaign, about a facility where one is named; stored so that it leads
    there.
    """
    payload = payload_for(campaign, facility, is_test=is_test)
    document = {"_id": payload, "campaign": campaign, "facility": facility, "is_test": is_test}
    await store.campaigns.put_link(document)
    where = addresses(settings, payload, telegram_name)
    return Link(payload, campaign, facility, is_test, where)
