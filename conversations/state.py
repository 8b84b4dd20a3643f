"""A citizen's conversation as it stands between turns."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Frame:
    """One open dialogue: which, at which step, with what it has gathered so far."""

    dialogue: str
    step: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """What the conversation remembers; everything a turn may read or change.

    `stack` holds the open dialogues, the one being answered last. `consent` is "" before it
    was asked, then "given" or "refused". `misses` counts what was not understood in a row.
    `referral` is the deep link and `asked` the question the citizen came with, both kept
    while the welcome goes on; `asked` is also kept while they say which meaning was meant.
    `left` is whether they blocked the bot.
    """

    locale: str = ""
    consent: str = ""
    place: str = ""
    stopped: bool = False
    left: bool = False
    referral: str = ""
    asked: str = ""
    misses: int = 0
    topic: str = ""
    last_text: str = ""
    stack: list[Frame] = field(default_factory=list)

    def copy(self) -> State:
        """An independent copy, so that a turn that fails leaves nothing half changed."""
        return copy.deepcopy(self)

    def to_document(self) -> dict[str, Any]:
        """The shape kept in the session; defaults are left out."""
        document = {
            name: getattr(self, name)
            for name in self.__slots__
            if name != "stack" and getattr(self, name)
        }
        if self.stack:
            document["stack"] = [
                {"dialogue": frame.dialogue, "step": frame.step, "data": frame.data}
                for frame in self.stack
            ]
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> State:
        """The reverse of `to_document`; unknown fields of a later version are dropped."""
        known = {name: document[name] for name in cls.__slots__ if name in document}
        known["stack"] = [Frame(**frame) for frame in copy.deepcopy(document.get("stack", []))]
        return cls(**known)
