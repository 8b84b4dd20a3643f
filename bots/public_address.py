"""Whether the address people and platforms use leads to this Onoo, with a good certificate."""

from __future__ import annotations

import aiohttp

from bots.channel import Finding
from bots.surroundings import Judged
from settings import Settings

ANSWER_WITHIN = 5.0


async def public_address(settings: Settings, *, called: bool) -> list[Judged]:
    """What is found at ONOO_PUBLIC_URL; `called` says that a platform relies on it.

    A bad certificate stops what relies on it. That nobody answers need not: behind some
    routers a machine can't reach its own public address.
    """
    address = settings.public_url.rstrip("/")
    if not address:
        mend = "Set ONOO_PUBLIC_URL once there are a name and a certificate (docs/going-live.md)"
        return [
            (Finding(False, "No public address is set: links lead to this machine", mend), False)
        ]
    try:
        answers = await _is_onoo(f"{address}/healthz")
    except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError):
        mend = "Let the proxy get a certificate for this name, or renew it (docs/deploying.md)"
        return [(Finding(False, f"The certificate of {address} is not accepted", mend), called)]
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        answers = False
    if not answers:
        mend = (
            "Point the name's DNS record here, open ports 80 and 443, start the proxy and Onoo; "
            "or try it from a phone, if this machine can't reach its own address"
        )
        return [(Finding(False, f"No Onoo answers at {address}", mend), False)]
    return [(Finding(True, f"{address} leads to Onoo"), False)]


async def _is_onoo(url: str) -> bool:
    """Whether `url` answers as `bots.health` does."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as answer:
        return answer.status == 200 and await answer.json() == {"ok": True}
