"""The API does what its description says, whatever it is asked: held against it by schemathesis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from aiohttp.web import Application
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from analytics import api, openapi
from analytics.api import add_api_routes
from analytics.export import export
from analytics.request import Request
from storage.store import Store
from storage.tokens import Tokens
from storage.users import User, Users
from tests.world.database import KEY

HELD = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 40
HARMLESS = ("labels", "hierarchy", "multiple", "long", "tests", "limit", "exact", "minimum")
"""Parameters whose every value in the description goes with every other."""


@pytest.fixture
async def address(
    store: Store, survey: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The API on the survey's data."""

    async def build(request: Request, folder: Path) -> dict[str, Any]:
        return (await export(store, request, KEY, folder)).manifest

    monkeypatch.setattr(api, "PER_MINUTE", 100_000)
    await Users(store.database).add(User("ana", "ana", "analyst", ""), datetime.now(UTC))
    app = Application()
    add_api_routes(app, store, build)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/api/v1"))
    await server.close()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", list(openapi.description()["paths"]))
async def test_answers_are_as_described(
    address: str, store: Store, path: str, mode: GenerationMode
) -> None:
    secret = await Tokens(store.database).issue("ana", "test", 1, datetime.now(UTC))
    headers = {"Authorization": f"Bearer {secret}"}
    operation = schemathesis.openapi.from_dict(openapi.description())[path]["GET"]

    seen: set[int] = set()

    @hypothesis.given(operation.as_strategy(generation_mode=mode), strategies.booleans())
    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    def ask(case: Any, fitting: bool) -> None:
        if fitting and path != "/forms":
            # By chance alone no form is ever named that there is.
            kept = {name: case.query[name] for name in HARMLESS if name in (case.query or {})}
            case.query = {**kept, "form": "school_visit"}
        answer = case.call_and_validate(base_url=address, headers=headers, checks=HELD)
        seen.add(answer.status_code)

    await asyncio.to_thread(ask)
    if mode is GenerationMode.POSITIVE:
        assert 200 in seen


async def test_without_a_token_nothing_is_given(address: str) -> None:
    for path in openapi.description()["paths"]:
        operation = schemathesis.openapi.from_dict(openapi.description())[path]["GET"]
        case = operation.Case(path_parameters={"dataset": "answers"})
        answer = await asyncio.to_thread(case.call, base_url=address)
        assert answer.status_code == 401
        await asyncio.to_thread(case.validate_response, answer, checks=HELD)
