"""The audit log, for admins to read; nobody can change it here."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from analytics.datasets import NAMES
from console.access import Right, needs
from console.desk import desk
from console.rendering import label, locale_of, page

routes = web.RouteTableDef()

ACTIONS = (
    "signin",
    "signin.refused",
    "survey.upload",
    "survey.change",
    "survey.publish",
    "survey.offer",
    "survey.withdraw",
    "people.tag",
    "people.untag",
    "campaign.create",
    "campaign.change",
    "campaign.test",
    "campaign.approve",
    "campaign.launch",
    "campaign.pause",
    "campaign.resume",
    "campaign.close",
    "campaign.stop_all",
    "campaign.resume_news",
    "facility.import",
    "meeting.save",
    "commitment.add",
    "commitment.change",
    "results.publish",
    "results.send",
    "problem.assign",
    "problem.reply",
    "problem.take",
    "problem.hand_back",
    "problem.status",
    "user.add",
    "user.change",
    "user.password",
    "user.totp",
    "user.disable",
    "user.enable",
    "token.issue",
    "token.revoke",
    "aside.replay",
    "aside.drop",
    *(f"export.{name}" for name in NAMES),
    "archive",
)


@routes.get("/audit")
@needs(Right.MANAGE)
async def audit(request: web.Request) -> web.Response:
    """The latest entries, or those before a moment."""
    here, locale = desk(request), locale_of(request)
    user, action = request.query.get("user", ""), request.query.get("action", "")
    entries = await here.audit.page(user=user, action=action, before=_moment(request))
    users = [(one.name, one.full_name) for one in await here.users.all()]
    actions = [(one, label(locale, "action", one)) for one in ACTIONS]
    return page(
        request, "audit.html", entries=entries, user=user, action=action, users=users,
        actions=actions,
        told=told,
    )  # fmt: skip


def told(value: object) -> str:
    """A value of the log in one line, whatever its shape."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {told(part)}" for key, part in value.items() if part)
    if isinstance(value, list | tuple):
        return ", ".join(told(part) for part in value) or "–"
    return str(value)


def _moment(request: web.Request) -> datetime | None:
    try:
        found = datetime.fromisoformat(request.query.get("before", ""))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
