"""When people may be written to: a window of days, and the hours of the day where they live.

Mongolia has two time zones and no summer time: Bayan-Ulgii, Khovd and Uvs are UTC+7, the rest
is UTC+8 (IANA Asia/Hovd and Asia/Ulaanbaatar).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

WESTERN = ("83", "84", "85")
"""Codes of the aimags an hour behind: Bayan-Ulgii, Khovd, Uvs."""
ZONES = (7, 8)
DAY_FROM, DAY_TO = time(9), time(20)


def zone_of(place: str) -> int:
    """Hours ahead of UTC at a place's code; where no place is known, Ulaanbaatar's."""
    return ZONES[0] if place[:2] in WESTERN else ZONES[1]


def parse_time(text: str) -> time:
    """An hour of the day from "09:00"; raises ValueError saying what would be right."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time of day; write it as 09:00") from None


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` to `end`, each day from `day_from` up to but not including `day_to`.

    `zone` arguments are hours ahead of UTC. Raises ValueError where there is no time in it.
    """

    start: datetime
    end: datetime
    day_from: time = DAY_FROM
    day_to: time = DAY_TO

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(
                f"the window ends ({self.end:%Y-%m-%d %H:%M}) before it starts "
                f"({self.start:%Y-%m-%d %H:%M})"
            )
        if self.day_to <= self.day_from:
            raise ValueError(
                f"the hours of the day end ({self.day_to:%H:%M}) before they begin "
                f"({self.day_from:%H:%M})"
            )

    def open_at(self, now: datetime, zone: int) -> bool:
        """Whether people in `zone` may be written to at `now`."""
        return self.next_open(now, zone) == now

    def next_open(self, now: datetime, zone: int) -> datetime | None:
        """The first moment from `now` on that is in the window; None when there is no more."""
        now = max(now, self.start)
        opens, closes = self._day(now, zone)
        if now < opens:
            now = opens
        elif now >= closes:
            now = opens + timedelta(days=1)
        return now if now < self.end else None

    def open_seconds(self, after: datetime, zone: int) -> float:
        """Seconds within the window from `after` on."""
        total, now = 0.0, self.next_open(after, zone)
        while now is not None:
            until = min(self._day(now, zone)[1], self.end)
            total += (until - now).total_seconds()
            now = self.next_open(until, zone)
        return total

    def after(self, seconds: float, since: datetime, zone: int) -> datetime | None:
        """The moment at which `seconds` of open time have passed since `since`."""
        now = self.next_open(since, zone)
        while now is not None:
            until = min(self._day(now, zone)[1], self.end)
            if (until - now).total_seconds() > seconds:
                return now + timedelta(seconds=seconds)
            seconds -= (until - now).total_seconds()
            now = self.next_open(until, zone)
        return None

    def _day(self, now: datetime, zone: int) -> tuple[datetime, datetime]:
        """When the hours of `now`'s own day begin and end, in UTC."""
        here = timezone(timedelta(hours=zone))
        day = now.astimezone(here).date()
        opens = datetime.combine(day, self.day_from, here)
        closes = datetime.combine(day, self.day_to, here)
        return opens.astimezone(UTC), closes.astimezone(UTC)

    def to_document(self) -> dict[str, Any]:
        """The shape stored."""
        return {
            "start": self.start,
            "end": self.end,
            "day_from": self.day_from.strftime("%H:%M"),
            "day_to": self.day_to.strftime("%H:%M"),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Hours:
        """The reverse of `to_document`; raises ValueError for a window that holds no time."""
        return cls(
            document["start"],
            document["end"],
            parse_time(document["day_from"]),
            parse_time(document["day_to"]),
        )
