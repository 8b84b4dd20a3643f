"""What every export of cases says about a case itself, and which cases are wanted."""

from __future__ import annotations

from datetime import datetime

from analytics.columns import Column, Kind, Sensitivity
from analytics.pseudonyms import Pseudonyms
from analytics.request import Request
from analytics.values import Cell
from storage.database import Document

STATUSES = (
    ("started", "Started, nothing answered"),
    ("partial", "Under way"),
    ("complete", "Complete"),
    ("break-off", "Broken off"),
    ("refused", "Refused"),
)

ABOUT = (
    Column("case", label="Case", note="a keyed hash that differs by project"),
    Column(
        "citizen",
        label="Citizen",
        sensitivity=Sensitivity.IDENTITY,
        note="a keyed hash that differs by project",
    ),
    Column("form_version", label="Version of the form"),
    Column("status", Kind.CHOICE, "Status of the case", STATUSES),
    Column("started", Kind.DATETIME, "Started (UTC)", sensitivity=Sensitivity.TIME),
    Column("ended", Kind.DATETIME, "Ended (UTC)", sensitivity=Sensitivity.TIME),
    Column(
        "seconds",
        Kind.INTEGER,
        "Seconds from start to end",
        sensitivity=Sensitivity.TIME,
        note="breaks included",
    ),
    Column("locale", label="Language of the conversation", sensitivity=Sensitivity.TRAIT),
    Column("channel", label="Channel", sensitivity=Sensitivity.TRAIT),
    Column(
        "place",
        label="Place",
        sensitivity=Sensitivity.TRAIT,
        note="official code of the unit: 2 digits aimag, 4 soum or district, more bag or khoroo",
    ),
    Column("facility", label="Facility", sensitivity=Sensitivity.TRAIT),
    Column("campaign", label="Campaign"),
    Column("last_node", label="Question that was open last", note="where people drop off"),
    Column("is_test", Kind.INTEGER, "1 for a test case"),
)


def about_of(case: Document, identity: str, pseudonyms: Pseudonyms) -> tuple[Cell, ...]:
    """The values of `ABOUT`, in its order."""
    started: datetime | None = case.get("started")
    ended: datetime | None = case.get("ended")
    seconds = round((ended - started).total_seconds()) if started and ended else None
    return (
        identity,
        pseudonyms.of("citizen", case.get("citizen", "")),
        case.get("form", ""),
        case.get("status", ""),
        started,
        ended,
        seconds,
        case.get("locale") or None,
        case.get("channel") or None,
        case.get("place") or None,
        case.get("facility") or None,
        case.get("campaign") or None,
        case.get("last_node") or None,
        int(bool(case.get("is_test"))),
    )


def is_wanted(case: Document, request: Request) -> bool:
    """Whether a case falls under the request's filters; those on answers come later."""
    if case.get("is_test") and not request.tests:
        return False
    started: datetime | None = case.get("started")
    moment = started or case.get("changed")
    if moment is None or moment > request.cutoff:
        return False
    if request.since is not None and (case.get("changed") or moment) <= request.since:
        return False
    if request.started_from and (started is None or started < request.started_from):
        return False
    if request.started_to and (started is None or started >= request.started_to):
        return False
    if request.campaign and case.get("campaign") != request.campaign:
        return False
    return is_placed(case.get("place", ""), request)


def is_placed(place: str, request: Request) -> bool:
    """Whether a place lies in the places asked for; codes of parts begin with the whole's."""
    return not request.places or str(place or "").startswith(request.places)
