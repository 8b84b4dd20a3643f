"""The console's sections, for those who may see them."""

from __future__ import annotations

from dataclasses import dataclass

from console.access import Access, Right
from console.guard import HOME


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the menu; `group` names the heading it stands under."""

    name: str
    path: str
    right: Right
    group: str
    current: bool = False


SECTIONS = (
    Section("overview", "", Right.SEE, "work"),
    Section("surveys", "/surveys", Right.SEE, "work"),
    Section("people", "/people", Right.WORK, "work"),
    Section("campaigns", "/campaigns", Right.SEE, "work"),
    Section("problems", "/problems", Right.TALK, "work"),
    Section("facilities", "/facilities", Right.SEE, "results"),
    Section("commitments", "/commitments", Right.SEE, "results"),
    Section("policy", "/policy", Right.SEE, "results"),
    Section("exports", "/exports", Right.EXPORT, "results"),
    Section("knowledge", "/knowledge", Right.SEE, "platform"),
    Section("users", "/users", Right.MANAGE, "platform"),
    Section("tokens", "/tokens", Right.EXPORT, "platform"),
    Section("setaside", "/setaside", Right.MANAGE, "platform"),
    Section("audit", "/audit", Right.MANAGE, "platform"),
)


def sections(access: Access, path: str) -> dict[str, list[Section]]:
    """What the menu shows on the page at `path`, by heading."""
    below = path.removeprefix(HOME)
    shown: dict[str, list[Section]] = {}
    for one in SECTIONS:
        if access.may(one.right):
            current = _within(below, one.path)
            entry = Section(one.name, HOME + one.path, one.right, one.group, current)
            shown.setdefault(one.group, []).append(entry)
    return shown


def _within(path: str, section: str) -> bool:
    if not section:
        return path in ("", "/")
    return path == section or path.startswith(section + "/")
