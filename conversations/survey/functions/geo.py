"""OpenRosa's functions on places: area in square metres, distance in metres.

Spherical, on the earth's equatorial radius as JavaRosa and Enketo take it (6,378,100 m);
area by the spherical excess, distance by the law of cosines, both to the centimetre.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from conversations.survey.context import Context
from conversations.survey.grammar import register
from conversations.survey.values import node_text, to_string

EARTH_RADIUS = 6_378_100.0
"""Metres."""

Point = tuple[float, float]


def parse_points(values: Sequence[Any]) -> list[Point] | None:
    """Latitude and longitude in radians of each "lat lon [altitude [accuracy]]", or None."""
    texts: list[str] = []
    for value in values:
        if isinstance(value, list) and len(value) > 1:
            texts.extend(map(node_text, value))
        elif len(values) > 1:
            texts.append(to_string(value))
        else:
            texts.extend(to_string(value).strip().strip(";").split(";"))
    points = [_point(text) for text in texts]
    return None if None in points else [point for point in points if point is not None]


def _point(text: str) -> Point | None:
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        return None
    if not 2 <= len(numbers) <= 4 or not all(map(math.isfinite, numbers)):
        return None
    if abs(numbers[0]) > 90 or abs(numbers[1]) > 180 or (len(numbers) == 4 and numbers[3] < 0):
        return None
    return math.radians(numbers[0]), math.radians(numbers[1])


def _area(context: Context, *values: Any) -> float:
    points = parse_points(values)
    if points is None:
        return math.nan
    if len(points) < 3:
        return 0.0
    total = sum(
        (longitude2 - longitude1) * (2 + math.sin(latitude1) + math.sin(latitude2))
        for (latitude1, longitude1), (latitude2, longitude2) in zip(
            points, points[1:] + points[:1], strict=True
        )
    )
    return round(abs(total * EARTH_RADIUS**2 / 2), 2)


def _distance(context: Context, *values: Any) -> float:
    points = parse_points(values)
    if points is None:
        return math.nan
    return round(sum(between(*pair) for pair in pairwise(points)), 2)


def between(one: Point, other: Point) -> float:
    """Metres along the great circle between two points given in radians."""
    cosine = math.sin(one[0]) * math.sin(other[0]) + math.cos(one[0]) * math.cos(
        other[0]
    ) * math.cos(one[1] - other[1])
    return math.acos(min(1.0, max(-1.0, cosine))) * EARTH_RADIUS


register("area", 1, None, _area)
register("distance", 1, None, _distance)
