"""A case: one run of a survey by one citizen, as it stands between two steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_INDEX = re.compile(r"\[\d+\]")


def path_of(ref: str) -> str:
    """The form's path of a place in a case: "child/age" for "child[2]/age"."""
    return _INDEX.sub("", ref) if "[" in ref else ref


def lies_under(ref: str, around: str) -> bool:
    """Whether `ref` is `around` or stands in it; everything stands in ""."""
    return not around or ref == around or ref.startswith(around + "/")


@dataclass(slots=True)
class Case:
    """What was answered, and where the citizen is.

    Places ("refs") are paths with the number of each repeat: "child[2]/age". `values` keeps
    every answer and calculation, also those that are not relevant just now; `off` the places
    whose own condition is false; `counts` how often each repeat is there; `done` what was
    answered, skipped or shown; `at` a place the citizen went back to, "" to go on.
    """

    id: str
    form: str
    values: dict[str, str] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    at: str = ""

    def to_document(self) -> dict[str, Any]:
        """The shape kept in the session; what is empty is left out."""
        return {
            "id": self.id,
            "form": self.form,
            "values": dict(self.values),
            "off": sorted(self.off),
            "counts": dict(self.counts),
            "done": sorted(self.done),
            "at": self.at,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Case:
        """The reverse of `to_document`; raises KeyError on a foreign shape."""
        return cls(
            id=document["id"],
            form=document["form"],
            values=dict(document["values"]),
            off=set(document["off"]),
            counts=dict(document["counts"]),
            done=set(document["done"]),
            at=document["at"],
        )

    def is_on(self, ref: str) -> bool:
        """Whether neither this place nor a group around it is switched off by its condition."""
        if not self.off:
            return True
        while ref:
            if ref in self.off:
                return False
            ref = ref.rpartition("/")[0]
        return True
