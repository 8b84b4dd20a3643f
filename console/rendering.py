"""Pages from templates: the words, figures and dates of one language, and what is around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from babel.dates import format_datetime

from bots.web.page import asset_url as shared_url
from console import assets
from console.access import ACCESS
from console.charts import Bar, drawings
from console.desk import desk
from console.guard import CSRF, HOME
from console.navigation import sections
from content.facilities import Facility
from content.wording import MONGOLIA, day, number, percent, place_name
from conversations.dialogues.problem import spaced
from locales import text
from locales.told import in_words

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("mn", "en")
COOKIE = "onoo-console-language"


def set_up(app: web.Application) -> None:
    """Let `app` render the console's templates."""
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        enable_async=False,
    )


def locale_of(request: web.Request) -> str:
    """The language of the page: asked for in the address, the user's own, the browser's."""
    asked = request.query.get("l", "")
    if asked in LANGUAGES:
        return asked
    if access := request.get(ACCESS):
        return access.user.locale if access.user.locale in LANGUAGES else "mn"
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in LANGUAGES else "mn"


def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """The page made from `template`."""
    locale = locale_of(request)
    words = {**_words(locale), **_surroundings(request, locale), **context}
    return aiohttp_jinja2.render_template(template, request, words, status=status)


def _words(locale: str) -> dict[str, Any]:
    return {
        "locale": locale,
        "t": partial(text, locale),
        "words": partial(text, locale),
        "in_words": partial(in_words, locale=locale),
        "label": partial(label, locale),
        "place": partial(place, locale),
        "number": lambda value: number(value, locale) if value is not None else "–",
        "score": lambda value: f"{value:.1f}" if value is not None else "–",
        "percent": lambda value: percent(value, locale) if value is not None else "–",
        "day": partial(local_day, locale),
        "moment": partial(moment, locale),
        "draw": drawings(locale),
        "reference": spaced,
        "bars": partial(bars, locale),
        "channel_bars": partial(channel_bars, locale),
        "label_options": partial(label_options, locale),
        "size": partial(size, locale),
        "facility_options": partial(facility_options, locale),
    }


def _surroundings(request: web.Request, locale: str) -> dict[str, Any]:
    access = request.get(ACCESS)
    return {
        "access": access,
        "csrf": request.get(CSRF, ""),
        "home": HOME,
        "path": request.path,
        "sections": sections(access, request.path) if access else {},
        "asset_url": assets.url,
        "shared_url": shared_url,
        "done": request.query.get("done", ""),
        "done_words": done_words(locale, request.query.get("done", "")),
        "now": desk(request).now(),
    }


def label(locale: str, kind: str, value: str) -> str:
    """The word for one of a fixed set of values, such as a status."""
    try:
        return text(locale, f"console.{kind}.{value}")
    except KeyError:
        return value


def done_words(locale: str, what: str) -> str:
    """What was done, said at the top of the page after it."""
    try:
        return text(locale, f"console.done.{what}") if what else ""
    except (KeyError, ValueError, IndexError):
        return ""


def bars(locale: str, rows: Iterable[Any], kind: str = "") -> list[Bar]:
    """Rows with `label` and `n` as bars; `kind` where the labels are names of words."""
    return [Bar(label(locale, kind, row.label) if kind else row.label, row.n) for row in rows]


def channel_bars(locale: str, counts: Mapping[str, int]) -> list[Bar]:
    """Counts by channel as bars, the largest first."""
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    return [Bar(label(locale, "channel", channel), n) for channel, n in ordered]


def facility_options(locale: str, facilities: Iterable[Facility]) -> list[tuple[str, str]]:
    """Facilities to choose from, each with its place."""
    return [(one.code, f"{one.name} · {place(locale, one.place)}") for one in facilities]


def place(locale: str, code: str) -> str:
    """The name of an administrative unit; the code where there is none such."""
    if not code:
        return text(locale, "console.nowhere")
    try:
        return place_name(code, locale)
    except KeyError:
        return code


def local_day(locale: str, when: date | None) -> str:
    """A day; of a moment, the day it is then in Ulaanbaatar."""
    if isinstance(when, datetime):
        when = when.astimezone(MONGOLIA).date()
    return day(when, locale) if when else "–"


def moment(locale: str, when: datetime | None) -> str:
    """A date and time as the clocks in Ulaanbaatar show it."""
    if when is None:
        return "–"
    local = when.astimezone(MONGOLIA)
    form = "d MMM y, HH:mm" if locale == "en" else "y.MM.dd HH:mm"
    return format_datetime(local, form, locale=locale)


def label_options(locale: str, kind: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """A fixed set of values to choose from, each with its word."""
    return [(str(one), label(locale, kind, str(one))) for one in values]


def size(locale: str, count: int) -> str:
    """So many bytes, as people read them."""
    if count < 1 << 20:
        return f"{number(max(1, count >> 10), locale)} KB"
    return f"{count / (1 << 20):.1f} MB"


def local_stamp(when: datetime) -> str:
    """A moment in Ulaanbaatar as part of a file's name."""
    return when.astimezone(MONGOLIA).strftime("%Y%m%d-%H%M")


def said(request: web.Request, key: str, **values: Any) -> str:
    """Words in the page's language."""
    return text(locale_of(request), key, **values)


def seen(request: web.Request, path: str, done: str = "") -> web.HTTPSeeOther:
    """To raise after a form was dealt with: the page that shows what came of it."""
    mark = "&" if "?" in path else "?"
    return web.HTTPSeeOther(f"{HOME}{path}{mark}done={done}" if done else f"{HOME}{path}")
