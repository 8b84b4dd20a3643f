"""Fetching the facts a turn asks for: each kind of query has one resolver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from conversations.world import Query

Q = TypeVar("Q", bound=Query[Any])
Resolver = Callable[[Q, str], Awaitable[Any]]
"""`resolver(query, citizen)`: most facts are the same for everyone and ignore the citizen."""
Resolvers = dict[type[Query[Any]], Callable[[Any, str], Awaitable[Any]]]


class Facts:
    """The resolvers of this process, by kind of query."""

    def __init__(self) -> None:
        self._resolvers: Resolvers = {}

    def register(self, kind: type[Q], resolver: Resolver[Q]) -> None:
        """Answer queries of `kind` with `resolver`."""
        self._resolvers[kind] = resolver

    def after(self, filed: Callable[[], Awaitable[None]]) -> Facts:
        """The same, for a citizen whose last turns `filed` files: before a fact that may depend
        on them."""
        return _FactsAfterFiling(self._resolvers, filed)

    async def fetch(self, query: Query[Any], citizen: str) -> Any:
        """The fact; raises KeyError where nobody can answer such a query."""
        return await self._resolvers[type(query)](query, citizen)


class _FactsAfterFiling(Facts):
    def __init__(self, resolvers: Resolvers, filed: Callable[[], Awaitable[None]]) -> None:
        self._resolvers = resolvers
        self._filed = filed

    async def fetch(self, query: Query[Any], citizen: str) -> Any:
        if not query.steady:
            await self._filed()
        return await super().fetch(query, citizen)
