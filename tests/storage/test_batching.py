"""Writes of many callers go together, and each caller hears what became of its own."""

from __future__ import annotations

import asyncio

import pytest

from storage.batching import Batches


async def test_what_came_during_a_write_goes_into_the_next() -> None:
    written: list[list[int]] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write(items: list[int]) -> None:
        written.append(items)
        begun.set()
        await go_on.wait()

    batches = Batches(write, 3)
    first = asyncio.create_task(batches.put(0))
    await begun.wait()
    rest = [asyncio.create_task(batches.put(number)) for number in range(1, 6)]
    go_on.set()
    await asyncio.gather(first, *rest)
    assert written == [[0], [1, 2, 3], [4, 5]]
    await batches.put(6)
    assert written[-1] == [6]


async def test_a_failure_is_told_to_its_own_callers_alone() -> None:
    async def write(items: list[str]) -> None:
        if "bad" in items:
            raise OSError("no room")

    batches = Batches(write, 1)
    told = await asyncio.gather(*map(batches.put, ("a", "bad", "b")), return_exceptions=True)
    assert [type(one) for one in told] == [type(None), OSError, type(None)]
    with pytest.raises(OSError, match="no room"):
        await batches.put("bad")


async def test_a_caller_that_gave_up_holds_nobody_up() -> None:
    written: list[str] = []

    async def write(items: list[str]) -> None:
        written.extend(items)

    batches = Batches(write, 10)
    gone = asyncio.create_task(batches.put("a"))
    await asyncio.sleep(0)
    gone.cancel()
    await batches.put("b")
    assert written == ["a", "b"]
