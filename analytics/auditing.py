"""Every export in the audit log: who took what, of which form, under which protection."""

from __future__ import annotations

from datetime import datetime

from analytics.request import Request
from storage.audit import Audit
from storage.store import Store


async def note_taken(
    store: Store, request: Request, rows: dict[str, int], user: str, now: datetime
) -> None:
    """Write down that `user` took an export; filters on answers are named, not their values."""
    asked = request.model_dump(mode="json", exclude_defaults=True, exclude={"where", "margins"})
    asked["where"] = sorted(request.where)
    asked["profile"] = str(request.profile)
    after = {"request": asked, "rows": rows}
    subject = request.form or request.campaign or request.dataset
    await Audit(store.database).note(now, user, f"export.{request.dataset}", subject, after=after)
