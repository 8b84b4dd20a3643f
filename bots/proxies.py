"""Where a request comes from, behind our own reverse proxies or not."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from aiohttp import web


def client_address(request: web.Request, trusted: str) -> str:
    """The network address of whoever asks; what a proxy says counts from those `trusted` alone.

    `trusted` lists addresses and networks; of `X-Forwarded-For` the last entry is believed.
    """
    remote = request.remote or ""
    if _is_ours(remote, trusted):
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return forwarded or remote
    return remote


def _is_ours(remote: str, trusted: str) -> bool:
    try:
        address = ip_address(remote)
    except ValueError:
        return False
    return any(address in ip_network(one) for one in trusted.replace(",", " ").split())
