"""What a push showed, and what must hold: paces, exactly once, hours, replies meanwhile."""

from __future__ import annotations

import os
import statistics
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.push.people import address_of, channel_of, citizen_of, lives_in_the_west
from benchmarks.push.platforms import RATES, Arrivals, Platforms
from benchmarks.turns import percentile
from content.hours import Hours
from storage.store import Store

USED, ANSWERED_WITHIN = 0.95, 1.0
"""At least so much of the schedule; replies within so many seconds (p99)."""


@dataclass
class Push:
    """A push that is over."""

    store: Store
    campaign: str
    platform: Platforms
    hours: Hours
    people: int
    kills: int
    took: list[float]

    async def report(self) -> None:
        """Print what was measured; raises AssertionError for what does not hold."""
        load = " ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load at the end {load}")
        await self._messages()
        due = await self._due()
        kept = [self._pace(channel, due[channel]) for channel in RATES]
        twice, early = self._twice(), self._early()
        reached = sum(len(each.taken) for each in self.platform.campaign.values())
        print(f"people reached {reached}; twice {twice}; outside their hours {early}")
        slow = percentile(self.took, 0.99) if self.took else 0.0
        if self.took:
            p50 = statistics.median(self.took)
            print(
                f"replies while pushing: {len(self.took)}  p50 {p50 * 1000:.0f} ms  "
                f"p99 {slow * 1000:.0f} ms  slowest {max(self.took) * 1000:.0f} ms"
            )
        assert twice == 0, "somebody was asked twice"
        assert early == 0, "somebody was asked outside their hours"
        assert all(most <= RATES[channel] for channel, most, _ in kept), "a second too full"
        assert all(used >= USED for _, _, used in kept), "too little of the schedule was used"
        assert slow < ANSWERED_WITHIN, "citizens who chat waited too long"

    async def _messages(self) -> None:
        counts = await self.store.outbox.counts(f"{self.campaign}:invite")
        lost = 0
        async for message in self.store.database.outbox.find({"status": "unknown"}):
            lost += message["attempts"][-1]["reason"] == "sender lost"
        print(f"messages by status: {counts}; unknown by a kill: {lost}; kills: {self.kills}")
        assert sum(counts.values()) == self.people, "somebody has no message"

    def _twice(self) -> int:
        each = (arrivals.taken.values() for arrivals in self.platform.campaign.values())
        return sum(1 for counts in each for count in counts if count > 1)

    def _early(self) -> int:
        opens = self.hours.next_open(self.hours.start, 7)
        assert opens is not None
        moment = _on_the_steady_clock(opens.timestamp())
        return sum(
            lives_in_the_west(address) and at < moment
            for arrivals in self.platform.campaign.values()
            for address, at in arrivals.first.items()
        )

    async def _due(self) -> dict[str, list[float]]:
        """When each message that was tried was due, by channel, in order."""
        addresses = {
            citizen_of(number, self.people): (channel_of(number, self.people), address_of(number))
            for number in range(self.people)
        }
        batches = {each["_id"]: each async for each in self.store.database.batches.find()}
        due: dict[str, list[float]] = {channel: [] for channel in RATES}
        async for message in self.store.database.outbox.find({"batch": {"$exists": True}}):
            channel, address = addresses[message["citizen"]]
            if address in self.platform.campaign[channel].first:
                batch = batches[message["batch"]]
                offset = timedelta(seconds=batch["span"] * message["number"] / batch["size"])
                due[channel].append(_on_the_steady_clock((batch["at"] + offset).timestamp()))
        return {channel: sorted(moments) for channel, moments in due.items()}

    def _pace(self, channel: str, due: list[float]) -> tuple[str, int, float]:
        """How a channel's schedule was kept: the most in any second, and how much was used."""
        arrivals, rate = self.platform.campaign[channel], RATES[channel]
        replies = self.platform.replies if channel == "telegram" else []
        times = sorted(arrivals.times)
        most = _most_in_a_second(times)
        most_with_replies = _most_in_a_second(sorted(times + replies))
        seconds = Counter(int(at) for at in times + replies)
        full = _full_seconds(arrivals, due, rate)
        used = sum(min(rate, seconds[s]) for s in full) / (rate * len(full)) if full else 0.0
        idle = sum(seconds[s] == 0 for s in full)
        print(
            f"{channel}: {len(times)} sends in {times[-1] - times[0]:.0f} s, at most {most} in "
            f"any second (limit {rate}), {most_with_replies} with replies; schedule used "
            f"{used:.1%} of {len(full)} s in which more was due than could go ({idle} of them "
            f"empty); answers {dict(arrivals.answered)}"
        )
        return channel, most, used


def _full_seconds(arrivals: Arrivals, due: list[float], rate: int) -> list[int]:
    """Seconds at whose end at least a second's worth was due and not tried, outside pauses."""
    tried = sorted(arrivals.first.values())
    paused = {
        second for since, until in arrivals.pauses for second in range(int(since), int(until) + 2)
    }
    return [
        second
        for second in range(int(tried[0]) + 1, int(tried[-1]))
        if second not in paused
        and bisect_left(due, second) - bisect_left(tried, second + 1) >= rate
    ]


def _most_in_a_second(times: list[float]) -> int:
    first = most = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _on_the_steady_clock(moment: float) -> float:
    return moment - time.time() + time.monotonic()
