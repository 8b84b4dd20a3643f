"""Reading what a form brought: every wrong field named in words, the rest kept as typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from aiohttp import web

from content.wording import MONGOLIA

LONGEST = 2000


class Fields:
    """A form's fields as text; `errors` gathers the keys of what is wrong, by field."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.errors: dict[str, str] = {}

    @classmethod
    async def of(cls, request: web.Request) -> Fields:
        """The fields of a form that was sent."""
        return cls(await request.post())

    def text(self, name: str, *, required: bool = False, longest: int = LONGEST) -> str:
        """A text without spaces around it; NUL and other controls, which nobody types, go."""
        given = self._data.get(name, "")
        value = given if isinstance(given, str) else ""
        value = "".join(sign for sign in value if sign >= " " or sign in "\n\t").strip()
        if required and not value:
            self.errors[name] = "console.form.required"
        elif len(value) > longest:
            self.errors[name] = "console.form.long"
        return value[:longest]

    def choice(self, name: str, among: Any, default: str = "") -> str:
        """One of a set of values."""
        value = self.text(name) or default
        if value not in among:
            self.errors[name] = "console.form.choice"
        return value

    def several(self, name: str) -> list[str]:
        """All values of a field that may be there several times."""
        return [value for value in self._data.getall(name, []) if isinstance(value, str) and value]

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int | None:
        """A whole number in bounds."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit()) or not least <= int(value[:12]) <= most:
            self.errors[name] = "console.form.number"
            return default
        return int(value)

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A calendar day as browsers send it."""
        value = self.text(name, required=required)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.errors[name] = "console.form.day"
            return None

    def moment(self, name: str) -> datetime | None:
        """A local date and time (Ulaanbaatar) as browsers send it, in UTC."""
        value = self.text(name)
        if not value:
            return None
        try:
            return datetime.fromisoformat(value).replace(tzinfo=MONGOLIA).astimezone(UTC)
        except ValueError:
            self.errors[name] = "console.form.moment"
            return None

    def __getitem__(self, name: str) -> str:
        """The field as typed, to show it again."""
        value = self._data.get(name, "")
        return value if isinstance(value, str) else ""


def noon(when: date) -> datetime:
    """A moment that is on the day `when` everywhere in Mongolia."""
    return datetime.combine(when, time(12), MONGOLIA).astimezone(UTC)
