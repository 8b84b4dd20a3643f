"""What the command line's options for a campaign mean; ValueError says what would be right."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from campaigns.campaign import Quota
from locales import LOCALES
from storage.addresses import pseudonym

ULAANBAATAR = timezone(timedelta(hours=8))


def moment(words: str) -> datetime:
    """A moment in Ulaanbaatar's time."""
    try:
        return datetime.fromisoformat(words).replace(tzinfo=ULAANBAATAR).astimezone(UTC)
    except ValueError:
        raise ValueError(f"{words!r} is no moment; write it as 2026-12-01T09:00") from None


def read_people(file: Path, key: bytes) -> tuple[str, ...]:
    """Citizens' ids from a CSV with the columns channel and address, or citizen."""
    found: list[str] = []
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for number, row in enumerate(csv.DictReader(rows), 2):
            if row.get("citizen"):
                found.append(row["citizen"].strip())
            elif row.get("channel") and row.get("address"):
                found.append(pseudonym(key, row["channel"].strip(), row["address"].strip()))
            else:
                raise ValueError(
                    f"{file.name}, row {number}: needs channel and address, or citizen"
                )
    return tuple(found)


def read_words(options: Iterable[str]) -> dict[str, str]:
    """The invitation's own words by language, from `mn=…` or `mn=@FILE`."""
    found: dict[str, str] = {}
    for option in options:
        locale, equals, words = option.partition("=")
        if not equals or locale not in LOCALES:
            raise ValueError(
                f"--words {option!r}: begin with the language, one of {', '.join(LOCALES)}: mn='…'"
            )
        if locale in found:
            raise ValueError(f"--words: {locale} is given twice")
        if words.startswith("@"):
            words = Path(words[1:]).read_text(encoding="utf-8-sig")
        if not words.strip():
            raise ValueError(f"--words {locale}: there are none")
        found[locale] = words.strip()
    return found


def read_quotas(options: Iterable[str], places: Sequence[str]) -> tuple[Quota, ...]:
    """Quotas from `total=400`, `place:6501=50`, `facility:HC-6501=30`, and `place=50` for each
    of `places`.
    """
    found: dict[str, Quota] = {}
    for option in options:
        name, _, number = option.rpartition("=")
        by, _, key = name.partition(":")
        right = {"total": not key, "place": True, "facility": bool(key)}
        if not number.isdecimal() or not right.get(by, False):
            raise ValueError(
                f"--quota {option!r}: write total=400, place=50, place:6501=50 "
                "or facility:HC-6501=30"
            )
        if by == "place" and not key and not places:
            raise ValueError(f"--quota {option!r} is for each --place, and none is given")
        keys = places if by == "place" and not key else (key,)
        for quota in (Quota(by, each, int(number)) for each in keys):
            if quota.name in found:
                raise ValueError(f"--quota: {quota.name.rstrip(':')} is given twice")
            found[quota.name] = quota
    return tuple(found.values())
