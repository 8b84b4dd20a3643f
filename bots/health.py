"""What load balancers and Prometheus ask: alive, ready, and the metrics."""

from __future__ import annotations

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bots import metrics
from storage.store import StorageError, Store


def add_health_routes(app: web.Application, store: Store) -> None:
    """Add `/healthz`, `/readyz` and `/metrics`."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(_: web.Request) -> web.Response:
        try:
            await store.ping()
        except StorageError:
            return web.json_response({"ok": False, "database": "away"}, status=503)
        return web.json_response({"ok": True})

    async def figures(_: web.Request) -> web.Response:
        try:
            waiting = await store.waiting()
        except StorageError:
            waiting = {}
        for what, count in waiting.items():
            metrics.WAITING.labels(what).set(count)
        metrics.TASKS.set(len(asyncio.all_tasks()))
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", figures)
