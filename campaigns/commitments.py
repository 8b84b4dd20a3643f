"""Commitments: what was promised in the meeting, kept with everything that became of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from campaigns.refusal import Refusal, Word, commitment_word
from campaigns.service import utc_now
from storage.commitments import CommitmentStore
from storage.store import Document, Store

STATUSES = ("planned", "under_way", "done", "not_done", "dropped")
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Commitment:
    """One promise; `disputes` is how many people said that it isn't done."""

    id: str
    facility: str
    campaign: str
    issue: str
    action: str
    who: str
    due: date | None
    status: str
    evidence: str
    disputes: int
    version: int
    created: datetime
    history: tuple[Document, ...] = ()

    def overdue(self, today: date) -> bool:
        """Whether its day has passed and it is neither done nor given up."""
        return bool(self.due and self.due < today and self.status in ("planned", "under_way"))


class Commitments:
    """Records and changes commitments; raises `Refusal` with what would help."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._commitments = CommitmentStore(store.database)
        self._clock = clock

    async def add(
        self, facility: str, campaign: str, issue: str, action: str, who: str, due: date, by: str
    ) -> Commitment:
        """Record a promise made about a facility in a round."""
        now = self._clock()
        fields = {"issue": issue, "action": action, "who": who, "due": due, "status": "planned"}
        _check(fields)
        document = {
            "_id": secrets.token_hex(6),
            "facility": facility,
            "campaign": campaign,
            **_stored(fields),
            "evidence": "",
            "version": 0,
            "created": now,
            "history": [{"at": now, "by": by, "changes": {"status": "planned"}}],
            "disputes": [],
        }
        await self._commitments.add(document)
        return _read(document)

    async def change(
        self, commitment: str, by: str, *, note: str = "", **fields: Any
    ) -> Commitment:
        """Change status, evidence, due, who, action or issue; what was before is kept."""
        found = await self._commitments.find(commitment)
        if found is None:
            raise Refusal("refusal.no_commitment", commitment=commitment)
        allowed = {"issue", "action", "who", "due", "status", "evidence"}
        if unknown := sorted(set(fields) - allowed):
            raise Refusal("refusal.commitment_field", unknown=unknown, known=sorted(allowed))
        _check(fields)
        changes = {n: v for n, v in _stored(fields).items() if found.get(n) != v}
        if changes.get("status") == "done" and not (changes.get("evidence") or found["evidence"]):
            raise Refusal("refusal.evidence")
        entry = {
            "at": self._clock(),
            "by": by,
            "note": note,
            "changes": changes,
            "before": {name: found.get(name) for name in changes},
        }
        if not await self._commitments.change(commitment, found["version"], changes, entry):
            raise Refusal("refusal.meanwhile")
        return await self.get(commitment)

    async def get(self, commitment: str) -> Commitment:
        """The commitment; raises Refusal when there is none."""
        found = await self._commitments.find(commitment)
        if found is None:
            raise Refusal("refusal.no_commitment", commitment=commitment)
        return _read(found)

    async def of(self, facility: str) -> list[Commitment]:
        """A facility's commitments, the latest first."""
        return [_read(one) for one in await self._commitments.of(facility)]

    async def all(self) -> list[Commitment]:
        """Every commitment."""
        return [_read(one) for one in await self._commitments.all()]


def _check(fields: dict[str, Any]) -> None:
    for name in ("issue", "action", "who"):
        if name in fields and not 0 < len(str(fields[name]).strip()) <= LONGEST:
            field = Word(f"console.commitments.{name}")
            raise Refusal("refusal.commitment_long", field=field, most=LONGEST)
    if fields.get("status", "planned") not in STATUSES:
        known = [commitment_word(each) for each in STATUSES]
        raise Refusal("refusal.commitment_status", known=known)


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    """Days become moments: MongoDB knows no days."""
    due = fields.get("due")
    if isinstance(due, date) and not isinstance(due, datetime):
        return {**fields, "due": datetime.combine(due, time(), UTC)}
    return fields


def _read(document: Document) -> Commitment:
    due = document.get("due")
    return Commitment(
        id=document["_id"],
        facility=document["facility"],
        campaign=document.get("campaign", ""),
        issue=document["issue"],
        action=document["action"],
        who=document["who"],
        due=due.date() if due else None,
        status=document["status"],
        evidence=document.get("evidence", ""),
        disputes=len(document.get("disputes", ())),
        version=document["version"],
        created=document["created"],
        history=tuple(document.get("history", ())),
    )
