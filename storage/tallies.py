"""Counts that pages show, made beforehand: nobody waits for a sum over everybody.

One document a page's worth of counts: `{_id, at, changed, due, counts}`. Any process may make
them anew; `due` sees to it that only one does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from storage import slices
from storage.database import Database, Document

PLACE_DIGITS = 4
"""Counts by place are by soum or district."""


class Tallies:
    """The tallies collection, and the counting that fills it."""

    def __init__(self, database: Database) -> None:
        self._tallies = database.tallies
        self._database = database

    async def read(self, name: str) -> Document | None:
        """The counts under `name` with `at` and `changed`; None if nobody has counted yet."""
        return await self._tallies.find_one({"_id": name})

    async def claim(self, name: str, now: datetime, every: timedelta) -> bool:
        """Whether it is this process's turn to count `name`, which is done once in `every`."""
        try:
            result = await self._tallies.update_one(
                {"_id": name, "due": {"$lte": now}}, {"$set": {"due": now + every}}
            )
            if result.matched_count:
                return True
            await self._tallies.insert_one({"_id": name, "due": now + every})
        except DuplicateKeyError:
            return False
        return True

    async def put_off(self, name: str, until: datetime) -> None:
        """Let nobody count `name` before `until`."""
        await self._tallies.update_one({"_id": name}, {"$max": {"due": until}})

    async def write(self, name: str, counts: Document, now: datetime) -> None:
        """Put new counts in place of the old; `changed` moves only if they differ."""
        found = await self._tallies.find_one({"_id": name}, {"counts": 1})
        fields: Document = {"at": now}
        if found is None or found.get("counts") != counts:
            fields |= {"counts": counts, "changed": now}
        # Whoever counts first out of turn leaves the next turn open.
        await self._tallies.update_one(
            {"_id": name}, {"$set": fields, "$setOnInsert": {"due": now}}, upsert=True
        )

    # -- counting -----------------------------------------------------------------------

    async def count_everything(self, now: datetime) -> Document:
        """People by channel, and survey runs by status (all, and of the last week)."""
        cases, week = await self._cases(now - timedelta(days=7))
        return {
            "citizens": await self._by("citizens", "channel", {}),
            "consented": await self._database.citizens.count_documents({"consent": "given"}),
            "stopped": await self._database.citizens.count_documents({"stopped": True}),
            "cases": cases,
            "week": week,
            "facilities": await self._database.facilities.estimated_document_count(),
        }

    async def count_campaign(self, campaign: str) -> Document:
        """A campaign's invitations by place, its cases, and where those unfinished stand.

        What is named by data (places, questions, facilities) is listed, since a path may hold
        dots and dollars, which are no good as field names.
        """
        places: dict[str, dict[str, int]] = defaultdict(dict)
        dispositions: dict[str, int] = {}
        invited = self._grouped("invitations", campaign, p="$place", d="$disposition")
        async for key, n in invited:
            disposition = key["d"]
            found = places[(key.get("p") or "")[:PLACE_DIGITS]]
            found[disposition] = found.get(disposition, 0) + n
            dispositions[disposition] = dispositions.get(disposition, 0) + n
        statuses, nodes, facilities = Counter[str](), Counter[str](), Counter[str]()
        cases = self._grouped(
            "cases", campaign, s="$status", q="$last_node", f="$facility", t="$is_test"
        )
        async for key, n in cases:
            if key.get("t"):
                continue
            statuses[key["s"]] += n
            if key["s"] == "complete":
                facilities[key.get("f") or ""] += n
            elif key.get("q"):
                nodes[key["q"]] += n
        return {
            "dispositions": dispositions,
            "places": [{"place": place, **counts} for place, counts in sorted(places.items())],
            "nodes": [{"node": node, "n": n} for node, n in sorted(nodes.items())],
            "cases": dict(statuses),
            "facilities": [{"facility": code, "n": n} for code, n in sorted(facilities.items())],
        }

    async def _grouped(
        self, collection: str, campaign: str, **keys: str
    ) -> AsyncIterator[tuple[Document, int]]:
        """How many documents of a campaign have the same values of some fields."""
        stages: list[Document] = [
            {"$match": {"campaign": campaign}},
            {"$group": {"_id": keys, "n": {"$sum": 1}}},
        ]
        async for group in self._database[collection].aggregate(stages):
            yield group["_id"], group["n"]

    async def unclear(self, sure: float, *, among: int = 5000, most: int = 50) -> list[Document]:
        """`{text, intent, confidence, at}` of the latest texts understood with less than `sure`.

        Looked for among the latest `among` events alone, so that it takes no longer one day
        than another.
        """
        shown = {"type": 1, "text": 1, "intent": 1, "confidence": 1, "at": 1}
        found = []
        async for event in self._database.events.find({}, shown).sort("at", -1).limit(among):
            confidence = event.get("confidence")
            if event["type"] == "heard" and confidence is not None and confidence < sure:
                found.append({name: event.get(name) for name in ("text", "intent", "at")})
                found[-1]["confidence"] = confidence
                if len(found) == most:
                    break
        return found

    async def _cases(self, since: datetime) -> tuple[dict[str, int], dict[str, int]]:
        """Survey runs by status, all and those started `since`, tests left out.

        Read in slices: a sum over all at once takes the embedded server half a gigabyte, and
        citizens wait meanwhile.
        """
        whole: Counter[str] = Counter()
        lately: Counter[str] = Counter()
        shown = {"status": 1, "is_test": 1, "started": 1}
        async for cases in slices.read(self._database, "cases", {}, shown):
            for case in cases:
                if not case.get("is_test"):
                    status = str(case.get("status") or "unknown")
                    whole[status] += 1
                    lately[status] += bool(case.get("started") and case["started"] >= since)
        return dict(whole), dict(+lately)

    async def _by(self, collection: str, field: str, query: Document) -> dict[str, int]:
        stages: list[dict[str, Any]] = [
            {"$match": query},
            {"$group": {"_id": f"${field}", "n": {"$sum": 1}}},
        ]
        groups = self._database[collection].aggregate(stages)
        return {str(group["_id"] or "unknown"): group["n"] async for group in groups}
