"""What Prometheus may know: counts and times, never who or what."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("onoo_events", "Events from channels", ["channel", "outcome"])
TURNS = Counter("onoo_turns", "Turns by outcome", ["outcome"])
TURN_SECONDS = Histogram(
    "onoo_turn_seconds",
    "From an event's arrival to its turn's commit",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60),
)
REPLY_SECONDS = Histogram(
    "onoo_reply_seconds",
    "From an event's arrival to its last reply's delivery",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60),
)
SENDS = Counter("onoo_sends", "Messages by what became of them", ["channel", "lane", "result"])
WAITING = Gauge("onoo_waiting", "Work that waits", ["what"])
CHANNEL_UP = Gauge("onoo_channel_up", "1 while the channel takes messages", ["channel"])
TASKS = Gauge("onoo_tasks", "Asynchronous tasks of the process")
