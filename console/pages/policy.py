"""The policy view: by sector, aimag and indicator, for ministries and the Cabinet Secretariat."""

from __future__ import annotations

from aiohttp import web

from campaigns.commitments import STATUSES
from console import policy
from console.access import Right, needs
from console.charts import Bar
from console.counting import published_lines
from console.desk import desk
from console.places import groups
from console.progress import Row
from console.rendering import locale_of, page, place

routes = web.RouteTableDef()

SECTORS = ("education", "health")
KEPT = ("done",)


@routes.get("/policy")
@needs(Right.SEE)
async def view(request: web.Request) -> web.Response:
    """Where services score lowest, for whom, what was promised and what was kept."""
    here, locale = desk(request), locale_of(request)
    sector, aimag = request.query.get("sector", ""), request.query.get("aimag", "")
    found = await published_lines(here)
    rounds = policy.narrowed(found["lines"], sector, aimag)
    lines = policy.latest(rounds)
    means = [mean for line in lines if (mean := policy.mean_of(line)) is not None]
    promised = policy.narrowed(found["promises"], sector, aimag)
    halves = policy.by_half_year(rounds)
    aimags = policy.by_aimag(lines)
    indicators = policy.by_indicator(lines, locale)
    return page(
        request,
        "policy.html",
        sectors=SECTORS,
        aimags=[(group.code, group.name) for group in groups(locale)],
        chosen={"sector": sector, "aimag": aimag},
        counts={"facilities": len(lines), "mean": sum(means) / len(means) if means else None},
        promises={
            "total": sum(one["n"] for one in promised),
            "done": sum(one["n"] for one in promised if one["status"] in KEPT),
        },
        indicators=indicators,
        indicator_bars=policy.bars(indicators, "label"),
        by_aimag=aimags,
        aimag_bars=[Bar(place(locale, one["aimag"]), one["mean"]) for one in aimags],
        groups=policy.by_group(lines, locale),
        halves=halves,
        half_points=[(one["when"], one["mean"]) for one in halves],
        lowest=policy.lowest(lines),
        statuses=[
            Row(status, n)
            for status in STATUSES
            if (n := sum(one["n"] for one in promised if one["status"] == status))
        ],
        kept=policy.kept(promised, "aimag"),
    )
