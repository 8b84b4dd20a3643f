"""The window of a lane: no second holds more than its rate, wherever the second begins."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.window import ANSWERED, APART, CATCH_UP, Window

TICK = 1 / 1024
JUST_UNDER = 1 - 1e-9

ticks = st.integers(0, 900).map(lambda n: n * TICK)
delays = st.tuples(ticks, ticks)
"""On the way there, and back: together less than a send without an answer counts."""


class World:
    """A clock, a window, and a platform that things reach late and whose answers come late."""

    def __init__(self, rate: float) -> None:
        self.now = 0.0
        self.window = Window(rate, lambda: self.now)
        self.starts: list[float] = []
        self.arrivals: list[float] = []
        self._answers: list[tuple[float, int]] = []

    def send(self, there: float, back: float | None) -> None:
        """Wait for room, and send; without `back` no answer ever comes."""
        while delay := self.window.delay():
            self.wait(delay)
        number = self.window.begin()
        self.starts.append(self.now)
        self.arrivals.append(self.now + there)
        if back is not None:
            heapq.heappush(self._answers, (self.now + there + back, number))

    def wait(self, seconds: float) -> None:
        """Let time pass; answers come when they come."""
        until = self.now + seconds
        while self._answers and self._answers[0][0] <= until:
            self.now, number = heapq.heappop(self._answers)
            self.window.end(number)
        self.now = until

    def most_in_a_second(self) -> int:
        """The most arrivals within any one second."""
        return most_in_a_second(self.arrivals)


def most_in_a_second(arrivals: Iterable[float]) -> int:
    times, first, most = sorted(arrivals), 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= JUST_UNDER:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(deadline=None)
@given(
    rate=st.integers(1, 8),
    sends=st.lists(st.tuples(delays, st.one_of(st.just(0.0), ticks)), max_size=60),
)
def test_no_second_holds_more_than_the_rate_whatever_the_delays(
    rate: int, sends: list[tuple[tuple[float, float], float]]
) -> None:
    world = World(rate)
    for (there, back), idle in sends:
        world.send(there, back)
        world.wait(idle)
    assert world.most_in_a_second() <= rate


@settings(deadline=None)
@given(
    rate=st.integers(2, 8),
    steps=st.lists(st.tuples(delays, st.booleans(), ticks), max_size=50),
)
def test_replies_leave_less_room(
    rate: int, steps: list[tuple[tuple[float, float], bool, float]]
) -> None:
    """No campaign message starts into a second that replies have filled."""
    world, replies = World(rate), []
    for (there, back), is_reply, idle in steps:
        if is_reply:
            world.window.count(1)
            replies.append(world.now)
        else:
            world.send(there, back)
        world.wait(idle)
    for start in world.starts:
        lately = [at for at in world.arrivals + replies if start - JUST_UNDER < at < start]
        assert len(lately) < rate


@settings(deadline=None, max_examples=25)
@given(st.lists(delays, min_size=200, max_size=200), st.sampled_from((15, 30)))
def test_room_that_there_is_gets_used(sends: list[tuple[float, float]], rate: int) -> None:
    """Each place is taken again as soon as a second after its answer."""
    world = World(rate)
    for there, back in sends:
        world.send(there, back)
    slowest = max(there + back for there, back in sends)
    rounds = -(-len(sends) // rate)
    assert world.now <= rounds * (1 + slowest) + 0.1


@pytest.mark.parametrize("rate", [15, 30])
@pytest.mark.parametrize("latency", [0.005, 0.04])
def test_the_schedule_is_used(rate: int, latency: float) -> None:
    world = World(rate)
    for _ in range(20 * rate):
        world.send(latency / 2, latency / 2)
    assert len(world.arrivals) / world.now >= 0.95 * rate
    gaps = [one - other for other, one in zip(world.arrivals, world.arrivals[1:], strict=False)]
    assert min(gaps) > 0.8 / rate


def test_a_send_without_an_answer_does_not_block_the_lane_for_long() -> None:
    world = World(2)
    world.send(0, None)
    world.send(0, None)
    world.send(0, 0)
    assert ANSWERED + 1 <= world.now <= ANSWERED + 2


def test_room_is_left_for_what_other_processes_send() -> None:
    world = World(10)
    world.window.others = 4
    for _ in range(60):
        world.send(0, 0)
    assert world.most_in_a_second() == 6


def test_those_about_to_start_are_waited_for() -> None:
    world = World(2)
    assert (world.window.delay(), world.window.delay(2)) == (0, 1)
    assert 0 < world.window.delay(1) < 0.5
    world.send(0, 0)
    assert world.window.delay(1) > world.window.delay()


@settings(deadline=None)
@given(
    rate=st.integers(2, 8),
    messages=st.lists(st.lists(delays, min_size=1, max_size=12), max_size=30),
)
def test_each_part_of_a_message_counts(
    rate: int, messages: list[list[tuple[float, float]]]
) -> None:
    """No message starts into a second in which there is no room for all its parts; only one
    that has more of them than the rate can fill a second too much, and then alone.
    """
    world = World(rate)
    for parts in messages:
        while delay := world.window.delay(parts=len(parts)):
            world.wait(delay)
        number = world.window.begin(len(parts))
        for there, back in parts:
            world.arrivals.append(world.now + there)
            world.wait(there + back)
        world.window.end(number)
    longest = max(map(len, messages), default=0)
    assert world.most_in_a_second() <= max(rate, longest)


def test_parts_that_take_long_are_counted_until_the_last_is_answered() -> None:
    world = World(3)
    number = world.window.begin(3)
    world.wait(10)
    assert world.window.delay() > 0
    world.window.end(number)
    assert world.window.delay() == 1
    world.wait(1)
    assert world.window.delay() == 0


def test_without_a_rate_there_is_no_limit() -> None:
    world = World(0)
    for _ in range(100):
        world.send(0, 0)
    assert world.now == 0


def test_only_a_few_late_starts_are_made_up_for() -> None:
    world = World(30)
    world.send(0, 0)
    world.wait(10)
    at_once = 0
    while not world.window.delay():
        world.window.begin()
        at_once += 1
    assert at_once == CATCH_UP + 1
    assert world.window.delay() == pytest.approx(APART / 30)


def test_who_need_not_wait_waits_for_nothing() -> None:
    world = World(30)
    world.send(0, 0)
    world.wait(10)
    assert world.window.delay() == 0


def test_answered_sends_make_room_while_another_is_on_its_way() -> None:
    world = World(2)
    world.send(0, None)
    world.send(0, 0)
    answered = world.now
    world.wait(0.9)
    assert world.window.delay() == pytest.approx(answered + 1 - world.now)
    world.wait(0.2)
    assert world.window.delay() == 0
