"""What a citizen sent, as an answer to a question of a survey."""

from __future__ import annotations

from conversations.dialogues.survey_run import Run
from conversations.messages import Attachment, Kind
from conversations.survey import typed
from conversations.survey.choices import Option
from conversations.survey.interpreter import ULAANBAATAR, Spot
from conversations.survey.typed import Reading

MAX_ATTACHMENT = 20_000_000
"""Bytes: what a Telegram bot may fetch."""
MAX_TEXT = 4000
_MEDIA = {"image": "image/", "audio": "audio/", "video": "video/", "file": ""}


def read(run: Run, spot: Spot) -> Reading:
    """What was sent, as the value the form wants; an empty reading when it is no answer."""
    incoming = run.turn.incoming
    if incoming.kind is Kind.LOCATION and spot.node.kind == "geopoint":
        return Reading(typed.geopoint(incoming.latitude or 0.0, incoming.longitude or 0.0))
    if incoming.kind is Kind.ATTACHMENT and incoming.attachment is not None:
        return Reading(_attached(incoming.attachment, spot.node.kind))
    return read_text(run, spot, run.turn.typed) if run.turn.typed else Reading()


def _attached(attachment: Attachment, kind: str) -> str:
    wanted = _MEDIA.get(kind)
    fits = wanted is not None and attachment.mime.startswith(wanted)
    return attachment.media if fits and attachment.size <= MAX_ATTACHMENT else ""


def read_text(run: Run, spot: Spot, text: str) -> Reading:
    """A typed reply."""
    kind = spot.node.kind
    now = run.turn.world.now.astimezone(ULAANBAATAR)
    if spot.is_more:
        return typed.read_choice(text, yes_no(run))
    if kind in ("select_one", "range"):
        return typed.read_choice(text, run.walk.options(spot))
    if kind in ("select_multiple", "rank"):
        return _several(run, spot, text)
    if kind in ("integer", "decimal"):
        return typed.read_number(text, whole=kind == "integer")
    if kind == "date":
        return Reading(typed.read_date(text, now.date()))
    if kind == "time":
        return Reading(typed.read_time(text))
    if kind == "datetime":
        return Reading(typed.read_datetime(text, now))
    if kind == "geopoint":
        return Reading(typed.read_place(text))
    if kind == "acknowledge":
        return Reading("OK" if typed.read_choice(text, yes_no(run)).value == "yes" else "")
    return Reading(text[:MAX_TEXT] if kind == "text" else "")


def _several(run: Run, spot: Spot, text: str) -> Reading:
    options = run.walk.options(spot)
    names = typed.read_several(text, options)
    if names is None:
        return Reading()
    if spot.node.kind == "rank" and len(names) < len(options):
        return Reading()
    return Reading(" ".join(names))


def yes_no(run: Run) -> list[Option]:
    """Yes and no in the citizen's language."""
    return [
        Option(0, "yes", run.turn.t("survey.more.yes")),
        Option(1, "no", run.turn.t("survey.more.no")),
    ]
