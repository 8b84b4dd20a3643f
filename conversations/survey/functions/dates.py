"""OpenRosa's functions on dates and times."""

from __future__ import annotations

import math
import re
from datetime import datetime, time
from typing import Any

from babel.core import UnknownLocaleError
from babel.dates import format_date

from conversations.survey.context import Context
from conversations.survey.grammar import register
from conversations.survey.values import ExpressionError, Moment, to_moment, to_number, to_string

_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(Z|[+-]\d\d(?::?\d\d)?)?")


def _date(context: Context, value: Any) -> Any:
    text = value if isinstance(value, str) else ""
    if isinstance(value, list):
        value = text = to_string(value)
    if isinstance(value, str) and not text.strip():
        return ""
    return to_moment(value, context.env.zone) or ""


def _today(context: Context) -> Moment:
    local = Moment.at(context.env.now, context.env.zone).local
    return Moment(datetime.combine(local.date(), time(0)), context.env.zone)


def _decimal_date_time(context: Context, value: Any) -> float:
    if isinstance(value, float):
        return value
    moment = to_moment(value, context.env.zone)
    return math.nan if moment is None else moment.days


def _decimal_time(context: Context, value: Any) -> float:
    match = _TIME.fullmatch(to_string(value).strip())
    if match is None:
        return math.nan
    hour, minute, second, offset = match.groups()
    if offset and offset[-3:-2] == ":" and int(offset[-2:]) > 59:
        return math.nan
    try:
        clock = time(int(hour), int(minute), int(second or 0))
    except ValueError:
        return math.nan
    day = _today(context).local.date().isoformat()
    moment = Moment.parse(f"{day}T{clock.isoformat()}{offset or ''}", context.env.zone)
    if moment is None:
        return math.nan
    local = moment.local
    return (local.second / 3600 + local.minute / 60 + local.hour) / 24


def _format(context: Context, value: Any, pattern: Any) -> str:
    moment = to_moment(value, context.env.zone)
    if moment is None:
        return ""
    local, written, letters = moment.local, [], iter(to_string(pattern))
    for letter in letters:
        written.append(_part(context, local, next(letters, "")) if letter == "%" else letter)
    return "".join(written)


def _part(context: Context, local: datetime, letter: str) -> str:
    numbers = {
        "%": "%", "Y": f"{local.year:04}", "y": f"{local.year % 100:02}",
        "m": f"{local.month:02}", "n": str(local.month), "d": f"{local.day:02}",
        "e": str(local.day), "H": f"{local.hour:02}", "h": str(local.hour),
        "M": f"{local.minute:02}", "S": f"{local.second:02}",
        "3": f"{local.microsecond // 1000:03}", "W": str(local.isocalendar().week),
    }  # fmt: skip
    if letter in numbers:
        return numbers[letter]
    if letter in ("a", "b"):
        return _named(local, "EEE" if letter == "a" else "MMM", context.env.locale)
    raise ExpressionError(f"%{letter} means nothing in a date format")


def _named(local: datetime, pattern: str, locale: str) -> str:
    try:
        return format_date(local.date(), pattern, locale=locale)
    except (UnknownLocaleError, ValueError):
        return format_date(local.date(), pattern, locale="en")


def _days(context: Context, value: Any) -> float:
    return to_number(value, context.env.zone)


register("today", 0, 0, _today)
register("now", 0, 0, lambda context: Moment.at(context.env.now, context.env.zone))
register("date", 1, 1, _date)
register("date-time", 1, 1, _date)
register("decimal-date-time", 1, 1, _decimal_date_time)
register("decimal-time", 1, 1, _decimal_time)
register("format-date", 2, 2, _format)
register("format-date-time", 2, 2, _format)
