"""Schools, kindergartens, dormitories, health centres and hospitals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

SECTOR_OF = {
    "school": "education",
    "kindergarten": "education",
    "dormitory": "education",
    "health_centre": "health",
    "hospital": "health",
}


@dataclass(frozen=True, slots=True)
class Facility:
    """`code` is its official or local code; `pupils` counted in `pupils_year`, 0 if unknown."""

    code: str
    name: str
    kind: str
    place: str
    latitude: float | None = None
    longitude: float | None = None
    pupils: int = 0
    pupils_year: int = 0

    @property
    def sector(self) -> str:
        """Education or health."""
        return SECTOR_OF[self.kind]

    def to_document(self) -> dict[str, Any]:
        """The shape stored; empty fields are left out."""
        return {k: v for k, v in asdict(self).items() if v not in ("", None, 0)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Facility:
        """The reverse of `to_document`; fields of storage are ignored."""
        return cls(**{name: document[name] for name in cls.__slots__ if name in document})
