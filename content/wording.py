"""Amounts, dates and place names as people say them, in Mongolian and English.

Babel's data, except that ₮ stands behind the number and has no decimals, as it is written in
Mongolia (CLDR puts it in front with two).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from nlu.gazetteer import gazetteer

TUGRUG = "#,##0 ¤"
EXACT_BELOW = 1_000_000
"""Amounts below this many ₮ are said exactly: they are short enough."""
MONGOLIA = ZoneInfo("Asia/Ulaanbaatar")


def _language(locale: str) -> str:
    """Kazakh has no MNT sign in Babel, so Kazakh readers get Mongolian figures."""
    return "en" if locale == "en" else "mn"


def money(amount: int | Decimal, locale: str = "mn") -> str:
    """The exact amount in ₮: 1,234,567 ₮."""
    # Babel's English has no sign for MNT, so the Mongolian sign serves both.
    return format_currency(
        amount, "MNT", format=TUGRUG, locale="mn", currency_digits=False
    ).replace("\xa0", " ")


def money_about(amount: int, locale: str = "mn") -> str:
    """The amount as people say it: 1.2 тэрбум ₮, 350 сая ₮; small amounts exactly."""
    if abs(amount) < EXACT_BELOW:
        return money(amount, locale)
    digits = 1 if abs(amount) < 100_000_000 or abs(amount) >= 1_000_000_000 else 0
    said = format_compact_decimal(
        amount, format_type="long", locale=_language(locale), fraction_digits=digits
    )
    return f"{said} ₮"


def money_unit(highest: int, locale: str = "mn") -> str:
    """The unit for figures up to `highest` that share one: тэрбум ₮, сая ₮ or ₮."""
    scale = _scale(highest)
    return money_about(scale, locale).partition(" ")[2] if scale > 1 else "₮"


def money_in(amount: int, highest: int) -> str:
    """The amount in the unit of `highest`, without naming it: 1.2."""
    share = amount / _scale(highest)
    if share == round(share) or abs(share) >= 100:
        return f"{share:,.0f}"
    return f"{share:.1f}" if abs(share) >= 0.1 else f"{share:.2f}"


def _scale(highest: int) -> int:
    return next((unit for unit in (10**9, 10**6) if abs(highest) >= unit), 1)


def number(value: int | Decimal, locale: str = "mn") -> str:
    """A count with thousands separators: 35,077."""
    return format_decimal(value, locale=_language(locale))


def percent(share: float, locale: str = "mn") -> str:
    """A share (1.0 is all of it) in whole percent: 97%."""
    return format_percent(share, format="#,##0%", locale=_language(locale))


def day(when: date, locale: str = "mn") -> str:
    """A date in figures: 2026.11.24 in Mongolian, 24 November 2026 in English."""
    if _language(locale) == "en":
        return format_date(when, "d MMMM y", locale="en")
    return format_date(when, "y.MM.dd", locale="mn")


def long_day(when: date, locale: str = "mn") -> str:
    """A date as letters carry it: 2026 оны арван нэгдүгээр сарын 24."""
    return format_date(when, "long", locale=_language(locale)).replace("\u202f", " ")


def today(now: datetime) -> date:
    """The calendar day in Ulaanbaatar at `now`."""
    return now.astimezone(MONGOLIA).date()


def place_name(code: str, locale: str = "mn", case: str = "nom") -> str:
    """The unit's name with its unit word; in Mongolian declined at the unit word.

    `case` is nom, gen, dat, abl, acc, ins or com. A bag or khoroo is named with its soum or
    district. Raises KeyError for an unknown code.
    """
    place = gazetteer().place(code)
    if _language(locale) == "en":
        return _english(code)
    if place.type == "capital":
        return gazetteer().decline(code, case)
    if place.level == 3:
        above = gazetteer().place(place.parent_code)
        return f"{above.name_mn} {_unit(above.type, 'gen')} {gazetteer().decline(code, case)}"
    return f"{place.name_mn} {_unit(place.type, case)}"


UNITS = {"aimag": "аймаг", "soum": "сум", "district": "дүүрэг", "capital": "хот"}


def _unit(kind: str, case: str) -> str:
    from nlu.declension import decline

    return decline(UNITS[kind], case)


def _english(code: str) -> str:
    place = gazetteer().place(code)
    if place.level == 3:
        number_part = place.name_mn.split("-")[0].split(",")[0]
        return f"{place.type} {number_part} of {_english(place.parent_code)}"
    return place.name_latin if place.type == "capital" else f"{place.name_latin} {place.type}"


def day_in(iso: str, locale: str = "mn") -> str:
    """`day` of an ISO date as stored; what is no date is returned as it is."""
    try:
        return day(date.fromisoformat(iso), locale)
    except ValueError:
        return iso
