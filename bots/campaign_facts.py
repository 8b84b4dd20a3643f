"""Facts about campaigns, published results and commitments, for the turns that ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bots.facts import Facts
from conversations.facts import (
    CommitmentsOf,
    FacilitiesWith,
    Indicator,
    Invite,
    OpenInvitation,
    Promise,
    Referral,
    ResultsOf,
    ResultsTold,
)
from storage.commitments import CommitmentStore
from storage.facilities import Facilities
from storage.results import ResultStore
from storage.store import Document, Store

SHOWN = 40
OPEN_FIRST = {"under_way": 0, "planned": 1, "not_done": 2, "done": 3, "dropped": 4}


def register_campaign_facts(facts: Facts, store: Store) -> None:
    """Answer what the invitation, results and commitments dialogues ask."""
    facilities = Facilities(store.database)
    results, commitments = ResultStore(store.database), CommitmentStore(store.database)

    async def referral(query: Referral, citizen: str) -> Invite | None:
        if query.payload.startswith("inv:"):
            return await _invite(store, query.payload.removeprefix("inv:"), citizen, via="push")
        link = await store.campaigns.link(query.payload)
        if link is None:
            return None
        test = bool(link.get("is_test"))
        via = "test" if test else "link"
        return await _invite(store, link["campaign"], citizen, via=via, facility=link["facility"])

    async def open_invitation(_: OpenInvitation, citizen: str) -> str:
        for invitation in await store.invitations.pending_of(citizen):
            invite = await _invite(store, invitation["campaign"], citizen, via="push")
            if invite is not None and invite.state == "open":
                return invite.campaign
        return ""

    async def facilities_with(query: FacilitiesWith, citizen: str) -> tuple[tuple[str, str], ...]:
        source = results if query.what == "results" else commitments
        codes = await source.facilities()
        if not query.place:
            answered = await store.cases.facilities_of(citizen)
            codes = [code for code in codes if code in answered] or codes
        known = await facilities.named(codes)
        found = [one for one in known.values() if one.place.startswith(query.place)]
        found.sort(key=lambda one: (one.place, one.name))
        return tuple((one.code, one.name) for one in found[:SHOWN])

    async def results_of(query: ResultsOf, _: str) -> ResultsTold | None:
        found = await results.of(query.facility)
        return _told(found[0], await _name(facilities, query.facility)) if found else None

    async def commitments_of(query: CommitmentsOf, _: str) -> tuple[str, tuple[Promise, ...]]:
        found = [_promise(one) for one in await commitments.of(query.facility)]
        found.sort(key=lambda one: OPEN_FIRST.get(one.status, 9))
        return await _name(facilities, query.facility), tuple(found)

    facts.register(Referral, referral)
    facts.register(OpenInvitation, open_invitation)
    facts.register(FacilitiesWith, facilities_with)
    facts.register(ResultsOf, results_of)
    facts.register(CommitmentsOf, commitments_of)


async def _name(facilities: Facilities, code: str) -> str:
    found = (await facilities.named([code])).get(code)
    return found.name if found else code


async def _invite(
    store: Store, campaign: str, citizen: str, *, via: str, facility: str = ""
) -> Invite | None:
    """The campaign as it meets this citizen now."""
    found = await store.campaigns.find(campaign)
    if found is None:
        return None
    invitation = await store.invitations.of(campaign, citizen) or {}
    facility = facility or invitation.get("facility", "") or found.get("facility", "")
    is_test = via == "test" or (via == "push" and citizen in found.get("testers", ()))
    state = "open" if is_test else _state(found, invitation, facility, datetime.now(UTC))
    return Invite(
        campaign=campaign,
        form=found["form"],
        facility=facility,
        state=state,
        opens=found["hours"]["start"] if state == "soon" else None,
        via="test" if is_test else via,
        is_test=is_test,
    )


def _state(found: Document, invitation: Document, facility: str, now: datetime) -> str:
    status = found["status"]
    if status == "closed" or found["hours"]["end"] <= now:
        return "closed"
    if status == "paused":
        return "paused"
    if status != "running":
        return "soon"
    if invitation.get("disposition") == "complete":
        return "done"
    place = invitation.get("place", "")
    for quota in found.get("full", ()):
        by, _, key = quota.partition(":")
        if by == "total" or (by == "facility" and key == facility):
            return "full"
        if by == "place" and place.startswith(key):
            return "full"
    return "open"


def _told(result: Document, name: str) -> ResultsTold:
    indicators = tuple(
        Indicator(tuple(sorted(each["label"].items())), each.get("mean"), each.get("change"))
        for each in result.get("indicators", ())
    )
    agreed: list[Any] = [
        each["meeting"] for each in result.get("indicators", ()) if each.get("meeting") is not None
    ]
    return ResultsTold(
        facility=result["facility"],
        name=name,
        at=result["at"],
        n=result.get("n") or 0,
        indicators=() if result.get("suppressed") else indicators,
        themes=tuple(result.get("themes", ())),
        meeting=sum(agreed) / len(agreed) if agreed else None,
    )


def _promise(found: Document) -> Promise:
    due = found.get("due")
    return Promise(
        id=found["_id"],
        issue=found["issue"],
        action=found["action"],
        who=found["who"],
        due=due.date() if due else None,
        status=found["status"],
        evidence=found.get("evidence", ""),
    )
