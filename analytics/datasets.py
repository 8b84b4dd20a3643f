"""The data sets besides answers and scorecards, each declared with its columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from analytics.columns import Column, Kind
from analytics.records import Field, Records, moment, number, person, typed, words
from analytics.request import Request
from storage.database import Document
from storage.exporting import turn_of

PARADATA_EVENTS = (
    *("question", "answer", "change", "retry", "skip", "back", "language"),
    *("pause", "resume", "break-off", "finalize"),
)
DISPOSITIONS = (
    ("waiting", "Nothing was sent yet"),
    ("invited", "Sent; nobody knows whether it arrived"),
    ("unreachable", "Could not be reached"),
    ("delivered", "Arrived; no reaction"),
    ("opened", "Opened, did not start"),
    ("refused", "Refused"),
    ("started", "Started, nothing answered"),
    ("partial", "Answered in part"),
    ("complete", "Complete"),
    ("ineligible", "Does not belong to those asked"),
)


def _milliseconds(field: str) -> Field:
    def read(document: Document) -> int | None:
        found = document.get(field)
        return round(found.timestamp() * 1000) if found is not None else None

    label = f"{field.capitalize()} in milliseconds since 1970 (UTC)"
    return number(field, label, read)


def _of_form(request: Request, versions: tuple[str, ...]) -> Document:
    return {"type": "answered", "form": {"$in": list(versions)}}


PARADATA = Records(
    "paradata",
    "What happened in each case, in the shape of ODK's audit log",
    "events",
    (
        person("case", "Case", "case"),
        words("event", "Event", note=", ".join(PARADATA_EVENTS)),
        words("node", "Question"),
        _milliseconds("start"),
        _milliseconds("end"),
        typed("old-value", "Value before", "old"),
        typed("new-value", "Value after", "new"),
        number("retries", "Answers not accepted before"),
        words("locale", "Language"),
        words("channel", "Channel"),
        words("form_version", "Version of the form", "form"),
        moment("at", "When the turn was made"),
    ),
    matches=_of_form,
)


def _message(document: Document) -> str:
    said = document.get("message") or {}
    return str(said.get("text", "")) if document["type"] == "said" else document.get("text", "")


def _buttons(document: Document) -> int | None:
    said = document.get("message") or {}
    return len(said.get("choices", ())) if document["type"] == "said" else None


def _latency(document: Document) -> int | None:
    sent = (document.get("delivery") or {}).get("at")
    return round((sent - document["at"]).total_seconds() * 1000) if sent else None


def _delivery(document: Document) -> str | None:
    return (document.get("delivery") or {}).get("result")


CONVERSATIONS = Records(
    "conversations",
    "What citizens did and what Onoo said, turn by turn",
    "events",
    (
        person("event", "Event", "event", "_id"),
        person("citizen", "Citizen", "citizen"),
        Field(Column("turn", Kind.INTEGER, "Number of the turn in the conversation"), "_turn"),
        Field(Column("place_in_turn", Kind.INTEGER, "Number within the turn"), "_number"),
        moment("at", "When the turn was made"),
        words("who", "citizen or onoo", lambda d: "onoo" if d["type"] == "said" else "citizen"),
        words("kind", "What the citizen did: text, tap, location, attachment, join"),
        typed("text", "What was typed, or said", _message),
        words("payload", "The button that was tapped"),
        number("buttons", "How many buttons were shown", _buttons),
        words("dialogue", "Dialogue"),
        words("intent", "What it was understood to mean"),
        number("confidence", "How sure that was, 0 to 1", kind=Kind.DECIMAL),
        words("model", "Version of the model that understood it"),
        words("channel", "Channel"),
        words("locale", "Language, as set at that turn", "_locale"),
        number("latency", "Milliseconds from the turn to its sending", _latency),
        words("delivery", "What became of what Onoo said", _delivery),
    ),
    matches=lambda request, versions: {"type": {"$in": ["heard", "said"]}},
    expand=lambda document, request: iter((_with_turn(document),)),
)


def _with_turn(document: Document) -> Document:
    turn, number = turn_of(str(document["_id"])) or (None, None)
    return {**document, "_turn": turn, "_number": number}


def _moment_of(name: str) -> Any:
    return lambda document: (document.get("moments") or {}).get(name)


def _as_at(document: Document, request: Request) -> Iterator[Document]:
    """An invitation as it stood at the cut-off: dispositions only ever move up."""
    reached = {
        name: at for name, at in (document.get("moments") or {}).items() if at <= request.cutoff
    }
    names = [name for name, _ in DISPOSITIONS if name in reached]
    disposition = names[-1] if names else "waiting"
    begun = {"started", "partial", "complete", "refused"} & reached.keys()
    yield {
        **document, "moments": reached, "_disposition": disposition,
        "case": document.get("case") if begun else None,
    }  # fmt: skip


INVITATIONS = Records(
    "invitations",
    "Who was asked, and what came of it",
    "invitations",
    (
        person("invitation", "Invitation", "invitation", "_id"),
        person("citizen", "Citizen", "citizen"),
        words("campaign", "Campaign"),
        words("via", "push or link"),
        Field(
            Column("disposition", Kind.CHOICE, "Disposition at the cut-off", DISPOSITIONS),
            "_disposition",
        ),
        words("reason", "Why they could not be reached"),
        words("channel", "Channel"),
        words("locale", "Language"),
        words("place", "Place"),
        words("facility", "Facility"),
        person("case", "Case", "case"),
        moment("at", "When they were chosen"),
        *(
            Field(Column(f"{name}_at", Kind.DATETIME, f"{label} (UTC)"), _moment_of(name))
            for name, label in DISPOSITIONS[1:]
        ),
    ),
    matches=lambda request, versions: {"campaign": request.campaign} if request.campaign else {},
    expand=_as_at,
    wanted=lambda document, request: request.tests or document.get("via") != "test",
)


def _problem_as_at(document: Document, request: Request) -> Iterator[Document]:
    """A report as it stood at the cut-off, as far as its last change tells."""
    changed = document.get("changed")
    if changed is not None and changed > request.cutoff:
        document = {**document, "status": "new", "changed": None, "note": None}
    yield document


PROBLEMS = Records(
    "problems",
    "Problems that citizens reported",
    "reports",
    (
        person("problem", "Problem", "report", "_id"),
        person("citizen", "Citizen", "citizen"),
        moment("at", "Reported"),
        words("topic", "Topic"),
        typed("text", "What was reported"),
        words("place", "Place"),
        words("facility", "Facility"),
        words("channel", "Channel"),
        words("status", "Status"),
        moment("changed", "Status changed"),
        typed("note", "What was noted about it"),
    ),
    expand=_problem_as_at,
)


def _due(document: Document) -> str | None:
    due = document.get("due")
    return due.isoformat()[:10] if isinstance(due, date) else due


def _disputes(document: Document) -> int:
    return len(document.get("disputes") or ())


def _commitment_as_at(document: Document, request: Request) -> Iterator[Document]:
    """A commitment as its history up to the cut-off leaves it."""
    cutoff, created = request.cutoff, document.get("created")
    if created is not None and created > cutoff:
        return
    past = [entry for entry in document.get("history") or () if entry["at"] <= cutoff]
    later = [entry for entry in document.get("history") or () if entry["at"] > cutoff]
    statuses = [entry["status"] for entry in past if entry.get("status")]
    yield {
        **document,
        "status": statuses[-1] if later and statuses else document.get("status"),
        "evidence": None if later else document.get("evidence"),
        "disputes": [d for d in document.get("disputes") or () if d.get("at", cutoff) <= cutoff],
        "_changed": max((entry["at"] for entry in past), default=created),
    }


def _changed_since(document: Document, request: Request) -> bool:
    changed = document.get("_changed")
    return request.since is None or changed is None or bool(changed > request.since)


COMMITMENTS = Records(
    "commitments",
    "What providers and citizens agreed to do",
    "commitments",
    (
        words("commitment", "Commitment", "_id"),
        words("facility", "Facility"),
        words("place", "Place"),
        words("campaign", "Campaign"),
        words("issue", "What it is about"),
        words("action", "What is to be done"),
        typed("who", "Who does it"),
        Field(Column("due", label="Due"), _due),
        words("status", "Status"),
        typed("evidence", "What shows that it was done"),
        moment("created", "Agreed"),
        moment("changed", "Last change, by the cut-off", "_changed"),
        number("disputes", "How many citizens said it was not kept", _disputes),
    ),
    at="",
    expand=_commitment_as_at,
    wanted=_changed_since,
)


def _lines(document: Document, request: Request) -> Iterator[Document]:
    for place, line in enumerate(document.get("lines", ())):
        yield {
            **line,
            "_id": f"{document['_id']}:{place}",
            "import_id": document["import_id"],
        }


BUDGETS = Records(
    "budgets",
    "Budget lines of the imports in use",
    "budgets",
    (
        person("line", "Line", "line", "_id"),
        number("year", "Year"),
        words("period", "Period: blank for the year, else H1, Q1 to Q4, M01 to M12"),
        words("place", "Place"),
        words("facility", "Facility"),
        words("facility_kind", "Kind of facility"),
        words("sector", "Sector"),
        words("programme", "Programme"),
        words("econ_code", "Economic classification"),
        words("item", "Item as in the source"),
        words("level", "Level of the budget"),
        words("fund", "Fund"),
        words("stage", "Stage: approved, amended, executed …"),
        number("amount", "Amount in ₮"),
        words("source", "Source"),
        words("as_of", "As of"),
        words("import", "Import", "import_id"),
    ),
    at="",
    expand=_lines,
)

RECORDS: dict[str, Records] = {
    one.name: one for one in (PARADATA, CONVERSATIONS, INVITATIONS, PROBLEMS, COMMITMENTS, BUDGETS)
}
NAMES = ("answers", "scorecards", *RECORDS)
"""Every data set there is."""
